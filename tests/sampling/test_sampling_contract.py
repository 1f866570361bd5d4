"""What every strategy owes the scheduler, one test each, on every strategy."""

import math
import random
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import pytest
from mixed_space import MIXED

from hpsearch.errors import UsageError
from hpsearch.sampling.make import make_strategy, size_of
from hpsearch.sampling.strategy import Observation, Proposal, Strategy
from hpsearch.sampling.table import STRATEGIES
from hpsearch.space import (
    LOG,
    Branch,
    Branched,
    Choice,
    Condition,
    Constant,
    Number,
    Space,
    parse,
)

PLAIN = Space(tuple(Number(f"x{j}", low=0.0, high=1.0) for j in range(3)))
TINY = Space(
    (
        Choice("optimizer", values=("sgd", "adam")),
        Number("beta2", (Condition("optimizer", ("adam",)),), low=1, high=5, step=1, integer=True),
        Choice("batch_norm", values=(False, True)),
    )
)
HALF = Space(
    tuple(p for p in MIXED.parameters if p.name != "units"),
    constraints=(parse("alpha < dropout"), parse("dropout < 0.4 or beta > 0.95")),
)
FEW = Space(
    TINY.parameters, constraints=(parse("beta2 >= 4"), parse("batch_norm or optimizer == 'adam'"))
)
ADAM, SGD = (Condition("optimizer", names) for names in (("adam", "momentum"), ("sgd",)))
TWO_RANGES = Space(
    (
        MIXED.by_name["optimizer"],
        Branched(
            "alpha",
            low=1e-4,
            high=1.0,
            scale=LOG,
            branches=(Branch((ADAM,), 1e-4, 1e-2), Branch((SGD,), 1e-2, 1.0)),
        ),
        Branched(
            "units",
            low=1,
            high=9,
            step=1,
            integer=True,
            branches=(Branch((ADAM,), 1, 4), Branch((SGD,), 3, 9)),
        ),
    )
)
SPACES = {
    "mixed": MIXED,
    "plain": PLAIN,
    "tiny": TINY,
    "half": HALF,
    "few": FEW,
    "two-ranges": TWO_RANGES,
}
EPOCHS = 5

Maker = Callable[[], Strategy]


def maker(name: str, space: Space, *, seed: int = 3, lookahead: int = 3) -> Maker:
    counts = {p.name: 3 for p in space.searched if p.levels is None}
    return lambda: make_strategy(name, space, seed, lookahead, EPOCHS, counts=counts)


NAMES = ["coarse-to-fine", "boxes", "random", "grid", "sobol", "successive-halving", "optuna"]
LACKS = {
    "optuna": pytest.mark.skipif(find_spec("optuna") is None, reason="Optuna is not installed")
}
EVERY = [pytest.param(name, marks=LACKS.get(name, ())) for name in NAMES]
CASES = [
    pytest.param(maker(name, space), space, id=f"{name}-{label}", marks=LACKS.get(name, ()))
    for name in NAMES
    for label, space in SPACES.items()
]


def observe(space: Space, unit: Sequence[float], index: int) -> Observation:
    """A landscape with failures and stopped trials; a pure function of its arguments."""
    loss = float(((np.array(unit) - 0.3) ** 2).sum())
    if index % 11 == 7:
        return Observation(tuple(unit), math.inf, (), stopped=False)
    curve = tuple(loss + 1.0 / (epoch + 1) for epoch in range(EPOCHS))
    if index % 7 == 5:
        return Observation(tuple(unit), curve[2], curve[:3], stopped=True)
    return Observation(tuple(unit), curve[-1], curve, stopped=False)


def search(make: Maker, space: Space, trials: int) -> list[tuple[Proposal, Observation]]:
    strategy = make()
    done: list[tuple[Proposal, Observation]] = []
    limit = trials if strategy.size is None else min(trials, strategy.size)
    for index in range(limit):
        proposal = strategy.propose(index, *state(done, index, strategy.lookahead))
        done.append((proposal, observe(space, proposal.unit, index)))
    return done


def state(
    done: Sequence[tuple[Proposal, Observation]], index: int, lookahead: int
) -> tuple[list[Observation], list[tuple[float, ...]]]:
    known = max(0, index - lookahead + 1)
    return [o for _, o in done[:known]], [p.unit for p, _ in done[known:index]]


@pytest.mark.parametrize(("make", "space"), CASES)
def test_a_proposal_is_a_pure_function_of_what_is_handed_in(
    make: Maker, space: Space, request: pytest.FixtureRequest
) -> None:
    # A fresh object asks Optuna for all of the earlier points again.
    done = search(make, space, 28 if "optuna" in request.node.name else 45)
    order = list(range(len(done)))
    random.Random(1).shuffle(order)
    old = make()
    for index in order:
        history, pending = state(done, index, old.lookahead)
        copies = [Observation(o.unit, o.loss, o.curve, o.stopped) for o in history]
        assert make().propose(index, copies, pending) == done[index][0]  # a fresh object
        assert old.propose(index, history, pending) == done[index][0]  # one used in any order


@pytest.mark.parametrize(("make", "space"), CASES)
def test_proposals_are_canonical_and_can_be_written_down(make: Maker, space: Space) -> None:
    for proposal, _ in search(make, space, 45):
        assert type(proposal.unit) is tuple
        assert all(type(u) is float for u in proposal.unit)
        assert space.encode(space.decode(np.array(proposal.unit))) == pytest.approx(
            proposal.unit, abs=1e-12
        )
        assert space.canonical(np.array(proposal.unit)).tolist() == list(proposal.unit)
        assert space.allows(space.decode(proposal.unit))
        assert proposal.round >= 1
        assert all(type(e) is int and math.isfinite(c) for e, c in proposal.cutoffs.items())
        assert set(proposal.ranges) == {p.name for p in space.searched}
        for parameter in space.searched:
            values = proposal.ranges[parameter.name]
            if isinstance(parameter, Choice):
                assert set(values) <= set(parameter.values)
                assert values
            else:
                assert isinstance(parameter, Number)
                low, high = values
                assert parameter.low <= low <= high <= parameter.high


# A Sobol sequence is what it is: on a discrete space it comes back to the same points.
@pytest.mark.parametrize(("make", "space"), [case for case in CASES if "sobol" not in str(case.id)])
def test_no_point_is_tried_twice_while_there_are_others(make: Maker, space: Space) -> None:
    units = [proposal.unit for proposal, _ in search(make, space, 80)]
    assert len(set(units)) == len(units)
    if space is TINY:
        # optimizer sgd, or adam with five values of beta2; each with and without batch norm
        assert make().size == len(units) == (1 + 5) * 2
    if space is FEW:
        # sgd with batch norm; adam with beta2 of 4 or 5, with and without
        assert make().size == len(units) == 1 + 2 * 2


@pytest.mark.parametrize("name", EVERY)
def test_the_seed_matters_and_the_same_seed_gives_the_same(name: str) -> None:
    units = [
        [p.unit for p, _ in search(maker(name, PLAIN, seed=seed), PLAIN, 12)] for seed in (1, 2, 1)
    ]
    assert units[0] == units[2]
    assert (units[0] == units[1]) is (name == "grid")


@pytest.mark.parametrize("name", EVERY)
def test_cut_offs_come_once_there_is_something_to_learn_from(name: str) -> None:
    proposals = [p for p, _ in search(maker(name, PLAIN), PLAIN, 27)]
    assert not proposals[0].cutoffs
    # The only rung of successive halving is after 5 // 3 epochs.
    assert set(proposals[-1].cutoffs) == ({1} if name == "successive-halving" else {1, 2, 3, 4})


@pytest.mark.parametrize("name", [p for p in EVERY if p.values != ("successive-halving",)])
def test_early_stop_none_gives_no_cut_offs(name: str) -> None:
    space = PLAIN
    strategy = make_strategy(
        name,
        space,
        1,
        1,
        EPOCHS,
        early_stop="none",
        counts=dict.fromkeys(("x0", "x1", "x2"), 4),
    )
    history = [observe(space, (0.1, 0.2, i / 40), i) for i in range(40)]
    assert not strategy.propose(40, history, []).cutoffs


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "losses",
    [[math.inf], [0.25], [1.7e308, -1.7e308, 0.0], [5e-324, 0.0], [-math.inf, math.nan, 1]],
)
def test_losses_may_be_anything(name: str, losses: list[float]) -> None:
    strategy = maker(name, PLAIN, lookahead=1)()
    history: list[Observation] = []
    for index in range(25):
        proposal = strategy.propose(index, history, [])
        assert all(map(math.isfinite, proposal.cutoffs.values()))
        loss = losses[index % len(losses)]
        history.append(Observation(proposal.unit, loss, (loss,) * EPOCHS))
    assert len({o.unit for o in history}) == 25


@pytest.mark.parametrize("name", [p for p in EVERY if p.values not in (("sobol",), ("grid",))])
def test_a_space_of_one_point(name: str) -> None:
    for space in (
        Space((Constant("x", value=1),)),
        Space((Choice("x", values=("only",)),)),
    ):
        strategy = make_strategy(name, space, 0, 2, 1)
        assert strategy.size == 1
        assert len(strategy.propose(0, [], []).unit) == space.dimensions


def test_names_are_checked() -> None:
    with pytest.raises(UsageError, match=r"search\.strategy: must be one of .*; it is bayes"):
        make_strategy("bayes", PLAIN, 0, 1, 1)
    with pytest.raises(UsageError, match=r"search\.early_stop: must be one of none, .*; it is off"):
        make_strategy("random", PLAIN, 0, 1, 1, early_stop="off")
    assert set(STRATEGIES) == set(NAMES)


def test_sobol_without_scipy_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "scipy.stats.qmc", None)
    with pytest.raises(UsageError, match=r"pip install 'hpsearch\[sobol\]'"):
        make_strategy("sobol", PLAIN, 0, 1, 1)


@pytest.mark.parametrize("label", SPACES)
@pytest.mark.parametrize("name", EVERY)
def test_the_number_of_points_is_told_without_a_strategy(name: str, label: str) -> None:
    space = SPACES[label]
    counts = {p.name: 3 for p in space.searched if p.levels is None}
    assert size_of(name, space, counts) == maker(name, space)().size
