"""The spaces of configs/spaces/: each is loaded, previewed, and searched for a few trials."""

from pathlib import Path
from runpy import run_path

import pytest

from hpsearch.config import load_config
from hpsearch.report.text.preview import preview_lines
from hpsearch.sampling.strategy import Observation
from hpsearch.search.proposals import first_trials, strategy_of

SPACES = Path(__file__).parents[1] / "configs" / "spaces"
CONFIGS = sorted(SPACES.glob("*.yaml"))
COST = run_path(str(SPACES / "closed_form.py"))["cost"]


def test_there_are_twelve() -> None:
    assert len(CONFIGS) == 12


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_each_is_previewed_and_searched(path: Path) -> None:
    loaded = load_config(path)
    assert loaded.warnings == []
    config, space = loaded.config, loaded.config.space()
    shown = "\n".join(map(str, preview_lines(config, None, first_trials(config, 4), 300)))
    assert all(parameter.name in shown for parameter in space.parameters)
    assert all(constraint in shown for constraint in config.constraints)
    strategy = strategy_of(config)
    history: list[Observation] = []
    units: list[tuple[float, ...]] = []
    for index in range(14):
        known = max(0, index - config.search.lookahead + 1)
        history += [
            Observation(unit, COST(**space.arguments(space.decode(unit))))
            for unit in units[len(history) : known]
        ]
        units.append(strategy.propose(index, history[:known], units[known:]).unit)
        point = space.decode(units[-1])
        assert space.allows(point)
        assert set(point) | set(space.inactive(point)) == set(space.by_name)
