"""Which run folder a command works in: a new one, or one that is there and fits.

A run is continued when its config says the same as the one given, apart from what cannot change
a trial (workers, limits) and a raised ``search.max_trials``, which extends it. Anything else is
refused with the differences: silently mixing two searches in one table would ruin both.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hpsearch.config import Config, Loaded, differences, dump, load_config
from hpsearch.config.completed import completed
from hpsearch.errors import RunError, UsageError
from hpsearch.network.kernels import INSTALL
from hpsearch.records import State
from hpsearch.search.constraint_facts import constraint_note
from hpsearch.search.ending import expected_trials
from hpsearch.search.retries import Attempts, read_attempts, retry_failed
from hpsearch.store.atomic import remove_folder, write_text
from hpsearch.store.names import check_name
from hpsearch.store.rundir import RunFolder, find_runs, next_free_name
from hpsearch.text import plural
from hpsearch.training.environment import (
    CODE,
    Changes,
    changes_since,
    environment,
    recorded_environment,
    refuse_changes,
    resolved_text,
)
from hpsearch.training.prepare import with_kernels

SHOWN_DIFFERENCES = 5
ADVICE = (
    "start another run beside it with --fresh or --name NEW; for code, --accept-code goes on with "
    "the new one"
)
CHANGED_CODE = "code_changed_after_trials"
"""The fact that says after how many trials the code was another, once for each time."""


@dataclass(frozen=True)
class Launch:
    """A run folder that is ready, and what is to be done in it.

    ``finished`` trials are recorded already, as ``attempts`` has them, which is as long as the
    lock is held; ``notes`` is what the user should know, ``hint`` what may help the next time.
    """

    folder: RunFolder
    config: Config
    finished: int
    created: bool
    attempts: Attempts
    notes: tuple[str, ...] = ()
    hint: str = ""

    @property
    def total(self) -> int:
        """How many trials there will be, as far as the results on record tell."""
        return expected_trials(self.config, self.attempts.settled())


@contextlib.contextmanager
def open_run(
    loaded: Loaded,
    root: Path,
    command: str,
    *,
    fresh: bool = False,
    resume: bool = False,
    accept_code: bool = False,
    retry: bool = False,
    wait: float = 0.0,
) -> Iterator[Launch]:
    """The folder for a config under ``root``, created or found, locked while the context lasts.

    ``command`` is written into the lock, for whoever finds it held. ``fresh`` starts another run
    even where one exists; ``resume`` refuses to start one. ``accept_code`` goes on where the
    user's code has changed since; ``retry`` asks to train failed trials again, and goes on with
    code that has changed if there are any. Whoever is at work in the folder is waited for, ``wait``
    seconds at most.

    Raises:
        UsageError: the folder's run does not fit the config.
        DataError: the data file is not there.
        RunError: the folder is damaged, locked or cannot be written.
    """
    loaded.check_data()
    check_name(loaded.config.name)
    folder = RunFolder(root / loaded.config.name)
    if folder.is_babysat and not fresh:
        raise UsageError(
            f"{folder.path} holds a babysat run; choose another --name, or go on with it: "
            f"hpsearch babysit --resume {folder.name}"
        )
    created = fresh or not folder.exists()
    first = created and not find_runs(root)
    loaded, told = _with_what_it_takes(loaded, root, None if created else folder)
    config = with_kernels(loaded.config)
    if fresh:
        folder = _create_beside(root, loaded, config)
    elif created:
        if resume or retry:
            what, option = ("resume", "--resume") if resume else ("retry", "--retry-failed")
            raise UsageError(f"there is no run at {folder.path} to {what}; leave out {option}")
        created = _create(folder, loaded, config)
    with folder.lock(command, wait):
        try:
            attempts = read_attempts(folder)
            if created and not attempts.results:
                hint = _hint_at_numba(loaded.config, config) if first else ""
                notes = tuple(filter(None, [*told, constraint_note(config)]))
                yield Launch(folder, config, 0, True, attempts, notes, hint)
            else:
                yield _go_on(folder, loaded, attempts, accept_code=accept_code, retry=retry)
        except UsageError:
            # The data or the trainable cannot be used: leave no empty run behind. The lock is
            # still held, so that nobody else has begun in it.
            if created and not folder.endings():
                remove_folder(folder.path)
            raise


def _with_what_it_takes(
    loaded: Loaded, root: Path, folder: RunFolder | None
) -> tuple[Loaded, list[str]]:
    """The config with the earlier run and the results that it names, as its own run has them."""
    if loaded.config.search.start_from is None and loaded.config.search.trials is None:
        return loaded, []
    before = None if folder is None else load_config(folder.resolved_path).config
    return completed(loaded, root, before)


def _hint_at_numba(given: Config, config: Config) -> str:
    """What the extra would give, for the first run of a folder of runs."""
    if given.run.kernels == config.run.kernels or config.run.kernels != "numpy":
        return ""
    return f"{INSTALL} makes a small built-in network train in a third of the time"


def _create_beside(root: Path, loaded: Loaded, config: Config) -> RunFolder:
    """Create the run under the next free name, which others that start now want as well."""
    while True:
        folder = RunFolder(root / next_free_name(root, config.name))
        if _create(folder, loaded, config):
            return folder


def _create(folder: RunFolder, loaded: Loaded, config: Config) -> bool:
    """Create the run; ``False`` if another coordinator has just done so."""
    try:
        folder.create(loaded.text, resolved_text(config))
    except RunError:
        if not folder.exists():
            raise
        return False  # whether it is at work, the lock knows
    return True


def _go_on(
    folder: RunFolder, loaded: Loaded, attempts: Attempts, *, accept_code: bool, retry: bool
) -> Launch:
    states = {made[-1].state for made in attempts.results.values()}
    finished = len(attempts.results)
    before = load_config(folder.resolved_path).config
    config = _in_its_folder(with_kernels(loaded.config, before), before)
    recorded, facts = recorded_environment(folder), environment(config)
    notes: list[str] = []
    if finished:
        refuse_other_config(folder, before, config)
        changes = changes_since(recorded, facts)
        # Where every trial failed, the code was mended, and no result is mixed with others.
        mended = states == {State.FAILED}
        # Who trains failed trials again has mended what made them fail.
        retries = retry and State.FAILED in states
        may_differ = mended or retries or accept_code
        refuse_changes(folder, changes, ADVICE, code_may_differ=may_differ)
        notes = [*_notes(changes, finished)]
        # The first trials were trained under these; what differs now is in the notes.
        facts = _going_on(recorded, facts, changes, finished)
    if config.search.max_trials < finished:
        notes.append(
            f"search.max_trials is {config.search.max_trials}, and {finished} trials are "
            f"recorded already; they are kept"
        )
    if retry:
        attempts = retry_failed(folder, attempts)
    again = len(attempts.waiting())
    if again:
        notes.append(f"{plural(again, 'failed trial')} will be trained again")
    elif retry:
        notes.append("no trial has failed, so none is trained again")
    if dump(before) != dump(config) or recorded != facts:
        write_text(folder.config_path, loaded.text)
        write_text(folder.resolved_path, resolved_text(config, facts))
    return Launch(
        folder, config, finished - again, created=False, attempts=attempts, notes=tuple(notes)
    )


def _in_its_folder(config: Config, started: Config) -> Config:
    """The config with its command where it ran so far.

    Before a command had a folder it ran wherever hpsearch was started, and goes on to.
    """
    if config.trainable.kind != "command" or started.trainable.folder:
        return config
    return replace(config, trainable=replace(config.trainable, folder=""))


def refuse_other_config(folder: RunFolder, old: Config, new: Config) -> None:
    """Refuse a config that is not the run's.

    Raises:
        UsageError: says what differs.
    """
    changed = differences(_without_folders(old), _without_folders(new))
    if changed:
        raise UsageError(_refusal(folder, "its config differs", changed))


def _notes(changes: Changes, finished: int) -> Iterator[str]:
    """What has changed and is no reason to stop."""
    for name, old, new in changes.facts:
        yield (
            f"this run was started with {name} {old}, and goes on with {new}: "
            f"later trials may differ from an undisturbed run's"
        )
    if changes.proposals:
        yield (
            "this run was started with a version that proposes and stops trials by other rules: "
            "later trials will differ from an undisturbed run's"
        )
    if changes.code:
        yield f"{changes.code_line}; it is on record after {plural(finished, 'trial')}"


def _going_on(
    recorded: Mapping[str, str], now: Mapping[str, str], changes: Changes, finished: int
) -> dict[str, str]:
    """The facts of a run that goes on: those of its start, with the code that trains from here."""
    facts = {name: value for name, value in recorded.items() if not name.startswith(CODE)}
    if changes.code:
        after = [*filter(None, [facts.get(CHANGED_CODE)]), str(finished)]
        facts[CHANGED_CODE] = ", ".join(after)
    return facts | {name: value for name, value in now.items() if name.startswith(CODE)}


def _without_folders(config: Config) -> Config:
    """The config with the bare names of its files: a project may be moved, or run elsewhere.

    Whether the data are the same is told by their hash.
    """
    update: dict[str, Any] = {}
    if config.data is not None:
        places = {"path": config.data.path, "dev": config.data.dev, "test": config.data.test}
        names: dict[str, Any] = {
            key: Path(v).name for key, v in places.items() if isinstance(v, str)
        }
        update["data"] = replace(config.data, **names)
    if config.trainable.kind == "object":
        name = Path(config.trainable.reference).name
        update["trainable"] = replace(config.trainable, reference=name)
    return replace(config, **update)


def _refusal(folder: RunFolder, what: str, changes: Sequence[str]) -> str:
    shown = "; ".join(changes[:SHOWN_DIFFERENCES])
    more = len(changes) - SHOWN_DIFFERENCES
    rest = f"; and {more} more" if more > 0 else ""
    return (
        f"{folder.path} holds a run, and {what} ({shown}{rest}). "
        f"Start another beside it with --fresh or --name NEW, or undo the change to go on with it"
    )
