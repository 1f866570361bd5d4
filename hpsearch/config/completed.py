"""A config with what it takes from elsewhere read, or as its run has it on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path as FilePath

from hpsearch.config.from_csv import known_results
from hpsearch.config.from_run import best_points
from hpsearch.config.load import Loaded
from hpsearch.config.model import Config
from hpsearch.config.problems import Document, Path, Problems
from hpsearch.config.taken import Taken
from hpsearch.errors import ConfigError, RunError, UsageError


def completed(
    loaded: Loaded, root: FilePath, before: Config | None = None
) -> tuple[Loaded, list[str]]:
    """The config with ``start_from`` and ``trials`` read, and notes on what could not be kept.

    ``root`` is where runs are looked for by name. What the run had read when it was started, as
    ``before`` has it, is taken from there: the earlier run may have gone on since, or be gone. A
    file of results is read again if it is there, so that a change in it is noticed.

    Raises:
        ConfigError: a place cannot be read; names the line of the config.
    """
    search = loaded.config.search
    document = loaded.document or Document("config")
    problems, notes = Problems(document), list[str]()

    def take(key: str, taken: Taken | None, read: Callable[[Taken], Taken]) -> Taken | None:
        if taken is None or taken.points is not None:
            return taken
        at: Path = ("search", key)
        try:
            return read(taken)
        except (UsageError, RunError, ConfigError) as e:
            problems.add(at, e.message)
            return None

    def from_run(taken: Taken) -> Taken:
        recorded = None if before is None else before.search.start_from
        if recorded is not None and _name(recorded) == _name(taken):
            return recorded
        beside = FilePath(document.absolute(("search", "start_from"), "."))
        place, points, told = best_points(loaded.config, taken.place, beside, root)
        notes.extend(f"start_from {FilePath(place).name}: {note}" for note in told)
        return Taken(place, tuple(points))

    def from_file(taken: Taken) -> Taken:
        file = FilePath(document.absolute(("search", "trials"), taken.place))
        recorded = None if before is None else before.search.trials
        if recorded is not None and _name(recorded) == _name(taken) and not file.exists():
            return recorded
        points, values, told = known_results(loaded.config, file)
        notes.extend(f"trials {file.name}: {note}" for note in told)
        return Taken(str(file), tuple(points), tuple(values))

    search = replace(
        search,
        start_from=take("start_from", search.start_from, from_run),
        trials=take("trials", search.trials, from_file),
    )
    if problems:
        raise problems.error()
    said = document.values.get("search") if isinstance(document.values, dict) else None
    if search.strategy == "grid" and "max_trials" not in (said or {}) and search.start_from:
        more = len(search.start_from.points or ())
        search = replace(search, max_trials=search.max_trials + more)
    return replace(loaded, config=replace(loaded.config, search=search)), notes


def _name(taken: Taken) -> str:
    return FilePath(taken.place).name
