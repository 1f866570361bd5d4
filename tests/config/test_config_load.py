"""Loading a config: what short forms and defaults become, files, folders, and the space."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from hpsearch.config import (
    Config,
    MetricConfig,
    Option,
    RunConfig,
    SearchConfig,
    TrainableConfig,
    differences,
    dump,
    load_config,
    load_text,
)
from hpsearch.data.spec import DataSpec
from hpsearch.errors import ConfigError
from hpsearch.records import Goal, Metric
from hpsearch.space import LOG, ONE_MINUS, Choice, Condition, Constant, Number

FOLDER = Path("/project")


def read(text: str, *overrides: str) -> Config:
    return load_text(text, "f.yaml", FOLDER, "f", overrides).config


def test_the_shortest_config_of_the_network() -> None:
    config = read("data: digits\nparameters: {alpha: {min: 1e-4, max: 1, scale: log}}")
    assert config.name == "f"
    assert config.seed == 0
    assert config.data == DataSpec(path="digits", task="classification")
    assert config.trainable == TrainableConfig(kind="network", reference="")
    assert config.epochs == 30
    assert config.metric_record() == Metric("dev_error", Goal.MINIMIZE, "best")
    assert config.search == SearchConfig(max_trials=60, lookahead=8)
    assert config.run == RunConfig(workers=None, threads=1)


def test_the_shortest_config_of_an_objective() -> None:
    config = read("trainable: lib/q.py:J\nparameters: {w: {min: -10, max: 10}}")
    assert config.data is None
    assert config.trainable == TrainableConfig(kind="object", reference="/project/lib/q.py:J")
    assert config.epochs == 1
    assert config.metric == MetricConfig(name="value", goal="minimize", pick="best")


@pytest.mark.parametrize(
    ("written", "kind", "reference", "folder"),
    [
        ("../q.py:a.b", "object", "/q.py:a.b", ""),
        ("~nobody-here/q.py:J", "object", "/project/~nobody-here/q.py:J", ""),
        ("/abs/q.py:J", "object", "/abs/q.py:J", ""),
        ("package.module:Class", "object", "package.module:Class", "/project"),
        ("{object: 'a.b:C', folder: src}", "object", "a.b:C", "/project/src"),
        ("{command: 'train {w} {seed}'}", "command", "train {w} {seed}", "/project"),
        ("{command: train, folder: ..}", "command", "train", "/"),
    ],
)
def test_trainables(written: str, kind: str, reference: str, folder: str) -> None:
    config = read(f"trainable: {written}\nparameters: {{w: 1}}")
    trainable = config.trainable
    assert (trainable.kind, trainable.reference, trainable.folder) == (kind, reference, folder)


def test_a_command_recorded_before_there_were_folders_has_none() -> None:
    text = "trainable: {command: train}\nparameters: {w: 1}"
    loaded = load_text(text, "/runs/x/resolved.yaml", Path("/runs/x"), "x")
    assert loaded.config.trainable.folder == ""


def test_where_a_command_runs_makes_no_other_run() -> None:
    here, there = (
        read(f"trainable: {{command: train, folder: {folder}}}\nparameters: {{w: 1}}")
        for folder in ("a", "b")
    )
    assert here != there
    assert differences(here, there) == []
    assert read(dump(here)) == here


def test_files_are_relative_to_the_config() -> None:
    config = read(
        "data: {path: a.csv, dev: d/b.csv, test: /c.csv, ignore: [id, 3]}\nparameters: {l2: 0}"
    )
    assert config.data == DataSpec(
        path="/project/a.csv",
        task="classification",
        dev="/project/d/b.csv",
        test="/c.csv",
        ignore=("id", 3),
    )


def test_a_built_in_data_set_can_have_settings() -> None:
    config = read("data: {path: digits, dev: 0.3}\nparameters: {l2: 0}")
    assert config.data == DataSpec(path="digits", task="classification", dev=0.3)


@pytest.mark.parametrize(
    ("name", "goal"), [("dev_accuracy", "maximize"), ("dev_macro_f1", "maximize")]
)
def test_the_goal_follows_from_the_networks_metric(name: str, goal: str) -> None:
    for written in (name, f"{{name: {name}}}", f"{{name: {name}, goal: {goal}}}"):
        config = read(f"data: digits\nmetric: {written}\nparameters: {{l2: 0}}")
        assert (config.metric.name, config.metric.goal) == (name, goal)


def test_the_space_has_every_kind_and_parents_first() -> None:
    space = read("""
trainable: q.py:J
parameters:
  late: {min: 0.9, max: 0.999, scale: 1-beta, when: {kind: [a, b], fixed: 3}}
  alpha: {min: 1e-4, max: 1, scale: log, tier: 1}
  kind: {values: [a, b, c], when: {units: 16}}
  units: {min: 8, max: 64.0, type: int, step: 8, tier: 2}
  share: {min: 0, max: 1, step: 0.25}
  fixed: 3
  also: {value: x, when: {kind: c}}
""").space()
    assert space.parameters == (
        Number("alpha", tier=1, low=1e-4, high=1.0, scale=LOG),
        Number("units", tier=2, low=8.0, high=64.0, step=8.0, integer=True),
        Choice("kind", (Condition("units", (16,)),), values=("a", "b", "c")),
        Number("share", low=0.0, high=1.0, step=0.25),
        Constant("fixed", value=3),
        Number(
            "late",
            (Condition("kind", ("a", "b")), Condition("fixed", (3,))),
            low=0.9,
            high=0.999,
            scale=ONE_MINUS,
        ),
        Constant("also", (Condition("kind", ("c",)),), value="x"),
    )


@pytest.mark.parametrize(
    ("text", "trials"),
    [
        ("parameters: {w: 1, v: a}", 1),
        ("parameters: {w: 1}\nsearch: {max_trials: 5}", 5),
        ("parameters: {w: {min: 0, max: 1}}", 60),
        # 3 points of w, 2 values of v, 4 whole numbers: 24 points.
        (
            "parameters: {w: {min: 0, max: 1, count: 3}, v: {values: [a, b]}, "
            "n: {min: 1, max: 4, type: int}}\nsearch: {strategy: grid}",
            24,
        ),
        # Ten points of three whole numbers are three.
        (
            "parameters: {n: {min: 1, max: 3, type: int, count: 10}}\nsearch: {strategy: grid}",
            3,
        ),
    ],
)
def test_the_number_of_trials_follows_from_the_space(text: str, trials: int) -> None:
    assert read(f"trainable: q.py:J\n{text}").search.max_trials == trials


def test_counts_of_a_grid() -> None:
    config = read("trainable: q.py:J\nparameters: {w: {min: 0, max: 1, count: 3}, v: 2}")
    assert config.counts() == {"w": 3}


def test_options_lie_over_the_file_and_the_last_one_wins() -> None:
    config = read(
        "data: digits\nparameters: {alpha: {min: 1e-4, max: 1, scale: log}}",
        "search.max_trials=7",
        "parameters.alpha.max=1e-2",
        "parameters.layers={values: [1, 2]}",
        "parameters.activation=tanh",
        "seed=1",
        "seed=2",
        "data={path: /x.csv, target: a=b}",
    )
    assert config.search.max_trials == 7
    assert config.parameters["alpha"].max == 1e-2
    assert config.parameters["layers"].values == (1, 2)
    assert config.parameters["activation"].value == "tanh"
    assert config.seed == 2
    assert config.data == DataSpec(path="/x.csv", target="a=b", task="classification")


def test_the_config_cannot_be_changed() -> None:
    config = read("data: digits\nparameters: {alpha: 0.1}")
    with pytest.raises(FrozenInstanceError):
        config.seed = 3  # type: ignore[misc]  # that it cannot be set is what is tested


def test_a_file_keeps_its_text_and_gives_its_name(tmp_path: Path) -> None:
    text = "# mine\ndata: digits\r\nparameters: {alpha: 0.1}\n"
    (tmp_path / "my.run.yaml").write_bytes(text.encode())
    loaded = load_config(tmp_path / "my.run.yaml", ["seed=5"])
    assert loaded.text == text
    assert loaded.config.name == "my.run"
    assert loaded.config.seed == 5


def test_a_relative_config_gives_absolute_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.yaml").write_text("data: {path: ../x.csv}\nparameters: {alpha: 0.1}")
    data = load_config("sub/c.yaml").config.data
    assert data is not None
    assert data.path == str(tmp_path / "x.csv")


def test_a_file_name_that_no_run_can_have(tmp_path: Path) -> None:
    file = tmp_path / "my run.yaml"
    file.write_text("data: digits\nparameters: {alpha: 0.1}")
    with pytest.raises(
        ConfigError, match=r"yaml: the file's name 'my run' .* write name: my-run in it$"
    ):
        load_config(file)
    assert load_config(file, ["name=other"]).config.name == "other"
    assert load_config(file, [Option("--name", ("name",), "010")]).config.name == "010"


@pytest.mark.parametrize("asked", ["digit.yaml", "digits.yml", "digits", "DIGITS.YAML"])
def test_a_missing_file_has_a_near_one(tmp_path: Path, asked: str) -> None:
    (tmp_path / "digits.yaml").touch()
    (tmp_path / "digits.csv").touch()
    with pytest.raises(
        ConfigError, match=r"there is no such file; did you mean .*/digits\.yaml\?$"
    ):
        load_config(tmp_path / asked)


def test_a_missing_file_may_be_in_configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "digits.yaml").touch()
    with pytest.raises(ConfigError, match=r"did you mean configs/digits\.yaml\?$"):
        load_config("digits.yaml")


def test_files_named_in_options_are_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = read("data: {path: a.csv, dev: b.csv}\nparameters: {l2: 0}", "data.path=a.csv").data
    assert data is not None
    assert (data.path, data.dev) == (str(tmp_path / "a.csv"), "/project/b.csv")
    config = read("parameters: {w: 1}", "trainable=../q.py:J")
    assert config.trainable.reference == f"{tmp_path.parent}/q.py:J"


def test_what_is_no_readable_file(tmp_path: Path) -> None:
    for path, line in (
        (tmp_path / "none.yaml", "there is no such file; `hpsearch init` writes one"),
        (tmp_path, "is a folder; name a config file"),
        (__file__ + "/b.yaml", r"cannot be read \(Not a directory\)"),
        ("a\0b", r"cannot be read \(embedded null byte\)"),
    ):
        with pytest.raises(ConfigError, match=line):
            load_config(path)
    (tmp_path / "a.yaml").touch()
    with pytest.raises(ConfigError, match=r"is a folder; name a config in it, such as .*/a\.yaml$"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("prepare {w} ; train {w}", ";"),
        ("prepare {w}; train {w}", "{w};"),
        ("train {w} | tail -1", "|"),
        ("train {w} > out.txt", ">"),
        ("train {w} 2>&1", "2>&1"),
        ("train {w} &", "&"),
        ("train {w} && test", "&&"),
        ("train --out $HOME/a {w}", "$HOME/a"),
        ("train --out ~/a {w}", "~/a"),
        ("train --price 5$ {w}", None),
        ("train '$HOME' {w}", None),
        ("awk -F '|' {w} \";\" \\; a>b", None),
        ("sh -c 'train {w} | tail -1'", None),
    ],
)
def test_a_word_that_only_a_shell_understands_is_told(command: str, word: str | None) -> None:
    text = f"trainable:\n  command: >-\n    {command}\nparameters: {{w: {{min: 0, max: 1}}}}\n"
    warnings = load_text(text, "f.yaml", FOLDER, "f").warnings
    said = [f"so {word} is given to the program" in warning for warning in warnings]
    assert said == ([] if word is None else [True])


def test_a_setting_of_the_environment_before_a_program_is_told() -> None:
    text = "trainable: {command: 'GPU=0 train {w}'}\nparameters: {w: {min: 0, max: 1}}\n"
    [warning] = load_text(text, "f.yaml", FOLDER, "f").warnings
    assert "GPU=0 is taken for the program; write env GPU=0 train {w}" in warning


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("loguniform(0.001, 0.1)", "write {min: …, max: …, scale: log}"),
        ("tune.log_uniform(1e-4, 1)", "write {min: …, max: …, scale: log}"),
        ("hp.choice('x', [1, 2])", "write {values: […]}"),
        ("range(1, 5)", "write {min: …, max: …, type: int}"),
        ("interval(0, 1)", "write {min: …, max: …}"),
        ("resnet(50)", None),
        ("choice", None),
    ],
)
def test_a_draw_of_another_tool_is_told_to_be_fixed(value: str, advice: str | None) -> None:
    text = (
        f"trainable: {{command: 'train {{w}} {{a}}'}}\nparameters:\n  a: {value}\n"
        "  w: {min: 0, max: 1}\n"
    )
    warnings = load_text(text, "f.yaml", FOLDER, "f").warnings
    assert [w.partition("to search it, ")[2] for w in warnings] == ([advice] if advice else [])
