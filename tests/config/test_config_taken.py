"""What a search takes from an earlier run and from a file: read once, translated, and recorded."""

from pathlib import Path
from typing import Any

import pytest

from hpsearch.config import Config, differences, dump, load_text
from hpsearch.config.completed import completed
from hpsearch.config.from_csv import known_results
from hpsearch.config.from_run import translated
from hpsearch.errors import ConfigError, UsageError

HEAD = "trainable: train.py:f\nmetric: {name: loss, goal: maximize}\n"
SPACE = """parameters:
  alpha: {min: 1e-4, max: 1, scale: log}
  units: {min: 16, max: 64, type: int, step: 16}
  arch: {values: {small: [64, 64], none: null}}
  on: {values: [true, false]}
  depth: {min: 1, max: 9, type: int, when: {arch: small}}
  opt: adam
constraints: ["alpha * units <= 32"]
"""


def load(text: str, folder: Path = Path("/nowhere")) -> Any:
    return load_text(HEAD + text, str(folder / "f.yaml"), folder, "f")


@pytest.mark.parametrize(
    ("was", "point", "changes"),
    [
        ({"alpha": 0.1, "units": 32}, {"alpha": 0.1, "units": 32}, []),
        (
            {"alpha": 10.0, "units": 39, "arch": None},
            {"alpha": 1.0, "units": 32, "arch": "none"},
            ["alpha 10 is outside, and becomes 1", "units 39 is outside, and becomes 32"],
        ),
        (
            {"alpha": "fast", "arch": [64, 64], "units": 1000},
            {"arch": "small", "units": 64},
            ["alpha fast is no value here, and is drawn", "units 1000 is outside, and becomes 64"],
        ),
        (
            {"arch": [1], "opt": "sgd", "on": False, "gone": 3},
            {"on": False},
            [
                "arch [1] is no value here, and is drawn",
                "opt was sgd, and is not searched here",
            ],
        ),
        ({"opt": "adam", "depth": 4}, {"depth": 4}, []),
    ],
)
def test_a_point_of_another_space_is_translated(
    was: dict[str, Any], point: dict[str, Any], changes: list[str]
) -> None:
    found, told = translated(was, load(SPACE).config)
    assert found == point
    assert sorted(told) == sorted(changes)


def known(tmp_path: Path, text: str, config: Config | None = None) -> Any:
    file = tmp_path / "known.csv"
    file.write_text(text)
    return known_results(config or load(SPACE).config, file)


def test_rows_are_read_by_the_names_of_their_columns(tmp_path: Path) -> None:
    points, values, told = known(
        tmp_path,
        "\ufeffother;loss;arch;units;alpha;on;depth;opt\n"
        "x;0.5;small;16;0.1;true;3;adam\n"
        "x;1e-1;[64, 64];32;1e-2;False;9;\n"
        "\n"
        "x;;null;48;0.1;true;;adam\n",
    )
    assert points == [
        {"alpha": 0.1, "units": 16, "arch": "small", "on": True, "depth": 3},
        {"alpha": 0.01, "units": 32, "arch": "small", "on": False, "depth": 9},
        {"alpha": 0.1, "units": 48, "arch": "none", "on": True},
    ]
    assert values == [{"loss": 0.5}, {"loss": 0.1}, None]
    assert told == []


def test_rows_that_are_no_points_are_left_out_and_named(tmp_path: Path) -> None:
    points, values, told = known(
        tmp_path,
        "alpha,units,arch,on,depth,value,state\n"
        "2,16,none,true,,1,done\n"
        "0.1,17,none,true,,1,done\n"
        "0.1,16,small,true,,1,done\n"
        "0.1,16,none,true,,one,done\n"
        "1,64,none,true,,1,done\n"
        "0.1,16,none,true,,1,stopped\n"
        "0.1,16,none,true,,1,failed\n",
    )
    assert len(points) == 1
    assert values == [None]
    assert told == [
        "6 rows left out: line 2: alpha must be between 1e-4 and 1; it is 2; line 3: units goes "
        "from 16 in steps of 16; it is 17; line 4: depth has no value; and 3 more"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alpha,units,on,arch\n", "known.csv:1: has no column loss, nor value"),
        ("alpha,units,arch,loss\n", "known.csv:1: has no column on, which is searched"),
        ("", "known.csv:1: has no column loss"),
        ("alpha,units,on,arch,loss\n", "no row can be used"),
        ("alpha,units,on,arch,loss\n3,16,true,none,1\n", "no row can be used: line 2: alpha must"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        known(tmp_path, text)
    assert message in error.value.message


def test_what_was_read_is_recorded_and_read_back(tmp_path: Path) -> None:
    rows = "alpha,units,on,arch,depth,loss\n0.1,16,true,small,3,0.5\n0.1,16,false,none,,\n"
    (tmp_path / "known.csv").write_text(rows)
    loaded = load(f"{SPACE}search: {{trials: known.csv}}\n", tmp_path)
    assert loaded.config.search.trials.points is None
    assert "  trials: known.csv\n" in dump(loaded.config)
    config = completed(loaded, tmp_path)[0].config
    again = load_text(dump(config), "g.yaml", Path("/elsewhere"), "f").config
    assert again.search.trials == config.search.trials
    assert again.search.trials.values == ({"loss": 0.5}, None)
    assert differences(config, again) == []
    (tmp_path / "known.csv").write_text(rows.replace("0.5", "0.6"))
    changed = completed(loaded, tmp_path, before=config)[0].config
    (difference,) = differences(config, changed)
    assert difference.startswith("search.trials.results")
    assert len(difference) < 120
    (tmp_path / "known.csv").unlink()
    assert completed(loaded, tmp_path, before=config)[0].config == config
    with pytest.raises(ConfigError, match=r"f\.yaml:11:18: search\.trials: .*cannot be read"):
        completed(loaded, tmp_path)


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("trials: 60", "search.trials: must be a path, not 60; for example trials: known.csv; how"),
        (
            "start_from: [a]",
            "search.start_from: must be a path, not a list; for example start_from",
        ),
        ("start_from: ", "search.start_from: must be a path, not nothing"),
        ("trials: {from: a, points: 3}", "search.trials: is not as hpsearch writes it"),
        ("trials: {from: a, results: '[1]'}", "search.trials: is not as hpsearch"),
        (
            "start_from: {from: a, points: [{alpha: 3}]}",
            "search.start_from.points[0].alpha: alpha must be between",
        ),
    ],
)
def test_what_is_no_place_is_refused_with_its_line(search: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(f"{SPACE}search: {{{search}}}\n")
    assert error.value.message.startswith("/nowhere/f.yaml:11:")
    assert message in error.value.message


def test_a_run_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    loaded = load(f"{SPACE}search: {{start_from: runs/earlier}}\n", tmp_path)
    with pytest.raises(ConfigError, match=r"f\.yaml:11:22: search\.start_from: there are no runs"):
        completed(loaded, tmp_path / "runs")


def test_every_goal_and_limit_has_a_column(tmp_path: Path) -> None:
    text = SPACE + "metric: [{name: loss, goal: minimize}, {name: size, max: 5}]\n"
    config = load_text("trainable: t.py:f\n" + text, "f.yaml", tmp_path, "f").config
    _, values, told = known(
        tmp_path,
        "alpha,units,arch,on,value,size\n0.1,16,none,true,0.5,3\n0.1,32,none,true,0.5,\n",
        config,
    )
    assert values == [{"loss": 0.5, "size": 3.0}]
    assert told == ["1 row left out: line 3: size '' is no number"]
    with pytest.raises(UsageError, match=r"known\.csv:1: has no column size with what"):
        known(tmp_path, "alpha,units,arch,on,loss\n", config)
