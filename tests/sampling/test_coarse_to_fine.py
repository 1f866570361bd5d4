import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.sampling.boxes import Boxes, moved
from hpsearch.sampling.coarse_to_fine import CoarseToFine
from hpsearch.sampling.history import History
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.sampler import Options
from hpsearch.sampling.strategy import Observation, Proposal
from hpsearch.space import LOG, Choice, Condition, Number, Space

LINE = Space((Number("x0", low=0.0, high=1.0),))
CUBE = Space(tuple(Number(f"x{j}", low=0.0, high=1.0) for j in range(3)))
TREE = Space(
    (
        Choice("optimizer", values=("sgd", "momentum", "adam")),
        Number("beta", (Condition("optimizer", ("momentum", "adam")),), low=0.0, high=1.0),
        Choice("amsgrad", (Condition("optimizer", ("adam",)),), values=(False, True)),
        Number("delay", (Condition("amsgrad", (True,)),), low=1, high=9, step=1, integer=True),
        Number("units", low=1, high=64, scale=LOG, step=1, integer=True),
    )
)
Loss = Callable[[np.ndarray], float]
NAMES = ["coarse-to-fine", "boxes"]


def history(units: Sequence[Sequence[float]], losses: Sequence[float]) -> list[Observation]:
    return [Observation(tuple(u), loss) for u, loss in zip(units, losses, strict=True)]


def known(units: Sequence[Sequence[float]], losses: Sequence[float]) -> History:
    return History.of(history(units, losses), len(units[0]), 1)


def search(
    space: Space,
    loss: Loss,
    trials: int,
    *,
    name: str = "coarse-to-fine",
    seed: int = 0,
    lookahead: int = 1,
) -> list[tuple[Proposal, float]]:
    strategy = make_strategy(name, space, seed, lookahead, 1)
    done: list[tuple[Proposal, float]] = []
    for index in range(trials):
        front = max(0, index - lookahead + 1)
        seen = [Observation(p.unit, value) for p, value in done[:front]]
        proposal = strategy.propose(index, seen, [p.unit for p, _ in done[front:]])
        done.append((proposal, loss(np.array(proposal.unit))))
    return done


# --- rounds


def test_rounds_worked_by_hand() -> None:
    strategy = CoarseToFine(Options(CUBE, 0, lookahead=10))
    assert strategy.first_round == 10  # the lookahead is more than 6 and than 3 + 1
    rounds = [(i, strategy.round(i), strategy.zoom(i)) for i in (0, 9, 10, 19, 20, 39, 40, 80)]
    assert rounds == [
        (0, 1, 0.5),
        (9, 1, 0.5),
        (10, 2, 0.5),
        (19, 2, 5 / 19),
        (20, 3, 0.25),
        (39, 3, 5 / 39),
        (40, 4, 0.125),
        (80, 5, 0.0625),
    ]
    # At 0.5 * 10 / 500 = 0.01 the boxes stop shrinking, and rounds end with them.
    assert strategy.zoom(500) == strategy.zoom(10_000) == 0.01
    assert strategy.round(500) == strategy.round(10_000) == 7


def test_the_first_round_does_not_look_at_results() -> None:
    done = search(CUBE, lambda u: float(u[0]), 6)
    other = search(CUBE, lambda u: -float(u[0]), 6)
    assert [p.unit for p, _ in done] == [p.unit for p, _ in other]
    assert {p.origin for p, _ in done} == {"spread"}


def test_the_first_round_keeps_numbers_off_the_ends_and_tries_every_choice() -> None:
    done = search(TREE, lambda u: float(u[4]), 200, lookahead=200)
    units = np.array([p.unit for p, _ in done])
    beta = units[units[:, 0] > 1 / 3, 1]  # active for momentum and adam
    # The middle three quarters: 1/8 … 7/8, evenly, so a standard deviation of 0.75 / √12.
    assert beta.min() == pytest.approx(0.125, abs=0.02)
    assert beta.max() == pytest.approx(0.875, abs=0.02)
    assert beta.std() == pytest.approx(0.75 / math.sqrt(12), abs=0.01)
    # A third each, were it not that sgd has 64 points, many of which would come twice.
    for cell, share in enumerate((0.12, 0.3, 0.3)):
        assert (units[:, 0] == TREE.searched[0].center(np.array(cell))).mean() > share


def test_after_the_first_round_quasi_random_points_reach_the_ends() -> None:
    done = search(CUBE, lambda u: math.inf, 200)
    units = np.array([p.unit for p, _ in done])
    assert units[:6].min() > 0.12
    assert units[:6].max() < 0.88
    assert units[6:].min() < 0.02
    assert units[6:].max() > 0.98


def test_origins_say_how_a_point_was_chosen() -> None:
    origins = [p.origin for p, _ in search(CUBE, lambda u: float(u @ u), 200)]
    assert origins[:6] == ["spread"] * 6
    assert origins[6:30] == ["fit"] * 24
    later = origins[30:]
    # Binomial: 170 x 0.05 = 9 ± 3, and 170 x 0.95 x 0.1 = 16 ± 4.
    assert 1 <= later.count("explore") <= 22
    assert 5 <= later.count("zoom") <= 35
    assert later.count("explore") + later.count("zoom") + later.count("fit") == 170
    assert "fit" not in [p.origin for p, _ in search(CUBE, lambda u: 0.0, 60, name="boxes")]


@pytest.mark.parametrize("name", NAMES)
def test_failures_alone_say_nothing_so_the_whole_space_is_searched_on(name: str) -> None:
    done = search(CUBE, lambda u: math.inf, 40, name=name)
    assert {p.origin for p, _ in done} == {"spread"}
    assert all(p.ranges == {f"x{j}": (0.0, 1.0) for j in range(3)} for p, _ in done)


def test_the_first_round_is_bounded_in_many_dimensions() -> None:
    def first_round(dimensions: int, lookahead: int) -> int:
        space = Space(tuple(Number(f"x{j}", low=0.0, high=1.0) for j in range(dimensions)))
        return CoarseToFine(Options(space, 0, lookahead=lookahead)).first_round

    assert [first_round(d, 1) for d in (1, 5, 8, 11, 12, 200)] == [6, 6, 9, 12, 12, 12]
    assert first_round(200, 16) == 16


# --- repeats


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 1000))
@settings(max_examples=3, deadline=None)
def test_a_large_space_of_few_good_points_gives_no_point_twice(name: str, seed: int) -> None:
    """27,000 points: too many to list, and a search soon has all near the best."""
    space = Space(tuple(Number(f"n{j}", low=1, high=30, step=1, integer=True) for j in range(3)))
    done = search(space, lambda u: float(((u - 0.4) ** 2).sum()), 200, name=name, seed=seed)
    assert len({proposal.unit for proposal, _ in done}) == 200


# --- boxes


def test_elites_are_the_best_tenth_best_first() -> None:
    units = [[i / 100] for i in range(60)]
    boxes = Boxes.around_best(LINE, known(units, [abs(i - 30) + i / 100 for i in range(60)]))
    assert boxes.elites[:, 0].tolist() == [0.30, 0.29, 0.31, 0.28, 0.32, 0.27]
    few = Boxes.around_best(LINE, known(units[:5], [5, 4, 3, 2, 1]))
    assert few.elites[:, 0].tolist() == [0.04, 0.03, 0.02]


def test_the_shape_of_a_box_follows_the_elites() -> None:
    units = [[0.1, 0.50, 0.5], [0.9, 0.51, 0.5], [0.2, 0.49, 0.5], [0.5, 0.5, 0.5]]
    boxes = Boxes.around_best(CUBE, known(units, [1, 2, 3, 4]))
    assert boxes.shape[0] > 1 > boxes.shape[1] > boxes.shape[2]
    assert boxes.shape.min() >= 1 / 3
    assert boxes.shape.max() <= 3


def test_a_box_grows_at_the_edge_at_which_the_best_trial_sits() -> None:
    others = [[0.40, 0.5], [0.42, 0.45], [0.44, 0.55], [0.46, 0.5]]
    plane = Space(CUBE.parameters[:2])
    inside = Boxes.around_best(plane, known([[0.43, 0.5], *others], [0, 1, 2, 3, 4]))
    at_edge = Boxes.around_best(plane, known([[0.60, 0.5], *others], [0, 1, 2, 3, 4]))
    assert at_edge.shape[0] > 1.5 * inside.shape[0]
    low, high = at_edge.ranges(0.1)["x0"]
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert high > 0.60  # the box reaches beyond the best trial
    assert low < 0.40
    draws = at_edge.draw(np.random.default_rng(0), np.full(2000, 0.1), edge=0.0)
    assert (draws[:, 0] > 0.60).mean() > 0.1


@pytest.mark.parametrize("name", NAMES)
def test_a_search_follows_its_best_trial_out_of_the_box(name: str) -> None:
    """The optimum is a corner that no trial of the first round came near to."""
    corner = np.array([1.0, 0.0, 1.0])
    done = search(CUBE, lambda u: float(np.abs(u - corner).sum()), 120, name=name)
    first = min(loss for _, loss in done[:6])
    best = min(loss for _, loss in done)
    assert best < 0.1 * first


@pytest.mark.parametrize(
    ("name", "luck", "most"),
    [
        ("boxes", 100.0, 0.5),
        ("coarse-to-fine", 5.0, 0.5),
        ("coarse-to-fine", 100.0, 0.9),
    ],
)
@given(seed=st.integers(0, 1000))
@settings(max_examples=4)
def test_a_search_never_collapses_onto_one_lucky_point(
    name: str, luck: float, most: float, seed: int
) -> None:
    """Pure noise, and one trial that many standard deviations below it."""
    rng = np.random.default_rng(seed)
    units = rng.random((150, 3))
    losses = rng.standard_normal(150)
    losses[70] = -luck
    strategy = make_strategy(name, CUBE, seed, 1, 1)
    seen = history(units.tolist(), losses.tolist())
    for index in range(150, 200):
        unit = strategy.propose(index, seen, []).unit
        # The lucky point stays lucky alone: what is tried around it comes out as noise again.
        seen.append(Observation(unit, float(rng.standard_normal())))
    proposed = np.array([o.unit for o in seen[150:]])
    near = (np.abs(proposed - units[70]) < 0.1).all(axis=1)
    assert near.mean() < most
    assert (proposed.std(axis=0) > 0.1).all()


@pytest.mark.parametrize("name", NAMES)
def test_exploration_of_the_whole_space_never_ends(name: str) -> None:
    done = search(CUBE, lambda u: float(((u - 0.2) ** 2).sum()), 220, name=name)
    late = [p for p, _ in done[60:] if p.origin == "explore"]
    assert 1 <= len(late) <= 18  # 160 x 0.05 = 8 ± 3
    assert max(p.unit[0] for p in late) > 0.5
    assert all(p.ranges["x0"] == (0.0, 1.0) for p in late)


def test_ranges_shrink_from_round_to_round() -> None:
    done = search(CUBE, lambda u: float(((u - 0.4) ** 2).sum()), 120)
    widths: dict[int, list[float]] = {}
    for proposal, _ in done:
        if proposal.origin in ("zoom", "fit"):
            low, high = proposal.ranges["x1"]
            assert isinstance(low, float)
            assert isinstance(high, float)
            widths.setdefault(proposal.round, []).append(high - low)
    means = [float(np.mean(widths[r])) for r in sorted(widths)]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 0.3


def test_ranges_of_choices_and_sleeping_parameters() -> None:
    sgd = TREE.encode({"optimizer": "sgd", "units": 8})
    adam = TREE.encode({"optimizer": "adam", "beta": 0.5, "amsgrad": False, "units": 9})
    boxes = Boxes.around_best(TREE, known([sgd, adam, sgd], [1, 2, 3]))
    ranges = boxes.ranges(0.01)
    assert ranges["optimizer"] == ("sgd", "adam")
    assert ranges["amsgrad"] == (False,)
    assert ranges["delay"] == (1, 9)  # no elite has one
    low, high = ranges["units"]
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert 1 < low <= 8
    assert 9 <= high < 20


# --- explanations


def test_an_explanation_recomputes_the_proposal_and_says_what_was_known() -> None:
    def loss(u: np.ndarray) -> float:
        return float(((u - 0.4) ** 2).sum())

    done = search(CUBE, loss, 13, lookahead=3)
    index = 12
    known = index - 2
    seen = [Observation(p.unit, value) for p, value in done[:known]]
    pending = [p.unit for p, _ in done[known:index]]
    fresh = make_strategy("coarse-to-fine", CUBE, 0, 3, 1)
    why = fresh.explain(index, seen, pending)
    assert why.proposal == done[index][0]
    assert why.known == known
    best = sorted(range(known), key=lambda i: done[i][1])
    assert list(why.elites) == best[:3]
    # The fit of a bowl through ten points nearly knows what comes.
    assert why.expected == pytest.approx(done[index][1], abs=0.05)
    assert why.uncertainty is not None
    assert 0 < why.uncertainty < 0.1


def test_an_explanation_without_elites_or_fit() -> None:
    strategy = make_strategy("coarse-to-fine", CUBE, 0, 3, 1)
    why = strategy.explain(1, [], [strategy.propose(0, [], []).unit])
    assert (why.proposal.origin, why.elites, why.expected) == ("spread", (), None)
    boxes = make_strategy("boxes", CUBE, 0, 1, 1)
    units = np.random.default_rng(0).random((20, 3)).tolist()
    why = boxes.explain(20, history(units, list(range(20))), [])
    assert (why.elites, why.expected, why.uncertainty) == ((0, 1, 2), None, None)


# --- moves


def rows(space: Space, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return space.canonical(rng.random((count, space.dimensions)))


@given(st.integers(0, 10_000), st.floats(0.001, 1.0), st.floats(0.0, 1.0))
def test_moved_points_are_canonical_points_of_the_space(
    seed: int, width: float, edge: float
) -> None:
    starts = rows(TREE, 30, seed)
    to = moved(TREE, np.random.default_rng(seed), starts, np.array(width), edge)
    assert to.tolist() == TREE.canonical(to).tolist()
    assert ((to >= 0) & (to <= 1)).all()


def test_about_half_of_the_coordinates_move_and_at_least_one() -> None:
    space = Space(tuple(Number(f"x{j}", low=0.0, high=1.0) for j in range(8)))
    starts = np.full((2000, 8), 0.5)
    to = moved(space, np.random.default_rng(0), starts, np.array(0.1), 0.0)
    count = (to != starts).sum(axis=1)
    assert count.min() >= 1
    # 8 x 0.5, and one coordinate that moves anyway: 0.5 more.
    assert count.mean() == pytest.approx(4.5, abs=0.15)


def test_moves_to_the_edge_hit_it_exactly() -> None:
    starts = np.full((1000, 3), 0.5)
    to = moved(CUBE, np.random.default_rng(0), starts, np.array(0.01), 0.4)
    share = ((to == 0.0) | (to == 1.0)).mean()
    moves = 0.5 + 0.5 / 3  # one of three coordinates moves anyway
    assert share == pytest.approx(0.4 * moves, abs=0.03)


def test_a_discrete_number_reaches_the_value_next_door() -> None:
    """Cells of a log-scaled integer are wide at the low end; a small move stays inside them."""
    space = Space((Number("n", low=1, high=1000, scale=LOG, step=1, integer=True),))
    starts = np.array([space.encode({"n": 2})] * 500)
    to = moved(space, np.random.default_rng(0), starts, np.array(1e-6), 0.0)
    values = [space.decode(u)["n"] for u in to]
    assert set(values) == {1, 2, 3}
    assert values.count(1) == pytest.approx(500 * 0.15, abs=30)


def test_a_woken_parameter_is_drawn_afresh() -> None:
    starts = np.array([TREE.encode({"optimizer": "sgd", "units": 8})] * 3000)
    to = moved(TREE, np.random.default_rng(0), starts, np.array(0.001), 0.0)
    points = [TREE.decode(u) for u in to]
    betas = np.array([p["beta"] for p in points if "beta" in p], dtype=float)
    delays = [p["delay"] for p in points if "delay" in p]
    assert len(betas) > 500
    assert betas.mean() == pytest.approx(0.5, abs=0.05)
    assert betas.std() == pytest.approx(math.sqrt(1 / 12), abs=0.03)
    assert set(delays) == set(range(1, 10))  # a grandchild as well
    assert (starts == np.array(TREE.encode({"optimizer": "sgd", "units": 8}))).all()


# --- it finds what there is to find


@pytest.mark.parametrize("seed", range(3))
def test_the_fit_closes_in_on_a_bowl(seed: int) -> None:
    at = np.array([0.3, 0.7, 0.45])
    done = search(CUBE, lambda u: float(((u - at) ** 2).sum()), 60, seed=seed, lookahead=4)
    assert min(loss for _, loss in done) < 1e-3


def test_conditional_spaces_are_searched_to_the_leaf() -> None:
    def loss(u: np.ndarray) -> float:
        p = TREE.decode(u)
        if "delay" not in p:
            return 1.0 + abs(math.log(float(p["units"]) / 20))  # type: ignore[arg-type]
        value = abs(float(p["delay"]) - 7) / 10 + abs(float(p["beta"]) - 0.2)  # type: ignore[arg-type]
        return value + abs(math.log(float(p["units"]) / 20))  # type: ignore[arg-type]

    done = search(TREE, loss, 120)
    assert min(value for _, value in done) < 0.1
