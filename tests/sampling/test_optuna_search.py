"""Optuna's samplers give the same trials whoever asks, and hear in which order what happened."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from mixed_space import MIXED

from hpsearch.errors import UsageError
from hpsearch.records import Value
from hpsearch.sampling import optuna_samplers as samplers
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.optuna_search import OptunaSearch
from hpsearch.sampling.sampler import SamplerWithCutoffs
from hpsearch.sampling.strategy import Observation, Unit
from hpsearch.space import Choice, Condition, Number, Space

optuna = pytest.importorskip("optuna", reason="the strategy drives Optuna, an extra")

LINE = Space((Number("x", low=0.0, high=1.0),))
EPOCHS = 5


def needs(*packages: str) -> pytest.MarkDecorator:
    absent = [package for package in packages if find_spec(package) is None]
    return pytest.mark.skipif(bool(absent), reason=f"not installed: {' '.join(absent)}")


def maker(
    space: Space, sampler: str = "TPESampler", lookahead: int = 3, **arguments: Value
) -> Callable[[], SamplerWithCutoffs]:
    def make() -> SamplerWithCutoffs:
        strategy = make_strategy(
            "optuna", space, 5, lookahead, EPOCHS, sampler=sampler, arguments=arguments
        )
        assert isinstance(strategy, SamplerWithCutoffs)
        return strategy

    return make


def study_of(strategy: SamplerWithCutoffs) -> optuna.Study:
    assert isinstance(strategy.sampler, OptunaSearch)
    study: optuna.Study = strategy.sampler._study._study
    return study


def observed(unit: Unit, index: int) -> Observation:
    """A bowl, and a few trials that failed or were stopped."""
    loss = sum((u - 0.3) ** 2 for u in unit)
    if index % 11 == 7:
        return Observation(unit, math.inf)
    curve = tuple(loss + 1 / (epoch + 1) for epoch in range(EPOCHS))
    if index % 7 == 5:
        return Observation(unit, curve[2], curve[:3], stopped=True)
    return Observation(unit, curve[-1], curve)


def search(strategy: SamplerWithCutoffs, trials: int) -> list[Observation]:
    done: list[Observation] = []
    for index in range(trials):
        unit = strategy.propose(index, *seen(done, index, strategy.lookahead)).unit
        done.append(observed(unit, index))
    return done


def seen(
    done: Sequence[Observation], index: int, lookahead: int
) -> tuple[list[Observation], list[Unit]]:
    known = max(0, index - lookahead + 1)
    return list(done[:known]), [o.unit for o in done[known:index]]


@pytest.mark.parametrize(
    ("sampler", "arguments", "trials"),
    [
        ("TPESampler", {"n_startup_trials": 4}, 16),
        ("TPESampler", {"n_startup_trials": 4, "multivariate": True, "group": True}, 16),
        (
            "TPESampler",
            {"n_startup_trials": 4, "multivariate": True, "constant_liar": True, "group": True},
            16,
        ),
        ("RandomSampler", {}, 8),
        pytest.param("CmaEsSampler", {"popsize": 4}, 16, marks=needs("cmaes")),
        pytest.param("CmaEsSampler", {"popsize": 4, "with_margin": True}, 16, marks=needs("cmaes")),
        pytest.param("QMCSampler", {"scramble": True}, 10, marks=needs("scipy")),
        ("NSGAIISampler", {"population_size": 4}, 16),
        ("NSGAIIISampler", {"population_size": 4}, 16),
        pytest.param("GPSampler", {"n_startup_trials": 2}, 6, marks=needs("torch", "scipy")),
    ],
)
def test_a_fresh_object_proposes_what_a_long_lived_one_does(
    sampler: str, arguments: Mapping[str, Value], trials: int
) -> None:
    make = maker(MIXED, sampler, **arguments)
    done = search(make(), trials)
    assert len({o.unit for o in done}) == trials
    order = list(range(trials))
    random.Random(2).shuffle(order)
    old = make()
    for index in order:
        history, pending = seen(done, index, 3)
        assert make().propose(index, history, pending).unit == done[index].unit
        assert old.propose(index, history, pending).unit == done[index].unit


IN_ANOTHER_PROCESS = """
import sys
sys.path.insert(0, {folder!r})
from test_optuna_search import MIXED, maker, search
make = maker(MIXED, n_startup_trials=3, multivariate=True, group=True)
print([o.unit for o in search(make(), 14)])
"""


@pytest.mark.parametrize("seed_of_hashes", ["1", "2"])
def test_nothing_depends_on_the_order_of_a_set(seed_of_hashes: str) -> None:
    """Python orders sets of names differently in each process, unless told its seed."""
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS.format(folder=str(Path(__file__).parent))],
        env={**os.environ, "PYTHONHASHSEED": seed_of_hashes},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    make = maker(MIXED, n_startup_trials=3, multivariate=True, group=True)
    assert done.stdout.strip() == str([o.unit for o in search(make(), 14)])


def test_trials_are_asked_and_told_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    study = optuna.study.Study
    ask, tell = study.ask, study.tell

    def asked(self: object) -> object:
        trial = ask(self)
        calls.append(f"ask {trial.number}")
        return trial

    def told(self: object, trial: object, *args: object, **options: object) -> object:
        calls.append(f"tell {trial.number}")  # type: ignore[attr-defined]
        return tell(self, trial, *args, **options)

    monkeypatch.setattr(study, "ask", asked)
    monkeypatch.setattr(study, "tell", told)
    done = search(maker(LINE)(), 5)
    wanted = ["ask 0", "ask 1", "ask 2", "tell 0", "ask 3", "tell 1", "ask 4"]
    assert calls == wanted
    calls.clear()
    maker(LINE)().propose(4, *seen(done, 4, 3))  # after a resume
    assert calls == wanted


def test_what_optuna_is_told() -> None:
    units = [(0.5,), (0.25,), (0.75,), (0.125,)]
    history = [
        Observation((0.5,), 0.5, (0.9, 0.7, 0.6, 0.55, 0.5)),
        Observation((0.25,), 0.8, (1.0, 0.8), stopped=True),
        Observation((0.75,), math.inf),
        Observation((0.125,), 1e200),
    ]
    strategy = maker(LINE, lookahead=2)()
    strategy.propose(5, history, [(0.375,)])
    # What the sampler suggested in place of these points stays as a failure without a result.
    trials = [t for t in study_of(strategy).trials if "fixed_params" in t.system_attrs]
    told = [(str(t.state.name), t.value, t.params["x"]) for t in trials]
    assert told == [
        ("COMPLETE", 0.5, units[0][0]),
        ("PRUNED", 0.8, units[1][0]),
        ("FAIL", None, units[2][0]),
        ("COMPLETE", 1e100, units[3][0]),  # so that its square is finite
        ("RUNNING", None, 0.375),
    ]
    assert trials[1].intermediate_values == {2: 0.8}  # after epoch 2
    assert study_of(strategy).trials[-1].state.name == "RUNNING"


def test_how_optuna_sees_the_parameters() -> None:
    strategy = maker(MIXED, "RandomSampler")()
    done = search(strategy, 8)
    trials = study_of(strategy).trials
    parent = MIXED.by_name["optimizer"]
    assert isinstance(parent, Choice)
    assert {"beta" in trial.params for trial in trials} == {True, False}
    for trial, observation in zip(trials, done, strict=True):
        point = MIXED.decode(observation.unit)
        assert set(trial.params) == set(point) - {"activation"}
        assert 0 <= trial.params["alpha"] <= 1
        assert point["alpha"] == pytest.approx(1e-4 ** (1 - trial.params["alpha"]))
        assert point["optimizer"] == parent.values[trial.params["optimizer"]]
        assert point["dropout"] == pytest.approx(trial.params["dropout"] / 10)
        # On a log scale equal steps are not equally likely: a coordinate, not a position.
        assert isinstance(trial.params["units"], float)


def test_a_finite_space_is_tried_to_its_end() -> None:
    space = Space((Choice("a", values=(1, 2, 3)), Number("b", low=1, high=4, step=1, integer=True)))
    strategy = maker(space, n_startup_trials=2)()
    assert strategy.size == 12
    assert len({o.unit for o in search(strategy, 12)}) == 12


def test_points_that_are_handed_in_count_and_not_those_proposed_before() -> None:
    make = maker(Space((Choice("a", values=tuple(range(40))),)))
    strategy = make()
    first = strategy.propose(0, [], []).unit
    second = strategy.propose(1, [], [first]).unit
    other = make()
    assert other.propose(0, [], []).unit == first
    assert other.propose(1, [], [second]).unit == make().propose(1, [], [second]).unit != second


def test_it_learns() -> None:
    """Of random points on a line, one in ten lies within 0.05 of the best one: of 40, 4 ± 2."""
    late = [o.unit[0] for o in search(maker(LINE, n_startup_trials=8)(), 60)[20:]]
    assert sum(abs(x - 0.3) < 0.05 for x in late) >= 10


def test_it_is_silent_and_leaves_optunas_log_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    before = optuna.logging.get_verbosity()
    # Both warn: of an experiment, and of parameters that are sampled independently.
    search(maker(MIXED, n_startup_trials=2, multivariate=True)(), 12)
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("sampler", "arguments", "lines"),
    [
        ("TPESampler", {"multivariate": True, "n_startup_trials": 3}, []),
        ("TPESample", {}, ["Optuna has no sampler TPESample; did you mean TPESampler?"]),
        ("GridSampler", {}, ["GridSampler tries every point of a grid; write strategy: grid"]),
        (
            "PartialFixedSampler",
            {},
            ["PartialFixedSampler needs fixed_params, which a config cannot give; name another"],
        ),
        (
            "TPESampler",
            {"multivariat": True},
            ["multivariat: TPESampler has no argument multivariat; did you mean multivariate?"],
        ),
        ("RandomSampler", {"x": 1}, ["x: RandomSampler has no argument x; delete it"]),
        ("RandomSampler", {"seed": 1}, ["seed: follows from the config's seed; delete it"]),
        ("TPESampler", {"multivariate": 1}, ["multivariate: must be true or false, not 1"]),
        (
            "TPESampler",
            {"n_ei_candidates": True, "group": "no"},
            [
                "n_ei_candidates: must be a whole number, not true",
                'group: must be true or false, not "no"',
            ],
        ),
        ("NSGAIISampler", {"crossover_prob": 1}, []),  # a whole number is a number
        (
            "TPESampler",
            {"gamma": 0.1},
            ["gamma: is no plain value in TPESampler, so a config cannot give it; delete it"],
        ),
        (
            "NSGAIISampler",
            {"population_size": 1},
            [
                "NSGAIISampler cannot be made: "
                "ValueError: `population_size` must be greater than or equal to 2."
            ],
        ),
    ],
)
def test_samplers_and_arguments_are_checked(
    sampler: str, arguments: Mapping[str, Value], lines: list[str]
) -> None:
    found = samplers.complaints(sampler, arguments)
    assert [f"{name}: {text}" if name else text for name, text in found] == lines
    if lines:
        with pytest.raises(UsageError) as caught:
            maker(LINE, sampler, **arguments)()
        assert caught.value.message == f"search.strategy: {lines[0]}"


def test_a_sampler_that_nobody_knows_is_told_of_all_others() -> None:
    [(name, text)] = samplers.complaints("Annealing", {})
    assert name is None
    assert "; there are CmaEsSampler, GPSampler, " in text
    assert "Grid" not in text


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "find_spec", lambda name: None)
    found = list(samplers.complaints("GPSampler", {}))
    assert found == [
        (None, "GPSampler needs torch scipy; install it with: pip install torch scipy")
    ]
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match=r"pip install 'hpsearch\[optuna\]'"):
        maker(LINE)()


@needs("cmaes")
def test_a_sampler_that_gives_up_is_told_of_in_one_line() -> None:
    space = Space(tuple(Number(f"x{j}", low=0.0, high=1.0) for j in range(2)))
    strategy = maker(space, "CmaEsSampler", popsize=0)()
    with pytest.raises(UsageError, match=r"CmaEsSampler cannot propose trial \d+: \w+") as caught:
        search(strategy, 20)
    assert "--fresh" in caught.value.message
    assert "\n" not in caught.value.message


@needs("scipy")
def test_a_sequence_of_even_points_is_even() -> None:
    units = [o.unit[0] for o in search(maker(LINE, "QMCSampler", scramble=True, lookahead=1)(), 33)]
    # The first trial is random. Of 32 points of one sequence, one lies in each 32nd.
    assert sorted(math.floor(u * 32) for u in units[1:]) == list(range(32))


@needs("scipy")
def test_what_is_not_in_the_sequence_differs_too() -> None:
    # The sequence has the parameters of the first trial alone, so never both of x and y.
    sides = [
        Number(name, (Condition("side", (side,)),), low=0.0, high=1.0)
        for name, side in (("x", "left"), ("y", "right"))
    ]
    space = Space((Choice("side", values=("left", "right")), *sides))
    points = [space.decode(o.unit) for o in search(maker(space, "QMCSampler")(), 24)]
    for name in ("x", "y"):
        found = [point[name] for point in points if name in point]
        assert len(set(found)) == len(found) > 6


def test_random_ones_are_even_on_the_scale() -> None:
    units = np.array([o.unit for o in search(maker(MIXED, "RandomSampler")(), 300)])
    # Standard deviation of the mean of 300 even draws: 1 / sqrt(12 * 300) = 0.017
    assert abs(units[:, 0].mean() - 0.5) < 4 * 0.017


@pytest.mark.parametrize("sampler", ["TPESampler", "NSGAIISampler"])
def test_several_goals_and_limits_reach_the_study(sampler: str) -> None:
    def make() -> SamplerWithCutoffs:
        strategy = make_strategy("optuna", LINE, 5, 3, 1, sampler=sampler, goals=2, limits=1)
        assert isinstance(strategy, SamplerWithCutoffs)
        return strategy

    strategy, history = make(), []
    for index in range(30):
        known = max(0, index - 2)
        pending = [observation.unit for observation in history[known:]]
        unit = strategy.propose(index, history[:known], pending).unit
        if index % 10 == 9:
            assert make().propose(index, list(history[:known]), pending).unit == unit
        (x,) = unit
        history.append(Observation(unit, x, (x,), False, (1 - x,), (x - 0.8,)))
    study = study_of(strategy)
    assert len(study.directions) == 2
    done = [t for t in study.trials if t.values is not None]
    assert all(t.values == [t.values[0], 1 - t.values[0]] for t in done)
    assert [t.user_attrs["excesses"] for t in done] == [[t.values[0] - 0.8] for t in done]


def test_a_sampler_that_knows_no_limits_refuses_them() -> None:
    with pytest.raises(UsageError, match="RandomSampler takes no limits on a metric"):
        make_strategy("optuna", LINE, 5, 3, 1, sampler="RandomSampler", limits=1)
