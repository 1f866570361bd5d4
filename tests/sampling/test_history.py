import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.sampling.history import History, HistoryReader
from hpsearch.sampling.strategy import Observation


def history(*observations: Observation, epochs: int = 3) -> History:
    return History.of(observations, dimensions=1, epochs=epochs)


def ended(loss: float, *curve: float, stopped: bool = False) -> Observation:
    return Observation((0.5,), loss, curve, stopped)


def test_to_failed_trials_the_worst_loss_is_imputed() -> None:
    known = history(ended(0.2), ended(math.inf), ended(0.7), ended(math.nan))
    assert known.imputed_losses.tolist() == [0.2, 0.7, 0.7, 0.7]
    assert history(ended(math.inf), ended(math.inf)).imputed_losses.tolist() == [0.0, 0.0]
    assert history().imputed_losses.tolist() == []


def test_a_stopped_trial_gets_the_final_loss_of_those_just_behind_it() -> None:
    known = history(
        ended(0.1, 0.5, 0.3, 0.1),
        ended(0.3, 0.9, 0.6, 0.3),
        ended(0.2, 1.0, 0.8, 0.2),
        ended(0.6, 1.2, 0.9, 0.6),
        ended(0.9, 2.0, 1.9, 0.9),
        ended(0.55, 0.8, 0.55, stopped=True),
    )
    # After epoch 2 it had 0.55; behind it were 0.6, 0.8 and 0.9, which came to 0.3, 0.2, 0.6.
    assert known.imputed_losses[-1] == pytest.approx(0.3)
    assert known.imputed_losses[:-1].tolist() == [0.1, 0.3, 0.2, 0.6, 0.9]


def test_a_stopped_trial_behind_all_finishers_gets_the_worst_final_loss() -> None:
    known = history(
        ended(0.1, 0.5, 0.3, 0.1), ended(0.4, 0.6, 0.5, 0.4), ended(3.0, 3.0, stopped=True)
    )
    assert known.imputed_losses.tolist() == [0.1, 0.4, 0.4]


def test_fewer_than_three_behind_a_stopped_trial_are_enough() -> None:
    known = history(
        ended(0.1, 0.5, 0.3, 0.1),
        ended(0.4, 0.6, 0.5, 0.4),
        ended(0.9, 0.9, 0.9, 0.9),
        ended(0.55, 0.55, stopped=True),  # behind it: 0.4 and 0.9
        ended(0.90, 0.90, stopped=True),  # level with the last
    )
    assert known.imputed_losses[3:] == pytest.approx([0.65, 0.9])


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


@given(st.lists(observations, max_size=12), st.lists(st.integers(0, 12), max_size=8))
def test_reading_in_any_order_gives_what_a_fresh_reader_gives(
    trials: list[Observation], lengths: list[int]
) -> None:
    reader = HistoryReader(1, 3)
    for length in lengths:
        read = reader.read(trials[:length])
        fresh = History.of(trials[:length], 1, 3)
        for mine, theirs in (
            (read.units, fresh.units),
            (read.losses, fresh.losses),
            (read.stopped, fresh.stopped),
            (read.curves, fresh.curves),
        ):
            assert np.array_equal(mine, theirs, equal_nan=mine.dtype == float)
        assert len(read) == len(read.imputed_losses)
        assert np.isfinite(read.imputed_losses).all()


def test_a_reader_notices_that_history_was_changed() -> None:
    reader = HistoryReader(1, 3)
    reader.read([ended(0.5), ended(0.6)])
    assert reader.read([ended(0.5), ended(0.7), ended(0.8)]).losses.tolist() == [0.5, 0.7, 0.8]


def test_pending_points_follow_the_known_ones() -> None:
    known = history(ended(0.5))
    assert known.with_pending([(0.1,), (0.2,)]).tolist() == [[0.5], [0.1], [0.2]]
    assert known.with_pending([]).tolist() == [[0.5]]
