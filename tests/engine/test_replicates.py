"""Several trainings of one trial: what they average to, and what is kept of them."""

import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.engine.replicates import AVERAGES, Ended, Replicates, average_of
from hpsearch.records import EpochMetrics, Goal, Metric
from hpsearch.seeds import repeat_seed


def history(*values: float, **others: float) -> list[EpochMetrics]:
    return [EpochMetrics(e, {"loss": v, **others}) for e, v in enumerate(values, start=1)]


def ended(*values: float) -> Ended:
    return Ended(history(*values), min(values))


def replicates(path: Path, count: int = 3, average: str = "mean") -> Replicates:
    return Replicates(count, average, Metric("loss"), path / "0001" / "replicates.jsonl")


def test_the_value_is_the_best_epoch_of_the_averaged_metric(tmp_path: Path) -> None:
    some = replicates(tmp_path)
    some.end(ended(0.5, 0.1, 0.4))
    some.end(ended(0.3, 0.5, 0.4))
    assert some.next == 2
    # With a third that has trained two epochs: (0.5 + 0.3 + 0.7) / 3, (0.1 + 0.5 + 0.9) / 3.
    current = history(0.7, 0.9)
    assert some.epoch(current) == 2
    assert some.value(current) == 0.5
    some.end(ended(0.7, 0.9, 0.1))
    assert some.next is None
    assert [m.values["loss"] for m in some.averaged()] == [0.5, 0.5, 0.3]
    assert some.values_at(3) == (0.4, 0.4, 0.1)


def test_each_repeat_goes_through_all_folds_and_keeps_the_first_ones_model(tmp_path: Path) -> None:
    path = tmp_path / "0001" / "replicates.jsonl"
    some = Replicates(2, "mean", Metric("loss"), path, folds=3)
    seen = []
    while some.next is not None:
        value = 1.0 - len(seen) / 10
        seen.append((some.seed(5), some.fold, some.is_best(value)))
        some.end(ended(value))
    assert some.count == 6
    seeds = [5, 5, 5] + [repeat_seed(5, 1)] * 3
    assert [seed for seed, _, _ in seen] == seeds
    assert [fold for _, fold, _ in seen] == [0, 1, 2, 0, 1, 2]
    assert [best for _, _, best in seen] == [True, False, False, True, False, False]


def test_the_median_is_not_moved_by_one_that_went_wrong(tmp_path: Path) -> None:
    some = replicates(tmp_path, average="median")
    for value in (0.2, 9.0, 0.3):
        some.end(ended(value))
    assert some.value(()) == 0.3


def test_what_ended_is_read_again(tmp_path: Path) -> None:
    some = replicates(tmp_path)
    some.end(Ended(history(0.5, 0.25, other=math.nan), 0.25, ("a note",)))
    again = replicates(tmp_path)
    assert again.next == 1
    assert again.ended[0].notes == ("a note",)
    assert [m.values["loss"] for m in again.averaged()] == [0.5, 0.25]
    assert math.isnan(again.averaged()[0].values["other"])


def test_a_trial_that_is_trained_once_keeps_nothing_and_changes_nothing(tmp_path: Path) -> None:
    once = replicates(tmp_path, count=1)
    own = history(0.1, 0.3)
    assert once.averaged(own) == own
    once.end(ended(0.1, 0.3))
    assert not list(tmp_path.iterdir())
    assert once.values_at(1) == ()
    assert once.seed(77) == repeat_seed(77, 1)
    assert replicates(tmp_path, count=1).seed(77) == 77


def test_the_best_replicate_is_known_by_its_own_value(tmp_path: Path) -> None:
    some = Replicates(3, "mean", Metric("loss", Goal.MAXIMIZE), tmp_path / "r.jsonl")
    assert some.is_best(0.1)
    some.end(Ended(history(0.4), 0.4))
    assert some.is_best(0.5)
    assert not some.is_best(0.4)


def test_seeds_differ_and_the_first_is_the_trials() -> None:
    seeds = [repeat_seed(5, number) for number in range(50)]
    assert seeds[0] == 5
    assert len(set(seeds)) == 50
    assert seeds[1:] != [repeat_seed(6, number) for number in range(1, 50)]


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), min_size=1, max_size=5),
    st.sampled_from(sorted(AVERAGES)),
)
def test_an_average_goes_as_far_as_the_shortest_and_lies_between(
    rows: list[list[float]], average: str
) -> None:
    averaged = average_of([history(*row) for row in rows], AVERAGES[average])
    assert len(averaged) == min(map(len, rows))
    for place, metrics in enumerate(averaged):
        column = [row[place] for row in rows]
        assert min(column) <= metrics.values["loss"] <= max(column)
