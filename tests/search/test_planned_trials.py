"""How many trials a search has: one number, for run, list, report, preview and watch."""

from pathlib import Path

import pytest

from hpsearch.config import load_text
from hpsearch.search.proposals import planned_trials, strategy_of
from tests.shell import Shell

FINITE = "n: {min: 1, max: 5, type: int}"


def config(parameters: str, search: str) -> object:
    text = (
        "name: c\ntrainable: {command: 'echo {n}'}\nmetric: {name: J, goal: minimize}\n"
        f"parameters: {{n: {{min: 1, max: 5, type: int}}, {parameters}}}\nsearch: {{{search}}}\n"
    )
    return load_text(text, "c.yaml", Path(), "c").config


@pytest.mark.parametrize(
    "strategy",
    [
        "coarse-to-fine",
        "boxes",
        "random",
        "sobol",
        "grid",
        "successive-halving",
        "{optuna: RandomSampler}",
    ],
)
@pytest.mark.parametrize("most", [3, 20])
@pytest.mark.parametrize("more", ["m: 1", "x: {min: 0, max: 1, count: 2}"])
def test_it_is_what_the_strategy_itself_says(strategy: str, most: int, more: str) -> None:
    planned = config(more, f"strategy: {strategy}, max_trials: {most}")
    assert planned_trials(planned) == min(most, strategy_of(planned).size or most)


def test_every_command_says_the_same_of_a_finite_space(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("f.py", "def f(n):\n    return float(n)\n")
    shell.write(
        "c.yaml",
        "trainable: f.py:f\nmetric: {name: J, goal: minimize}\n"
        f"parameters: {{{FINITE}}}\nsearch: {{max_trials: 20}}\n",
    )
    assert "5 trials, which are all points" in shell("preview", "c.yaml").out
    assert "5/5 trials" in shell("run", "c.yaml", "--workers", "1").out
    assert "complete, 5 trials" in shell("run", "c.yaml").err
    assert "complete" in shell("list").out
    assert " of 20" not in shell("report", "c").out
