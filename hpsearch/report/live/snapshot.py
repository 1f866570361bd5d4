"""What a run looks like at this moment, read from its folder while another process works in it.

:class:`LiveRun` keeps what it has seen: a snapshot costs what is new since the last one, however
long the run is. Which trials are under way follows from the scheduler's rule (trial i may start
when fewer than ``lookahead`` trials before it are open): their curve files are looked for by
name, and no folder is listed.
"""

from __future__ import annotations

import math
import time
from bisect import insort
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.config import load_config
from hpsearch.panda.run_facts import space_shown
from hpsearch.records import Hparams, Metric, State, TrialResult, finite, train_counterpart
from hpsearch.report.analysis.failures import first_line
from hpsearch.report.analysis.ranges import last_spans
from hpsearch.report.analysis.rows import Curve, Span, TrialRow
from hpsearch.report.analysis.summary import trial_row
from hpsearch.report.analysis.weighed import is_infeasible
from hpsearch.search.ending import Known, counted_value, expected_trials
from hpsearch.search.front import Front, front_of
from hpsearch.search.proposals import planned_trials
from hpsearch.space import Space
from hpsearch.store.curves import read_curve
from hpsearch.store.journal import JournalTail
from hpsearch.store.results import results_from
from hpsearch.store.rundir import RunFolder

BEST_KEPT = 40  # more than a screen shows
LENGTHS_KEPT = 50
SHORTEST_WATCH = 2.0  # seconds before a rate means anything


@dataclass(frozen=True)
class RunningTrial:
    """A trial under way: its planned epochs, and its metric after each epoch so far."""

    trial: int
    hparams: Hparams
    epochs: int
    curve: Curve
    value: float | None


@dataclass(frozen=True)
class Failure:
    """The last trial that failed or diverged."""

    trial: int
    state: State
    error: str
    hparams: Hparams


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment.

    ``elapsed`` and ``eta`` are in seconds; ``eta`` is ``None`` until a trial finished while we
    watched, and ``elapsed`` where nobody is known to be at work.
    """

    name: str
    metric: Metric
    space: Space
    seed: int
    max_trials: int
    recorded: int
    last_trial: int
    round: int
    counts: Mapping[State, int]
    infeasible: int
    on_front: int
    best: tuple[TrialRow, ...]
    running: tuple[RunningTrial, ...]
    spans: Mapping[str, Span]
    last_failure: Failure | None
    folder: str
    elapsed: float | None
    eta: float | None


class LiveRun:
    """Follows a run's folder; reads only.

    Raises:
        RunError, ConfigError: the folder cannot be read, or is damaged.
    """

    def __init__(self, folder: RunFolder) -> None:
        config = load_config(folder.resolved_path).config
        self.folder = folder
        self.space, self.metric = space_shown(config.space()), config.metric_record()
        self.seed = config.seed
        self._config, self.lookahead = config, config.search.lookahead
        self.max_trials = planned_trials(config)
        self._tail = JournalTail(folder.trials_path)
        self._started = time.monotonic()
        self._seen: set[int] = set()
        self._endings: dict[int, Known] = {}
        self._front = 0
        self._counts: Counter[State] = Counter()
        self._best: list[tuple[float, int, TrialRow]] = []
        self._last: TrialResult | None = None
        self._round = 1
        self._infeasible = 0
        self._on_front = Front(self.metric, ())
        self._failure: Failure | None = None
        self._lengths: deque[int] = deque(maxlen=LENGTHS_KEPT)
        self._epochs_before: int | None = None
        self._epochs_recorded = 0
        self._recorded_before = 0
        self._train_metric: str | None = None

    def snapshot(self) -> Snapshot:
        """The run as it is now."""
        for result in results_from(self._tail.path, self._tail.poll()):
            self._add(result)
        self.max_trials = expected_trials(self._config, self._endings)
        running = self._running()
        return Snapshot(
            name=self.folder.name,
            metric=self.metric,
            space=self.space,
            seed=self.seed,
            max_trials=max(self.max_trials, len(self._seen)),
            recorded=len(self._seen),
            last_trial=self._last.trial.index if self._last else 0,
            round=self._round,
            counts=dict(self._counts),
            infeasible=self._infeasible,
            on_front=len(self._on_front.trials),
            best=tuple(row for _, _, row in self._best),
            running=running,
            spans=last_spans(self.space, [self._last] if self._last else []),
            last_failure=self._failure,
            folder=str(self.folder.path),
            elapsed=time.monotonic() - self._started,
            eta=self._eta(sum(len(trial.curve) for trial in running)),
        )

    def _add(self, result: TrialResult) -> None:
        index = result.trial.index
        if index in self._seen:  # it had failed, and was trained again
            self._counts[State.FAILED] -= 1
        self._seen.add(index)
        self._endings[index] = Known(counted_value(result, self.metric))
        while self._front in self._seen:
            self._front += 1
        self._counts[result.state] += 1
        self._lengths.append(result.epochs)
        self._epochs_recorded += result.epochs
        self._round = max(self._round, result.trial.round)
        if self._last is None or index > self._last.trial.index:
            self._last = result
        if self._train_metric is None:
            self._train_metric = train_counterpart(self.metric.name, result.curves)
        self._rank(result)
        if result.state in (State.FAILED, State.DIVERGED):
            row = trial_row(result, None, self.metric, None)
            self._failure = Failure(index, result.state, first_line(row), row.hparams)

    def _rank(self, result: TrialResult) -> None:
        value = finite(result.value)
        if value is None:
            return
        if is_infeasible(result, self.metric):
            self._infeasible += 1
            return
        if self.metric.further:
            self._on_front = front_of([*self._on_front.trials, result], self.metric)
        loss, index = self.metric.goal.loss(value), result.trial.index
        if len(self._best) < BEST_KEPT or (loss, index) < self._best[-1][:2]:
            row = trial_row(result, 1, self.metric, self._train_metric)
            insort(self._best, (loss, index, row), key=lambda entry: entry[:2])
            del self._best[BEST_KEPT:]

    def _running(self) -> tuple[RunningTrial, ...]:
        last = min(self._front + self.lookahead, self.max_trials)
        waiting = [i for i in range(self._front, last) if i not in self._seen]
        trials = (self._read_running(index) for index in waiting)
        return tuple(trial for trial in trials if trial is not None)

    def _read_running(self, index: int) -> RunningTrial | None:
        header, epochs = read_curve(self.folder.curve_path(index))
        if header is None:
            return None
        numbers = [metrics.values.get(header.metric, math.nan) for metrics in epochs]
        so_far = self.metric.values_so_far([v for v in numbers if math.isfinite(v)])
        return RunningTrial(
            trial=index,
            hparams=header.hparams,
            epochs=max(header.epochs, len(numbers)),
            curve=tuple(map(finite, numbers)),
            value=so_far[-1] if so_far else None,
        )

    def _eta(self, under_way: int) -> float | None:
        """Seconds left, from the rate of finished epochs since the first look."""
        trained = self._epochs_recorded + under_way
        if self._epochs_before is None:
            self._epochs_before, self._recorded_before = trained, len(self._seen)
        elapsed = time.monotonic() - self._started
        new = trained - self._epochs_before
        left = self.max_trials - len(self._seen)
        if left <= 0:
            return 0.0
        if len(self._seen) == self._recorded_before or elapsed < SHORTEST_WATCH or new <= 0:
            return None
        typical = sum(self._lengths) / len(self._lengths)
        return max(left * typical - under_way, 0.0) * elapsed / new
