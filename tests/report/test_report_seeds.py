"""Runs that differ in seed alone: groups, their means, and whether they differ."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_runs import METRIC, result

from hpsearch.config import Config, load_text
from hpsearch.records import Goal, Metric
from hpsearch.report.analysis.rows import RunView, Summary
from hpsearch.report.analysis.seeds import Seeds, seeds_of
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.sections.seeds import seeds_sentences
from hpsearch.space import Number, Space
from tests.shell import Shell

SPACE = Space((Number("w", low=0, high=10),))
CONFIG = """
name: one
trainable: o.py:f
metric: METRIC
parameters: {w: {min: 0, max: 10}}
search: {strategy: random, max_trials: 2}
"""


def run(name: str, best: list[float], metric: Metric = METRIC) -> Summary:
    results = [result(i, value, {"w": 1.0}, SPACE) for i, value in enumerate(best)]
    return summarise(RunView(name, SPACE, metric, results))


def config(seed: int, strategy: str = "random") -> Config:
    text = CONFIG.replace("random", strategy)
    loaded = load_text(text, "config.yaml", Path("/nowhere"), "config").config
    return replace(loaded, seed=seed, name=f"{strategy}-{seed}")


def grouped(values: dict[tuple[str, int], list[float]], metric: Metric = METRIC) -> Seeds | None:
    keys = list(values)
    summaries = [run(f"{k}-{seed}", values[k, seed], metric) for k, seed in keys]
    return seeds_of(summaries, [config(seed, k) for k, seed in keys])


def test_groups_are_paired_by_the_seeds_that_they_share() -> None:
    found = grouped(
        {
            ("random", 1): [0.50, 0.40],
            ("sobol", 1): [0.30],
            ("random", 2): [0.60],
            ("sobol", 2): [0.42],
            ("random", 3): [0.70],
            ("sobol", 3): [0.50],
        }
    )
    assert found is not None
    random, sobol = found.groups
    # After one trial, which all of them have: 0.5, 0.6, 0.7 beside 0.3, 0.42, 0.5.
    assert found.trials == 1
    assert random.names == ("random-1", "random-2", "random-3")
    assert random.values == (0.5, 0.6, 0.7)
    assert random.mean == pytest.approx(0.6)
    # s = 0.1, n = 3, t = 4.303: 0.6 ± 0.2484
    assert random.interval == pytest.approx((0.3516, 0.8484), abs=1e-4)
    assert sobol.differs == ("search.strategy: random -> sobol",)
    [difference] = found.differences
    # Gains 0.20, 0.18, 0.20: mean 0.19333, s = 0.011547, error 0.0066667, ± 4.3027 times that.
    assert difference.pairs == 3
    assert difference.mean == pytest.approx(0.193333, abs=1e-6)
    assert difference.interval == pytest.approx((0.164649, 0.222018), abs=1e-6)
    # t = 29 with two degrees of freedom: p = 1 - t / sqrt(2 + t^2) = 0.001187
    assert difference.p == pytest.approx(1 - 29 / (2 + 29**2) ** 0.5, rel=1e-9)
    assert difference.is_clear
    [text, _] = seeds_sentences(found, "loss")
    assert text.startswith(
        "(sobol-1 and 2 more) is better than (random-1 and 2 more) in loss by 0.19"
    )


def test_groups_of_other_seeds_are_asked_by_welch() -> None:
    found = grouped(
        {
            ("random", 1): [1.0],
            ("random", 2): [2.0],
            ("random", 3): [3.0],
            ("sobol", 4): [1.5],
            ("sobol", 5): [2.5],
        }
    )
    assert found is not None
    [difference] = found.differences
    assert difference.pairs == 0
    assert difference.mean == 0
    assert difference.p == 1
    assert not difference.is_clear
    # Errors squared 1 / 3 and 1 / 4; freedom (7 / 12)^2 / ((1 / 3)^2 / 2 + (1 / 4)^2 / 1) = 2.88.
    # t(0.975) lies between 3.182 (3 degrees) and 4.303 (2): so times sqrt(7 / 12) = 0.7638.
    assert 3.182 * 0.7638 < difference.interval[1] < 4.303 * 0.7638
    assert "cannot be told apart" in seeds_sentences(found, "loss")[0]


def test_better_is_better_whatever_the_goal() -> None:
    values = {
        ("random", 1): [0.5],
        ("random", 2): [0.6],
        ("sobol", 1): [0.8],
        ("sobol", 2): [0.91],
    }
    up = grouped(values, Metric("score", Goal.MAXIMIZE))
    down = grouped(values)
    assert up is not None
    assert down is not None
    assert up.differences[0].mean == pytest.approx(0.305)
    assert down.differences[0].mean == pytest.approx(-0.305)


def test_no_group_no_word_and_a_run_counts_once() -> None:
    assert grouped({("random", 1): [0.5], ("sobol", 2): [0.6]}) is None
    same = [run("a", [0.5]), run("a", [0.5])]
    assert seeds_of(same, [config(1), config(1)]) is None


def test_a_single_run_of_another_kind_is_told_to_be_alone() -> None:
    found = grouped({("random", 1): [0.5], ("random", 2): [0.7], ("sobol", 3): [0.6]})
    assert found is not None
    assert found.differences == ()
    assert "1 group with a single seed cannot be compared" in seeds_sentences(found, "loss")[0]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.integers(1, 3))
def test_a_shift_of_all_runs_moves_no_difference(values: list[float], shift: int) -> None:
    def asked(extra: float) -> Seeds | None:
        return grouped(
            {("random", s): [v + extra] for s, v in enumerate(values)}
            | {("sobol", s): [v * v + extra] for s, v in enumerate(values)}
        )

    one, two = asked(0), asked(shift)
    assert one is not None
    assert two is not None
    assert one.differences[0].mean == pytest.approx(two.differences[0].mean, abs=1e-9)


def test_compare_says_whether_two_strategies_differ(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("o.py", "def f(w):\n    return (w - 3) ** 2\n")
    shell.write("c.yaml", CONFIG.replace("METRIC", "loss").replace("2}", "12}"))
    names = []
    for seed in (1, 2, 3):
        for strategy in ("random", "boxes"):
            name = f"{strategy}-{seed}"
            names.append(name)
            sets = ("--set", f"seed={seed}", "--set", f"search.strategy={strategy}")
            done = shell("run", "c.yaml", "-q", "-w", "1", "--name", name, *sets)
            assert done.code == 0, done.err
    done = shell("compare", *names)
    assert done.code == 0, done.err
    text = " ".join(done.out.split())
    assert "random-1 and 2 more" in text
    assert "(boxes-1 and 2 more)" in text
    assert "t-test on 3 paired seeds, p = " in text
    assert "after 12 trials of each run" in text
    page = shell("compare", *names, "--html", "-o", "page.html")
    assert page.code == 0
    assert "Several seeds" in (tmp_path / "page.html").read_text(encoding="utf-8")
