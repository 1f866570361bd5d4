"""A run's folder: where everything lies, and how runs are found. What configs mean is not known.

runs/digits/  config.yaml  resolved.yaml  trials.jsonl  best.yaml  model.npz  test.json  lock
              audit.jsonl  retries.jsonl  tries.jsonl  asked.jsonl  confirm.jsonl  set-up.txt  data/
              confirm/{0012.npz, observed.npz, …}
              trials/0012/{log.txt, curve.jsonl, checkpoint/}

A folder below the runs is a run when it holds ``resolved.yaml``; one that has lost it, and still
holds ``trials.jsonl``, is a damaged run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hpsearch.errors import RunError, UsageError
from hpsearch.records import Retry, TrialResult
from hpsearch.store import lock
from hpsearch.store.atomic import new_folder, sweep
from hpsearch.store.disk import disk_errors
from hpsearch.store.journal import read_journal
from hpsearch.store.names import check_name, is_run_name, with_ending
from hpsearch.store.results import Ending, read_attempts, read_endings, read_results
from hpsearch.text import nearest

_Read = TypeVar("_Read", bound=Sized)

LIMIT_MARK = "time-limit"
"""The file by which a worker says that what it trained, or set up, ran into the time limit."""


@dataclass(frozen=True)
class RunFolder:
    """The paths of one run, and the operations on its files as wholes."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name, which is its folder's."""
        return self.path.name

    @property
    def config_path(self) -> Path:
        """The config as it was given."""
        return self.path / "config.yaml"

    @property
    def resolved_path(self) -> Path:
        """The config with all values, versions and the machine."""
        return self.path / "resolved.yaml"

    @property
    def trials_path(self) -> Path:
        """The journal of results."""
        return self.path / "trials.jsonl"

    @property
    def retries_path(self) -> Path:
        """The journal of wishes to train failed trials again; there only if there was one."""
        return self.path / "retries.jsonl"

    @property
    def tries_path(self) -> Path:
        """The journal of trials that were tried again by themselves; there only if some were."""
        return self.path / "tries.jsonl"

    @property
    def asked_path(self) -> Path:
        """The journal of trials that were asked for, to be trained by whoever asked."""
        return self.path / "asked.jsonl"

    @property
    def audit_path(self) -> Path:
        """The journal of stopped trials that were trained to their end afterwards."""
        return self.path / "audit.jsonl"

    @property
    def confirm_path(self) -> Path:
        """The journal of the best trials' trainings on fresh seeds."""
        return self.path / "confirm.jsonl"

    @property
    def confirm_folder(self) -> Path:
        """The folder of a confirmation: the models of its candidates, and what is in training."""
        return self.path / "confirm"

    def confirmed_model_path(self, index: int) -> Path:
        """The best model of a candidate of the confirmation."""
        return self.confirm_folder / f"{index:04d}.npz"

    @property
    def observed_model_path(self) -> Path:
        """The model of the search's best trial, where ``model.npz`` is the confirmed winner's."""
        return self.confirm_folder / "observed.npz"

    @property
    def ledger_path(self) -> Path:
        """The journal of a babysat run; a search has none."""
        return self.path / "ledger.jsonl"

    @property
    def best_path(self) -> Path:
        """The best trial as a config that can be run."""
        return self.path / "best.yaml"

    @property
    def knee_path(self) -> Path:
        """Where there are several goals, the knee of the front as a config that can be run."""
        return self.path / "knee.yaml"

    @property
    def model_path(self) -> Path:
        """The best trial's network."""
        return self.path / "model.npz"

    @property
    def test_path(self) -> Path:
        """How good the best trial's network is on the test split."""
        return self.path / "test.json"

    @property
    def data_path(self) -> Path:
        """The folder of the prepared data that workers share; it can be made again."""
        return self.path / "data"

    @property
    def lock_path(self) -> Path:
        """The file that the coordinator holds a lock on."""
        return self.path / "lock"

    def trial_folder(self, index: int) -> Path:
        """The folder of one trial; it may not exist."""
        return self.path / "trials" / f"{index:04d}"

    def log_path(self, index: int) -> Path:
        """What a trial printed."""
        return self.trial_folder(index) / "log.txt"

    def limit_path(self, index: int) -> Path:
        """Says, where it is there and not empty, that a trial ran into the time limit."""
        return self.trial_folder(index) / LIMIT_MARK

    def curve_path(self, index: int) -> Path:
        """A trial's metrics while it trains."""
        return self.trial_folder(index) / "curve.jsonl"

    def trial_model_path(self, index: int) -> Path:
        """A trial's model, until it is known whether it is the best."""
        return self.trial_folder(index) / "model.npz"

    def replicates_path(self, index: int) -> Path:
        """The trainings of a trial that have ended, until all of them have."""
        return self.trial_folder(index) / "replicates.jsonl"

    def checkpoint_folder(self, index: int) -> Path:
        """The folder of a trial's checkpoints."""
        return self.trial_folder(index) / "checkpoint"

    def exists(self) -> bool:
        """Whether the run was created; it may have lost a file since."""
        with disk_errors(self.path, "look for the run"):
            return self.resolved_path.is_file() or self.trials_path.is_file()

    @property
    def is_babysat(self) -> bool:
        """Whether the run is a babysat one and not a search."""
        with disk_errors(self.path, "look for the ledger"):
            return self.ledger_path.is_file()

    def create(self, config_text: str, resolved_text: str) -> None:
        """Create the run; after a crash it exists completely or not at all.

        Raises:
            UsageError: the name cannot be a run's.
            RunError: something stands there already, or the disk is full …
        """
        check_name(self.name)
        sweep(self.path.parent)
        with new_folder(self.path) as folder:
            new = RunFolder(folder)
            new.config_path.write_bytes(config_text.encode("utf-8"))
            new.resolved_path.write_bytes(resolved_text.encode("utf-8"))
            new.trials_path.touch()

    def results(self) -> list[TrialResult]:
        """The newest recorded result of each trial, by index; another process may be adding some.

        Raises:
            RunError: the journal is damaged, or a line in it is not a result of ours.
        """
        return self._unless_cut(read_results)

    def attempts(self) -> dict[int, list[TrialResult]]:
        """All recorded results by index: a trial that was trained again has several.

        Raises:
            RunError: the journal is damaged, or a line in it is not a result of ours.
        """
        return self._unless_cut(read_attempts)

    def endings(self) -> dict[int, Ending]:
        """How each recorded trial ended, by index, without what it was or its curves.

        Raises:
            RunError: the journal is damaged, or a line in it is not a result of ours.
        """
        return self._unless_cut(read_endings)

    def _unless_cut(self, read: Callable[[Path], _Read]) -> _Read:
        """What is read of the journal; a file that was cut within its first line is no empty run.

        Raises:
            RunError: trials were recorded, and none can be read.
        """
        with disk_errors(self.trials_path, "read the journal"):
            # Asked first: it is written after the first record, maybe just now.
            recorded = self.best_path.is_file() and self.trials_path.is_file()
        found = read(self.trials_path)
        if recorded and not found:
            raise RunError(
                f"{self.trials_path}:1: the file was cut within its first line, for "
                f"{self.best_path.name} says that trials were recorded; restore it from a copy, "
                f"or remove {self.best_path.name}: all trials are then trained again"
            )
        return found

    def retries(self) -> list[Retry]:
        """The wishes to train failed trials again, in their order.

        Raises:
            RunError: the journal is damaged, or a line in it is not one of ours.
        """
        try:
            return [Retry.from_record(record) for record in read_journal(self.retries_path)]
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(
                f"{self.retries_path}: a line is not a retry ({type(error).__name__}: {error}); "
                f"was it written by another version?"
            ) from error

    def trials_left(self) -> list[int]:
        """The numbers of the trials that have left a folder.

        Raises:
            RunError: the folder cannot be read.
        """
        folder = self.trial_folder(0).parent
        with disk_errors(folder, "look for trials"):
            names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return sorted(int(name) for name in names if name.isdecimal())

    def audited(self) -> list[TrialResult]:
        """The results of stopped trials when they were trained to their end, by index.

        Raises:
            RunError: the journal is damaged, or a line in it is not a result of ours.
        """
        return read_results(self.audit_path)

    @contextmanager
    def lock(self, command: str, wait: float = 0.0) -> Iterator[None]:
        """Keep other coordinators out for the length of the body, and tidy up after dead ones.

        One that is at work is waited for, ``wait`` seconds at most.

        Raises:
            RunError: another process is at work on the run: who, since when, what to do.
        """
        with lock.hold(self.lock_path, command, wait):
            sweep(self.path)
            yield

    def is_locked(self) -> bool:
        """Whether a coordinator is at work on the run now."""
        with disk_errors(self.lock_path, "look at the lock"):
            return lock.is_held(self.lock_path)

    def changed_at(self) -> float:
        """When a result or the config was last written, in seconds since 1970."""
        with disk_errors(self.path, "look at the run"):
            paths = [self.resolved_path, self.trials_path, self.ledger_path]
            return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)


def next_free_name(root: Path, name: str) -> str:
    """The name itself if nothing has it, else ``name-2``, ``name-3`` …, cut to fit."""
    candidate, number = name, 1
    with disk_errors(root, "look for runs"):
        while (root / candidate).exists():
            number += 1
            candidate = with_ending(name, f"-{number}")
    return candidate


def find_runs(root: Path) -> list[RunFolder]:
    """The runs in a folder, the last changed first; none if there is no such folder.

    Raises:
        RunError: the folder cannot be read.
    """
    with disk_errors(root, "look for runs"):
        entries = list(root.iterdir()) if root.exists() else []
    runs = [RunFolder(path) for path in entries if is_run_name(path.name)]
    dated = [(_changed_at(run), run) for run in runs if _may_be_run(run)]
    return [run for _, run in sorted(dated, key=lambda pair: (-pair[0], pair[1].name))]


def _may_be_run(folder: RunFolder) -> bool:
    """Whether a folder is a run; one that cannot be looked into is not passed over in silence."""
    try:
        return folder.exists()
    except RunError:
        return True


def _changed_at(folder: RunFolder) -> float:
    try:
        return folder.changed_at()
    except RunError:
        return 0.0


def find_run(root: Path, name: str | None = None) -> RunFolder:
    """The run of that name in ``root``, or at that path; the last changed one for ``None``.

    Raises:
        UsageError: there is none; names what comes near.
        RunError: the folder cannot be read.
    """
    if name is not None:
        for run in (RunFolder(root / name), RunFolder(Path(name).resolve())):
            if run.exists():
                return run
    runs = find_runs(root)
    if not runs:
        raise UsageError(f"there are no runs in {root}; start one with: hpsearch run CONFIG")
    if name is None:
        return runs[0]
    near = nearest(name, [run.name for run in runs])
    hint = f"did you mean {near}?" if near else "hpsearch list shows what there is"
    raise UsageError(f"there is no run {name!r} in {root}; {hint}")
