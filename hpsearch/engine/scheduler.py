"""The lookahead scheduler: many workers, one order.

The one rule is an integer. ``front`` is the number of leading finished trials; trial ``i`` may be
proposed and started once ``i < front + lookahead``. Its proposal then knows the results of trials
0 … i - lookahead, all of them finished and always the same ones, whatever the number of workers
and whoever finished first. Results are recorded as they arrive and handed out by index.

A future that raises means that a worker died (a trial never does; see ``worker.train``). A pool
that lost a worker fails everything in flight without naming the culprit, so all of it is suspect
and runs again one trial at a time; a trial that dies alone twice is ``failed``.

Read :meth:`Scheduler.run` first.
"""

from __future__ import annotations

import concurrent.futures
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hpsearch.errors import RunError
from hpsearch.records import State, Trial, TrialResult

TICK = 0.2  # seconds between two looks at the stop flag while nothing finishes
QUICK = 0.5  # seconds: a trial so short may as well wait beside the workers
DEATHS_ALONE = 2


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
    """Train trials 0 … ``total`` - 1 on ``width`` workers.

    ``propose(index)`` gives a trial, and may look at ``results`` up to ``index - lookahead`` and
    at the trials proposed before; ``submit`` starts one; ``record`` makes results durable (it is
    called before anything is decided from them); ``timed_out`` says of a trial whose worker died
    whether that was the time limit. ``on_start`` and ``on_tick`` tell whoever shows the search.
    ``results`` holds what is finished already. ``roomy`` says that the pool may train more than
    ``width`` at once: a trial that is to wait there would not.
    """

    propose: Callable[[int], Trial]
    submit: Callable[[Trial], Future[TrialResult]]
    record: Callable[[Sequence[TrialResult]], None]
    timed_out: Callable[[Trial], bool]
    total: int
    lookahead: int
    width: int
    results: dict[int, TrialResult] = field(default_factory=dict)
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
        while self._front in self.results:
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
        while self._next in self.results:
            self._next += 1
        allowed = self._next < min(self.total, self._front + self.lookahead)
        if not allowed or len(self._ready) >= self.width:
            return False
        self._ready.append(self.propose(self._next))
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
        for future in sorted(finished, key=lambda f: self._flying[f].index):
            trial = self._flying.pop(future)
            error = future.exception()
            if error is None:
                done.append(future.result())
                self._quick = done[-1].seconds < QUICK
                self._deaths.pop(trial.index, None)
            else:
                done += self._worker_died(trial, error, alone)
        if self.stop.level == 0 and not self._suspects:
            self._start_ready()  # a worker need not wait until the disk has its result
        if done:
            self.record(done)
            self.results.update((result.trial.index, result) for result in done)

    def _worker_died(self, trial: Trial, error: BaseException, alone: bool) -> list[TrialResult]:
        if isinstance(error, RunError):
            raise error
        if self.timed_out(trial):
            return [_failed(trial, "it took longer than run.time_limit")]
        self._deaths[trial.index] = self._deaths.get(trial.index, 0) + alone
        if self._deaths[trial.index] < DEATHS_ALONE:
            self._suspects[trial.index] = trial
            return []
        return [_failed(trial, f"its worker process {_end(error)}, {DEATHS_ALONE} times")]


def _failed(trial: Trial, error: str) -> TrialResult:
    return TrialResult(
        trial=trial,
        state=State.FAILED,
        value=None,
        best_epoch=None,
        epochs=0,
        curves={},
        error=error,
    )


def _end(error: BaseException) -> str:
    """How a worker ended, from what the pool says of it: usually the exit code or the signal."""
    text = str(error)
    if "SIGKILL" in text:
        return "was killed by SIGKILL, often because memory ran out"
    for word in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"):
        if word in text:
            return f"was killed by {word}"
    code = re.search(r"(?:EXIT\(|exit code )(\d+)", text)  # as loky and as our messenger write it
    if code is not None:
        return f"ended by itself (exit code {code[1]})"
    return "was killed by SIGTERM" if "SIGTERM" in text else "died of an unknown cause"


def result_of(future: Future[Any]) -> Any:
    """The answer of a call that is not a trial.

    Raises:
        RunError: the worker died.
    """
    try:
        return future.result()
    except Exception as e:
        raise RunError(f"a worker process {_end(e)} while it was set up") from e
