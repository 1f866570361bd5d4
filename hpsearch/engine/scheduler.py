"""The lookahead scheduler: many workers, one order.

The one rule is an integer. ``front`` is the number of leading finished trials; trial ``i`` may be
proposed and started once ``i < front + lookahead``. Its proposal then knows the results of trials
0 … i - lookahead, all of them finished and always the same ones, whatever the number of workers
and whoever finished first. Results are recorded as they arrive and handed out by index.

A future that raises is not a trial that failed (see ``worker.train``): a worker died or is not fit
any more, or the cluster, the disk or the config cannot be used (see ``failures``). The latter ends
the search, once everything that has finished is recorded. A pool that lost a worker may fail
everything in flight without naming the culprit, so all of it is suspect and runs again one trial
at a time. A trial under which a worker dies alone twice is ``failed`` if it is known how the
worker ended; what nobody knows the cause of is never a trial's fault.

Read :meth:`Scheduler.run` first.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hpsearch.engine.failures import (
    DEATHS_ALONE,
    WorkerDied,
    WorkerUnfit,
    blame_for,
    raise_alone,
)
from hpsearch.errors import RunError
from hpsearch.records import State, Trial, TrialResult

TICK = 0.2  # seconds between two looks at the stop flag while nothing finishes
QUICK = 0.5  # seconds: a trial so short may as well wait beside the workers


class Interrupted(Exception):
    """The stop flag was raised before a call had answered."""


@dataclass
class StopFlag:
    """How much of a hurry there is. Signal handlers raise it; it never goes down.

    0: go on. ``DRAIN``: start no more trials, let the running ones finish. ``NOW``: stop.
    """

    level: int = 0

    DRAIN: ClassVar[int] = 1
    NOW: ClassVar[int] = 2

    def raise_level(self) -> None:
        """One step more of a hurry."""
        self.level += 1


@dataclass
class Scheduler:
    """Train the trials with the numbers of ``indices``, in their order, on ``width`` workers.

    ``propose(index)`` gives a trial, and may look at ``results`` of those that come ``lookahead``
    places or more before it, and at the trials proposed before; ``submit`` starts one; ``record``
    makes results durable (it is called before anything is decided from them); ``over_limit``
    says of a trial whose worker died which limit it ran into, if it did; ``renew`` replaces the
    workers. ``may_start`` says of a trial whether the search is sure to come to it, see
    ``breaker``; it is asked again when more is known. ``again`` says of a trial that has ended
    whether it is tried once more in place of being recorded. ``on_start`` and ``on_tick`` tell
    whoever shows the search. ``results`` holds what is finished already, by number. ``roomy``
    says that the pool may train more than ``width`` at once: a trial that is to wait there would
    not.
    """

    propose: Callable[[int], Trial]
    submit: Callable[[Trial], Future[TrialResult]]
    record: Callable[[Sequence[TrialResult]], None]
    over_limit: Callable[[Trial], str | None]
    indices: Sequence[int]
    lookahead: int
    width: int
    results: dict[int, TrialResult] = field(default_factory=dict)
    renew: Callable[[], None] = lambda: None
    may_start: Callable[[int], bool] = lambda _: True
    again: Callable[[TrialResult], bool] = lambda _: False
    on_start: Callable[[Trial], None] = lambda _: None
    on_tick: Callable[[], None] = lambda: None
    roomy: bool = False
    stop: StopFlag = field(default_factory=StopFlag)

    def __post_init__(self) -> None:
        self._front = 0
        self._next = 0
        self._quick = False
        self._ready: list[Trial] = []
        self._suspects: dict[int, Trial] = {}
        self._deaths: dict[int, int] = {}
        self._flying: dict[Future[TrialResult], Trial] = {}

    def run(self) -> None:
        """Return when every trial is recorded, or when the stop flag says so.

        Raises:
            RunError: results cannot be recorded, or workers die without training anything.
        """
        while self.stop.level < StopFlag.NOW:
            self._advance_front()
            if self.stop.level == 0:
                self._start_what_may_start()
            if not self._flying:
                return
            # With a free moment while all workers are busy, think of the next trial now: when
            # one of them finishes, it need not wait for the proposal.
            thinking = self.stop.level == 0 and self._think_ahead()
            self._collect(0 if thinking else TICK)
            self.on_tick()

    def _advance_front(self) -> None:
        while self._front < len(self.indices) and self.indices[self._front] in self.results:
            self._front += 1

    def _start_what_may_start(self) -> None:
        if self._suspects:
            if not self._flying:
                index = min(self._suspects)
                self._start(self._suspects.pop(index))
            return
        while len(self._flying) < self.width and (self._ready or self._think_ahead()):
            self._start(self._ready.pop(0))
        self._start_ready()

    def _start_ready(self) -> None:
        """Start what was proposed ahead; where trials are quick, one more, for whoever is next.

        It waits in the pool, so that a worker that is done finds it there. An interrupt cannot
        take it back, so trials that are worth waiting for are not treated so.
        """
        waiting = self._quick and not self.roomy
        while len(self._flying) < self.width + waiting and self._ready:
            self._start(self._ready.pop(0))

    def _think_ahead(self) -> bool:
        """Propose one more trial if there is one to propose and it is not yet needed."""
        while self._next < len(self.indices) and self.indices[self._next] in self.results:
            self._next += 1
        allowed = self._next < min(len(self.indices), self._front + self.lookahead)
        if not allowed or len(self._ready) >= self.width:
            return False
        index = self.indices[self._next]
        if not self.may_start(index):
            return False
        self._ready.append(self.propose(index))
        self._next += 1
        return True

    def _start(self, trial: Trial) -> None:
        self.on_start(trial)
        self._flying[self.submit(trial)] = trial

    def _collect(self, timeout: float) -> None:
        """Take what has finished, and find out what to make of workers that died."""
        alone = len(self._flying) == 1
        finished, _ = concurrent.futures.wait(
            self._flying, timeout, return_when=concurrent.futures.FIRST_COMPLETED
        )
        done: list[TrialResult] = []
        failures: list[tuple[Trial, BaseException]] = []
        for future in sorted(finished, key=lambda f: self._flying[f].index):
            trial = self._flying.pop(future)
            error = future.exception()
            if error is None:
                done.append(future.result())
                self._quick = done[-1].seconds < QUICK
                self._deaths.pop(trial.index, None)
            else:
                failures.append((trial, blame_for(error)))
        try:
            if self.stop.level == 0 and not self._suspects and not failures:
                self._start_ready()  # a worker need not wait until the disk has its result
        finally:
            self._keep(done)  # also where no worker can be started any more
        for trial, error in failures:
            self._keep(self._judge(trial, error, alone))

    def _keep(self, ended: Sequence[TrialResult]) -> None:
        """Record the results, but for those of trials that are tried again: they come next."""
        done = []
        for result in ended:
            if self.again(result):
                self._deaths.pop(result.trial.index, None)
                self._ready.insert(0, result.trial)
            else:
                done.append(result)
        if done:
            self.record(done)
            self.results.update((result.trial.index, result) for result in done)

    def _judge(self, trial: Trial, error: BaseException, alone: bool) -> list[TrialResult]:
        """Whose fault it was: the trial's result if it was the trial's.

        Raises:
            RunError: nobody can train any more, or a worker fails and no trial is to blame.
        """
        if isinstance(error, RunError):
            raise error
        limit = self.over_limit(trial) if isinstance(error, WorkerDied) else None
        if limit is not None:
            return [_failed(trial, limit)]
        if isinstance(error, WorkerUnfit):
            self.renew()
        deaths = self._deaths[trial.index] = self._deaths.get(trial.index, 0) + alone
        if deaths < DEATHS_ALONE:
            self._suspects[trial.index] = trial
            return []
        if not isinstance(error, WorkerDied) or error.code is None:
            raise_alone(f"trial {trial.index}", error)
        return [_failed(trial, f"its worker process {error}, {DEATHS_ALONE} times", died=True)]


def _failed(trial: Trial, error: str, died: bool = False) -> TrialResult:
    return TrialResult(
        trial=trial,
        state=State.FAILED,
        value=None,
        best_epoch=None,
        epochs=0,
        curves={},
        error=error,
        died=died,
    )


def answer_of(
    call: Callable[[], Future[Any]],
    what: str,
    *,
    stop: StopFlag,
    until: int,
    renew: Callable[[], None],
) -> Any:
    """The answer of a call that is not a trial; if its worker dies, it is made once more.

    Raises:
        Interrupted: the stop flag has come to the level ``until``.
        WorkerDied: the worker died each time.
        RunError: the cluster, the disk or the config cannot be used, or nobody knows why it fails.
    """
    for attempt in range(1, DEATHS_ALONE + 1):
        future = call()
        while not future.done():
            if stop.level >= until:
                raise Interrupted
            concurrent.futures.wait([future], TICK)
        error = future.exception()
        if error is None:
            return future.result()
        blamed = blame_for(error)
        if isinstance(blamed, RunError):
            raise blamed
        if isinstance(blamed, WorkerUnfit):
            renew()
        if attempt == DEATHS_ALONE:
            if isinstance(blamed, WorkerDied) and blamed.code is not None:
                raise blamed
            raise_alone(what, blamed)
    raise AssertionError
