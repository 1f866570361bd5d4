"""How many trials a search has: one number, for run, list, report, preview and watch."""

from pathlib import Path

import pytest

from hpsearch.config import load_text
from hpsearch.search.proposals import planned_trials, strategy_of


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
