"""The front of recorded trials, its ends, its knee and its hypervolume, worked out by hand."""

from hpsearch.records import Goal, Limit, Metric, State, Trial, TrialResult
from hpsearch.search.front import front_of, hypervolumes

METRIC = Metric("error", further=(Metric("accuracy", Goal.MAXIMIZE),))


def trial(index: int, error: float | None, accuracy: float, size: float = 1.0) -> TrialResult:
    curves = {"error": (9.0, error), "accuracy": (0.0, accuracy), "size": (99.0, size)}
    state = State.DONE if error is not None else State.FAILED
    best_epoch = 2 if error is not None else None
    return TrialResult(Trial(index, 0, {}, ()), state, error, best_epoch, 2, curves)


TRIALS = [
    trial(0, 4.0, 4.0),
    trial(1, 1.0, 1.0),
    trial(2, 2.0, 3.5),
    trial(3, 2.0, 3.0),
    trial(4, None, 9.0),
    trial(5, 1.0, 1.0),
]


def test_the_front_is_sorted_by_the_first_goal_and_has_equals_once() -> None:
    front = front_of(TRIALS, METRIC)
    assert front.indices == (1, 2, 0)
    assert {name: result.trial.index for name, result in front.ends.items()} == {
        "error": 1,
        "accuracy": 0,
    }
    assert front.knee is TRIALS[2]
    assert front_of([*front_of(TRIALS[:3], METRIC).trials, *TRIALS[3:]], METRIC) == front


def test_only_feasible_trials_are_on_it() -> None:
    limited = Metric("error", further=METRIC.further, limits=(Limit("size", max=2.0),))
    large = trial(6, 0.5, 9.0, size=3.0)
    assert front_of([*TRIALS, large], limited).indices == (1, 2, 0)
    assert front_of([large], limited).trials == ()
    assert front_of([large], limited).ends == {}
    assert front_of([large], limited).knee is None


def test_the_hypervolume_is_a_share_of_the_box() -> None:
    # losses: (4, -4), (1, -1), (2, -3.5); the box goes from (1, -4) to (4.3, -0.7)
    shares = hypervolumes(TRIALS, METRIC)
    whole = 3.3 * 3.3
    one = 0.3 * 3.3 / whole
    two = (0.3 * 3.3 + 3.0 * 0.3) / whole
    three = (0.3 * 3.3 + 2.0 * 2.8 + 1.0 * 0.3) / whole
    assert [round(share, 9) for share in shares] == [
        round(share, 9) for share in (one, two, three, three, three, three)
    ]
    assert hypervolumes([TRIALS[4]], METRIC) == [0.0]
