import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.sampling.history import History, HistoryReader, TriedUnits
from hpsearch.sampling.strategy import Observation, ObservationLog


def history(*observations: Observation, epochs: int = 3) -> History:
    return History.of(observations, dimensions=1, epochs=epochs)


def ended(loss: float, *curve: float, stopped: bool = False) -> Observation:
    return Observation((0.5,), loss, curve, stopped)


def test_to_failed_trials_the_worst_loss_is_imputed() -> None:
    known = history(ended(0.2), ended(math.inf), ended(0.7), ended(math.nan))
    assert known.imputed_losses.tolist() == [0.2, 0.7, 0.7, 0.7]
    assert history(ended(math.inf), ended(math.inf)).imputed_losses.tolist() == [0.0, 0.0]
    assert history().imputed_losses.tolist() == []


def test_a_stopped_trial_gets_what_trials_like_it_came_to() -> None:
    known = history(
        *(ended(f, 3 * f, 2 * f, f) for f in (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6)),
        ended(2.5, 3.75, 2.5, stopped=True),  # f = 1.25
    )
    assert known.imputed_losses[-1] == pytest.approx(1.25, abs=0.01)
    assert known.imputed_losses[:-1].tolist() == [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6]


def test_only_imputed_losses_may_err() -> None:
    known = history(
        *(ended(f, 3 * f, 2 * f, f) for f in (1.0, 1.1, 1.2)),
        ended(2.5, 3.75, 2.5, stopped=True),
        ended(math.inf),
        ended(3.0, 3.0, stopped=True),
        ended(2.5, 3.75, 2.5, stopped=True),
    )
    C = known.imputation_covariance(np.arange(7))
    assert (np.diag(C) > 0).tolist() == [False, False, False, True, False, True, True]
    assert C[3, 6] > 0  # the same point, stopped after the same epoch
    assert C[3, 5] == 0
    some = known.imputation_covariance(np.array([6, 1, 3]))
    assert some == pytest.approx(C[np.ix_([6, 1, 3], [6, 1, 3])])
    assert not history(ended(0.3, 0.5, 0.3)).imputation_covariance(np.arange(1)).any()


def test_stopped_trials_without_any_finisher_keep_their_loss() -> None:
    assert history(ended(0.3, 0.5, 0.3, stopped=True)).imputed_losses.tolist() == [0.3]


def test_curves_are_rows_that_end_in_nan() -> None:
    known = history(ended(0.2, 0.5, 0.2, stopped=True), ended(0.1, 0.4, 0.3, 0.1), ended(math.inf))
    assert np.isnan(known.curves).tolist() == [
        [False, False, True],
        [False, False, False],
        [True, True, True],
    ]
    assert known.finished_curves.tolist() == [[0.4, 0.3, 0.1]]


observations = st.builds(
    lambda loss, curve, stopped: Observation((0.5,), loss, tuple(curve), stopped),
    st.floats(0, 10) | st.just(math.inf),
    st.lists(st.floats(0, 10), max_size=5),
    st.booleans(),
)


@given(st.lists(observations, max_size=12), st.lists(st.integers(0, 12), max_size=8), st.booleans())
def test_reading_in_any_order_gives_what_a_fresh_reader_gives(
    trials: list[Observation], lengths: list[int], logged: bool
) -> None:
    reader, log = HistoryReader(1, 3), ObservationLog(trials)
    reads = []
    for length in lengths:
        shown = log.first(min(length, len(log))) if logged else trials[:length]
        reads.append((reader.read(shown), History.of(trials[:length], 1, 3)))
    for read, fresh in reads:  # also the earlier ones, now that more was read
        for mine, theirs in (
            (read.units, fresh.units),
            (read.losses, fresh.losses),
            (read.stopped, fresh.stopped),
            (read.curves, fresh.curves),
        ):
            assert np.array_equal(mine, theirs, equal_nan=mine.dtype == float)
        assert read.equals(fresh)
        assert len(read) == len(read.imputed_losses)
        assert np.isfinite(read.imputed_losses).all()


def test_what_was_read_of_a_log_is_not_looked_at_again() -> None:
    converted = []

    class Watched(HistoryReader):
        def _extend(self, new: Sequence[Observation]) -> None:
            converted.append(len(new))
            super()._extend(new)

    class NeverCompared(Observation):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("compared")

        __hash__ = None  # type: ignore[assignment]

    reader, log = Watched(1, 3), ObservationLog()
    for length in range(1, 50):
        log.append(NeverCompared((length / 50,), 0.5, ()))
        assert len(reader.read(log.first(length))) == length
        reader.read(log.first(length))
    assert len(reader.read(log.first(20))) == 20
    assert converted == [1] * 49


def test_two_logs_are_not_taken_for_each_other() -> None:
    reader = HistoryReader(1, 3)
    first, second = ObservationLog([ended(0.5), ended(0.6)]), ObservationLog([ended(0.5)])
    assert reader.read(first.first(2)).losses.tolist() == [0.5, 0.6]
    assert reader.read(second.first(1)).losses.tolist() == [0.5]
    second.append(ended(0.7))
    assert reader.read(second.first(2)).losses.tolist() == [0.5, 0.7]
    assert reader.read(first.first(2)).losses.tolist() == [0.5, 0.6]


def test_a_log_gives_its_beginning_as_a_sequence() -> None:
    log = ObservationLog([ended(0.1), ended(0.2), ended(0.3)])
    two = log.first(2)
    log.append(ended(0.4))
    assert [o.loss for o in two] == [0.1, 0.2]
    assert two[-1].loss == 0.2
    assert [o.loss for o in two[1:]] == [0.2]
    with pytest.raises(IndexError):
        two[2]


def test_a_reader_notices_that_history_was_changed() -> None:
    reader = HistoryReader(1, 3)
    reader.read([ended(0.5), ended(0.6)])
    assert reader.read([ended(0.5), ended(0.7), ended(0.8)]).losses.tolist() == [0.5, 0.7, 0.8]


def test_tried_are_known_points_and_running_ones() -> None:
    trials = [Observation((place,), 0.5) for place in (0.1, 0.2, 0.1, 0.3)]
    reader = HistoryReader(1, 3)
    longer, beginning = reader.read(trials), reader.read(trials).first(2)
    tried = TriedUnits(beginning, {(0.4,)})
    assert [unit in tried for unit in [(0.1,), (0.2,), (0.3,), (0.4,), (0.5,)]] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert (0.3,) in TriedUnits(longer, ())
    assert (-0.0,) in TriedUnits(history(Observation((0.0,), 0.5)), ())
