"""Train one recorded trial once more, and say whether it came out the same.

A trial's training is a function of its point and its seed, both in its record. So it can be
trained alone, whatever the search knew when it was proposed. It trains in a folder of its own;
the run's folder is only read.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.config import Config, load_config
from hpsearch.engine.limits import TrialLimits
from hpsearch.engine.pools import Pool, pool_of
from hpsearch.engine.scheduler import Scheduler, StopFlag
from hpsearch.engine.worker import job, train
from hpsearch.errors import UsageError
from hpsearch.portable import to_json
from hpsearch.records import Trial, TrialResult, best_result
from hpsearch.search.publish import observed_model
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import RunFolder
from hpsearch.training.environment import (
    changes_since,
    environment,
    recorded_environment,
    refuse_changes,
)
from hpsearch.training.prepare import prepare_spec
from hpsearch.training.protocol import TrainableSpec


@dataclass(frozen=True)
class Retest:
    """A trial as it was recorded, and as it came out again.

    ``differences`` has a line for each thing that is not equal, bit for bit; ``model_equal`` is
    ``None`` where the run keeps no model of this trial. ``kept`` are the files that were asked
    for, ``notes`` what may explain a difference.
    """

    recorded: TrialResult
    again: TrialResult
    differences: tuple[str, ...]
    model_equal: bool | None
    kept: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether everything came out the same."""
        return not self.differences and self.model_equal is not False


def retest(folder: RunFolder, index: int, keep: Path | None = None) -> Retest:
    """Train trial ``index`` of a run again; with ``keep``, its log and model are copied there.

    Raises:
        UsageError: the trial is not recorded, or the data have changed.
        RunError: a file cannot be read or written.
        ConfigError, DataError, TrainableError: what the run was started with is gone or wrong.
    """
    recorded = recorded_result(folder, index)
    config = load_config(folder.resolved_path).config
    notes = compared_environment(folder, config)
    with tempfile.TemporaryDirectory(prefix="hpsearch-retest-") as temporary:
        beside = folder_for_training(folder, Path(temporary))
        again = _train_alone(beside, config, recorded)
        kept = _keep(beside, index, keep) if keep is not None else ()
        return Retest(
            recorded=recorded,
            again=again,
            differences=tuple(result_differences(recorded, again)),
            model_equal=_same_model(folder, beside, recorded, config),
            kept=kept,
            notes=notes,
        )


def recorded_result(folder: RunFolder, index: int) -> TrialResult:
    """The result of one trial.

    Raises:
        UsageError: it is not recorded.
        RunError: the journal is damaged or cannot be read.
    """
    results = {result.trial.index: result for result in folder.results()}
    if index in results:
        return results[index]
    there = f"its trials go from {min(results)} to {max(results)}" if results else "it has none yet"
    raise UsageError(f"{folder.name} has no recorded trial {index}; {there}")


def result_differences(recorded: TrialResult, again: TrialResult) -> list[str]:
    """What is not equal in two results of one trial, durations aside; a line each.

    Numbers are equal if they are written the same in the journal: every bit counts.
    """
    old, new = _as_recorded(recorded), _as_recorded(again)
    differences = [
        f"{key}: {_shown(old[key])} -> {_shown(new[key])}"
        for key in ("state", "value", "best_epoch", "epochs", "error")
        if _shown(old[key]) != _shown(new[key])
    ]
    return differences + curve_differences(recorded.curves, again.curves)


def _as_recorded(result: TrialResult) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(to_json(result.to_record()))
    return record


def _shown(value: Any) -> str:
    return to_json(value)


def curve_differences(
    recorded: Mapping[str, Sequence[float | None]], again: Mapping[str, Sequence[float | None]]
) -> list[str]:
    """From which epoch on two trials' curves are not equal; a line for each metric."""
    differences = []
    for name in dict.fromkeys([*recorded, *again]):
        before, now = recorded.get(name, ()), again.get(name, ())
        for epoch, (a, b) in enumerate(zip(before, now, strict=False), start=1):
            if _shown(a) != _shown(b):
                differences.append(f"{name} from epoch {epoch} on: {_shown(a)} -> {_shown(b)}")
                break
        else:
            if len(before) != len(now):
                differences.append(f"{name}: {len(before)} -> {len(now)} epochs")
    return differences


def compared_environment(folder: RunFolder, config: Config) -> tuple[str, ...]:
    """Notes on what differs from when the run was started.

    What other code leads to is what training again finds out, so it is only noted.

    Raises:
        UsageError: the data have changed, so there is nothing to compare.
    """
    changes = changes_since(recorded_environment(folder), environment(config))
    refuse_changes(folder, changes, "search again", code_may_differ=True)
    notes = [
        f"the run was started with {name} {old}; this is {new}" for name, old, new in changes.facts
    ]
    return (*notes, *([f"{changes.code_line} since the run was started"] if changes.code else []))


def folder_for_training(folder: RunFolder, parent: Path, name: str | None = None) -> RunFolder:
    """A run folder of the same config in ``parent``, to train in; it may be there already."""
    beside = RunFolder(parent / (name or folder.name))
    if not beside.exists():
        with disk_errors(folder.resolved_path, "read the config"):
            text = folder.resolved_path.read_text(encoding="utf-8")
        beside.create(text, text)
    return beside


def _train_alone(beside: RunFolder, config: Config, recorded: TrialResult) -> TrialResult:
    """The trial's result from one worker; one that kills it twice has failed, as in a search."""
    results: list[TrialResult] = []
    with contextlib.closing(pool_of(config.run, 1, here=True)) as pool:
        train_trials(beside, config, [recorded.trial], pool, width=1, record=results.extend)
    return results[0]


def train_trials(
    beside: RunFolder,
    config: Config,
    trials: Sequence[Trial],
    pool: Pool,
    *,
    width: int,
    record: Callable[[Sequence[TrialResult]], None],
    stop: StopFlag | None = None,
    spec: TrainableSpec | None = None,
) -> None:
    """Train trials as they are, in their order, ``width`` at a time; each is told as it ends.

    ``spec`` is the trainable's, where it is prepared already.
    """
    space, spec = config.space(), spec or prepare_spec(config)
    by_index = {trial.index: trial for trial in trials}
    places = TrialLimits.of(beside, config)

    def submit(trial: Trial) -> Future[TrialResult]:
        places.forget(trial)
        return pool.submit(train, job(beside, config, space, spec, trial))

    Scheduler(
        propose=by_index.__getitem__,
        submit=submit,
        record=record,
        over_limit=places.passed,
        indices=list(by_index),
        lookahead=len(trials),
        width=width,
        renew=pool.renew,
        roomy=config.run.address is not None,
        stop=stop or StopFlag(),
    ).run()


def _same_model(
    folder: RunFolder, beside: RunFolder, recorded: TrialResult, config: Config
) -> bool | None:
    """Whether the model is the run's, byte for byte; ``None`` if the run keeps another's."""
    best, kept = best_result(folder.results(), config.metric_record()), observed_model(folder)
    if best is None or best.trial.index != recorded.trial.index or not kept.exists():
        return None
    model = beside.trial_model_path(recorded.trial.index)
    with disk_errors(kept, "read the best model"):
        return model.exists() and model.read_bytes() == kept.read_bytes()


def _keep(beside: RunFolder, index: int, keep: Path) -> tuple[Path, ...]:
    sources = (beside.log_path(index), beside.trial_model_path(index))
    with disk_errors(keep, "keep the trial's files"):
        keep.mkdir(parents=True, exist_ok=True)
        return tuple(
            Path(shutil.copyfile(source, keep / source.name))
            for source in sources
            if source.exists() and source.stat().st_size  # a log may have stayed empty
        )
