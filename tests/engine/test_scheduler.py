"""The scheduler on a pool that the test controls: any order, any width, any deaths."""

import pickle
import signal
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.engine.failures import WorkerDied, WorkerUnfit
from hpsearch.engine.limits import TIMED_OUT
from hpsearch.engine.scheduler import Interrupted, Scheduler, StopFlag, answer_of
from hpsearch.errors import DataError, RunError
from hpsearch.records import State, Trial, TrialResult


def scheduler_with(**options: Any) -> Scheduler:
    """A scheduler that proposes the same point each time and knows no time limit."""
    plain = {
        "propose": lambda index: Trial(index, 0, {}, (0.5,)),
        "over_limit": lambda trial: None,
    }
    return Scheduler(**{**plain, **options})


def finished(trial: Trial, value: float) -> TrialResult:
    return TrialResult(trial, State.DONE, value, 1, 1, {"loss": (value,)})


@dataclass
class FakePool:
    """Finishes trials in an order drawn from a seed; kills its worker for ``killers``."""

    seed: int
    killers: dict[int, int] = field(default_factory=dict)
    flying: list[tuple[Trial, Future[TrialResult]]] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    most: int = 0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def submit(self, trial: Trial) -> Future[TrialResult]:
        future: Future[TrialResult] = Future()
        self.flying.append((trial, future))
        self.started.append(trial.index)
        self.most = max(self.most, len(self.flying))
        return future

    def step(self) -> None:
        """Let one trial that is in flight end; a dead worker takes all the others along."""
        if not self.flying:
            return
        number = int(self.rng.integers(len(self.flying)))
        trial, future = self.flying.pop(number)
        if self.killers.get(trial.index, 0) > 0:
            self.killers[trial.index] -= 1
            for _, other in [*self.flying, (trial, future)]:
                other.set_exception(WorkerDied(-9))
            self.flying.clear()
        else:
            future.set_result(finished(trial, trial.unit[0]))


def run_search(
    pool: FakePool,
    total: int,
    lookahead: int,
    width: int,
    known: dict[int, TrialResult] | None = None,
) -> tuple[dict[int, TrialResult], list[int]]:
    """A search whose proposals depend on every result that they may know."""
    recorded: list[int] = []
    results = dict(known or {})

    def propose(index: int) -> Trial:
        allowed = range(max(0, index - lookahead + 1))
        value = sum((i + 1) * (results[i].value or -1.0) for i in allowed) % 1.0
        pool.step()
        return Trial(index, index, {"x": value}, ((value + index * 0.37) % 1.0,))

    scheduler = scheduler_with(
        propose=propose,
        submit=pool.submit,
        record=lambda new: recorded.extend(r.trial.index for r in new),
        indices=range(total),
        lookahead=lookahead,
        width=width,
        results=results,
        on_tick=pool.step,
    )
    # The first wait may find nothing finished: let the pool move before it.
    original = scheduler._collect
    scheduler._collect = lambda timeout: (pool.step(), original(0))[1]  # type: ignore[method-assign]
    scheduler.run()
    return results, recorded


@given(
    seed=st.integers(0, 1000),
    total=st.integers(0, 25),
    lookahead=st.integers(1, 9),
    width=st.integers(1, 12),
)
def test_the_table_does_not_depend_on_workers_or_timing(
    seed: int, total: int, lookahead: int, width: int
) -> None:
    expected, _ = run_search(FakePool(0), total, lookahead, width=1)
    pool = FakePool(seed)
    results, recorded = run_search(pool, total, lookahead, width)
    assert results == expected
    assert sorted(recorded) == list(range(total))
    assert pool.most <= min(width, lookahead)


@given(
    seed=st.integers(0, 1000),
    lookahead=st.integers(1, 9),
    width=st.integers(1, 9),
    kept=st.sets(st.integers(0, 19)),
)
def test_going_on_gives_the_same_table_and_repeats_nothing(
    seed: int, lookahead: int, width: int, kept: set[int]
) -> None:
    expected, _ = run_search(FakePool(0), 20, lookahead, width=1)
    front = next(i for i in range(21) if i not in kept)
    # What a killed search can leave: a front, and any trials up to the lookahead beyond it.
    known = {i: expected[i] for i in kept if i < front + lookahead}
    pool = FakePool(seed)
    results, recorded = run_search(pool, 20, lookahead, width, known)
    assert results == expected
    assert sorted([*recorded, *known]) == list(range(20))


@given(seed=st.integers(0, 1000), width=st.integers(1, 6), victim=st.integers(0, 11))
def test_a_trial_that_kills_its_worker_is_found_out_and_nobody_else_suffers(
    seed: int, width: int, victim: int
) -> None:
    results, recorded = run_search(FakePool(seed, {victim: 100}), 12, 6, width)
    assert sorted(recorded) == list(range(12))
    assert [i for i, r in results.items() if r.state is State.FAILED] == [victim]
    assert "SIGKILL" in (results[victim].error or "")


@given(seed=st.integers(0, 1000), width=st.integers(1, 6), victim=st.integers(0, 11))
def test_a_worker_that_dies_once_costs_only_time(seed: int, width: int, victim: int) -> None:
    expected, _ = run_search(FakePool(0), 12, 6, width=1)
    results, recorded = run_search(FakePool(seed, {victim: 1}), 12, 6, width)
    assert results == expected
    assert sorted(recorded) == list(range(12))


# A cluster that others use too may have more workers than the search is to keep busy.
@pytest.mark.parametrize(
    ("seconds", "roomy", "most"), [(0.1, False, 3), (2.0, False, 2), (0.1, True, 2)]
)
def test_only_a_quick_trial_is_started_before_a_worker_is_free(
    seconds: float, roomy: bool, most: int
) -> None:
    flying: list[tuple[Trial, Future[TrialResult]]] = []
    in_flight: list[int] = []
    started_at_record: list[int] = []
    started: list[int] = []

    def submit(trial: Trial) -> Future[TrialResult]:
        flying.append((trial, Future()))
        started.append(trial.index)
        return flying[-1][1]

    def finish_the_oldest() -> None:
        in_flight.append(len(flying))
        if flying:
            trial, future = flying.pop(0)
            future.set_result(replace(finished(trial, 0.0), seconds=seconds))

    scheduler_with(
        submit=submit,
        record=lambda new: started_at_record.append(len(started)),
        indices=range(9),
        lookahead=8,
        width=2,
        roomy=roomy,
        on_tick=finish_the_oldest,
    ).run()
    assert max(in_flight) == most
    # Trial 2 was started on the worker that trial 0 had left before trial 0 went to the disk.
    assert started_at_record[0] >= 3
    assert started == list(range(9))


def test_a_time_limit_is_named_and_not_tried_again() -> None:
    pool = FakePool(0, {0: 1})
    recorded: list[TrialResult] = []
    scheduler = scheduler_with(
        submit=pool.submit,
        record=recorded.extend,
        over_limit=lambda trial: TIMED_OUT,
        indices=range(1),
        lookahead=1,
        width=1,
    )
    original = scheduler._collect
    scheduler._collect = lambda timeout: (pool.step(), original(0))[1]  # type: ignore[method-assign]
    scheduler.run()
    assert [r.error for r in recorded] == ["it took longer than run.time_limit"]
    assert pool.started == [0]


@pytest.mark.parametrize(("level", "left"), [(StopFlag.DRAIN, 0), (StopFlag.NOW, 3)])
def test_the_stop_flag_lets_trials_finish_or_not(level: int, left: int) -> None:
    pool = FakePool(0)
    stop = StopFlag()
    recorded: list[TrialResult] = []

    def on_start(trial: Trial) -> None:
        if trial.index == 2:
            stop.level = level

    scheduler = scheduler_with(
        submit=pool.submit,
        record=recorded.extend,
        indices=range(50),
        lookahead=3,
        width=3,
        on_start=on_start,
        stop=stop,
    )
    original = scheduler._collect
    scheduler._collect = lambda timeout: (  # type: ignore[method-assign]
        pool.step() if level == StopFlag.DRAIN else None,
        original(0),
    )[1]
    scheduler.run()
    assert pool.started == [0, 1, 2]
    assert len(recorded) == 3 - left


def test_a_run_folder_that_fails_ends_the_search_and_blames_no_trial() -> None:
    recorded: list[TrialResult] = []

    def submit(trial: Trial) -> Future[TrialResult]:
        future: Future[TrialResult] = Future()
        future.set_exception(RunError("the disk is full"))
        return future

    scheduler = scheduler_with(
        submit=submit,
        record=recorded.extend,
        indices=range(5),
        lookahead=2,
        width=2,
    )
    with pytest.raises(RunError, match="the disk is full"):
        scheduler.run()
    assert recorded == []


def test_results_that_came_in_before_the_cluster_went_are_recorded() -> None:
    recorded: list[TrialResult] = []

    def submit(trial: Trial) -> Future[TrialResult]:
        future: Future[TrialResult] = Future()
        if trial.index == 0:
            future.set_exception(RunError("the cluster is gone"))
        else:
            future.set_result(finished(trial, 0.5))
        return future

    scheduler = scheduler_with(
        submit=submit,
        record=recorded.extend,
        indices=range(4),
        lookahead=4,
        width=2,
    )
    with pytest.raises(RunError, match="the cluster is gone"):
        scheduler.run()
    assert [result.trial.index for result in recorded] == [1]


def test_what_has_finished_is_recorded_where_no_worker_can_be_started_any_more() -> None:
    recorded: list[TrialResult] = []
    waiting: list[tuple[Trial, Future[TrialResult]]] = []

    def submit(trial: Trial) -> Future[TrialResult]:
        if trial.index == 2:
            raise RunError("cannot start a worker process")
        waiting.append((trial, Future()))
        return waiting[-1][1]

    def finish_one() -> None:
        if waiting and scheduler._ready:
            trial, future = waiting.pop(0)
            future.set_result(finished(trial, 0.5))

    scheduler = scheduler_with(
        submit=submit,
        record=recorded.extend,
        indices=range(6),
        lookahead=6,
        width=2,
        on_tick=finish_one,
    )
    with pytest.raises(RunError, match="cannot start"):
        scheduler.run()
    assert [result.trial.index for result in recorded] == [0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (WorkerDied(), "its worker process died of an unknown cause, 2 times"),
        (WorkerUnfit("KeyError: 'x'"), r"failed outside the code that is trained \(KeyError: 'x'"),
        (KeyError("x"), r"failed outside the code that is trained \(KeyError: 'x'"),
    ],
)
def test_what_nobody_knows_the_cause_of_is_never_a_trials_fault(
    error: Exception, said: str
) -> None:
    recorded: list[TrialResult] = []
    started: list[int] = []
    renewed: list[bool] = []

    def submit(trial: Trial) -> Future[TrialResult]:
        started.append(trial.index)
        future: Future[TrialResult] = Future()
        future.set_exception(error)
        return future

    scheduler = scheduler_with(
        submit=submit,
        record=recorded.extend,
        renew=lambda: renewed.append(True),
        indices=range(4),
        lookahead=4,
        width=1,
    )
    with pytest.raises(RunError, match=said) as caught:
        scheduler.run()
    assert "nothing is recorded against it" in caught.value.message
    assert (started, recorded) == ([0, 0], [])
    assert bool(renewed) == (not isinstance(error, WorkerDied))


def test_trials_keep_their_numbers_whatever_their_order() -> None:
    recorded: list[int] = []
    trials = {index: Trial(index, 0, {}, (0.5,)) for index in (7, 2, 31)}

    def submit(trial: Trial) -> Future[TrialResult]:
        future: Future[TrialResult] = Future()
        future.set_result(finished(trial, 0.5))
        return future

    scheduler_with(
        propose=trials.__getitem__,
        submit=submit,
        record=lambda new: recorded.extend(r.trial.index for r in new),
        indices=list(trials),
        lookahead=3,
        width=1,
    ).run()
    assert recorded == [7, 2, 31]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (7, "ended by itself (exit code 7)"),
        (-signal.SIGSEGV, "was killed by SIGSEGV"),
        (-signal.SIGKILL, "was killed by SIGKILL, often because memory ran out"),
        (-77, "was killed by signal 77"),
        (None, "died of an unknown cause"),
    ],
)
def test_how_a_worker_ended_in_our_words(code: int | None, said: str) -> None:
    assert str(pickle.loads(pickle.dumps(WorkerDied(code)))) == said


def test_a_call_is_made_again_and_given_up_at_an_interrupt() -> None:
    answers: list[Future[int]] = [Future(), Future()]
    answers[0].set_exception(WorkerDied(-9))
    answers[1].set_result(5)
    calls = iter(answers)

    def ask(call: Callable[[], Future[int]], level: int = 0) -> int:
        answer: int = answer_of(
            call, "it", stop=StopFlag(level), until=StopFlag.DRAIN, renew=lambda: None
        )
        return answer

    assert ask(lambda: next(calls)) == 5
    with pytest.raises(WorkerDied):
        ask(lambda: answers[0])
    with pytest.raises(Interrupted):
        ask(Future, level=1)
    unfit: Future[int] = Future()
    unfit.set_exception(DataError("the file is gone"))
    with pytest.raises(RunError, match="the file is gone"):
        ask(lambda: unfit)
