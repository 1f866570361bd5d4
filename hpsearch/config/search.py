"""Reading how points are chosen: the block ``search``, and Optuna's samplers in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hpsearch.config import synonyms
from hpsearch.config.blocks import read_block
from hpsearch.config.keys import LONGEST, Scalar, keys_of
from hpsearch.config.model import ConfirmConfig, OptunaConfig, SearchConfig
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.starts import read_starts
from hpsearch.config.taken import read_taken
from hpsearch.config.wording import describe
from hpsearch.errors import UsageError
from hpsearch.text import seconds_of

_AT: Path = ("search", "strategy")
_TAKEN = ("start_from", "trials")


def read_search(
    raw: Any,
    parameters: Mapping[str, ParameterConfig],
    declared: Collection[str],
    constraints: Iterable[str],
    problems: Problems,
) -> SearchConfig:
    """The block; what cannot be used takes its default.

    ``parameters`` are those of the ``declared`` ones that can be used.
    """
    inner = raw if isinstance(raw, dict) else {}
    own = {"start", *_TAKEN} & set(inner)
    own |= {"strategy"} if isinstance(inner.get("strategy"), dict) else set()
    own |= {"confirm"} if inner.get("confirm") is not None else set()
    rest = {k: v for k, v in inner.items() if k not in own} if inner else raw
    search = read_block(SearchConfig, rest, _AT[:1], problems, synonyms.SEARCH) or SearchConfig()
    if "start" in own:
        search = replace(
            search, start=read_starts(inner["start"], parameters, declared, constraints, problems)
        )
    for key in own.intersection(_TAKEN):
        example = f"{key}: {keys_of(SearchConfig)[key].metadata['example']}"
        at = (*_AT[:1], key)
        taken = read_taken(inner[key], at, example, parameters, problems)
        changed: Any = {key: taken}
        search = replace(search, **changed)
    if "strategy" in own and (optuna := _read_optuna(inner["strategy"], problems)) is not None:
        search = replace(search, strategy=optuna)
    if "confirm" in own:
        at = (*_AT[:1], "confirm")
        confirm = read_block(ConfirmConfig, inner["confirm"], at, problems, synonyms.CONFIRM)
        search = replace(search, confirm=confirm)
    _check_clock(search, problems)
    return search


def _check_clock(search: SearchConfig, problems: Problems) -> None:
    """Report a duration of nothing, and a day that no calendar has."""
    if isinstance(search.timeout, str) and not 0 < seconds_of(search.timeout) <= LONGEST:
        text = f"{search.timeout} is too short or too long a time; for example timeout: 2h"
        problems.add((*_AT[:1], "timeout"), text)
    if search.until is not None and "-" in search.until:
        try:
            datetime.fromisoformat(search.until)
        except ValueError as e:
            problems.add((*_AT[:1], "until"), f"{search.until} is no date of the calendar: {e}")


def _read_optuna(raw: dict[str, Any], problems: Problems) -> OptunaConfig | None:
    """A sampler and its arguments; whether there are such is checked later."""
    if not is_readable(raw):
        return None
    if "optuna" not in raw:
        text = "a mapping names one of Optuna's samplers; write {optuna: TPESampler}"
        problems.add(_AT, text)
        return None
    before = len(problems)
    named = raw["optuna"]
    if not isinstance(named, str):
        wanted = "a sampler's class, such as TPESampler"
        wrong = f"has no value; write {wanted}"
        text = wrong if named is None else f"must be {wanted}, not {describe(named)}"
        problems.add((*_AT, "optuna"), text)
    arguments = {key: value for key, value in raw.items() if key != "optuna"}
    for key, value in arguments.items():
        if not isinstance(value, Scalar | None):
            problems.add((*_AT, key), f"must be a plain value, not {describe(value)}")
    if len(problems) > before:
        return None
    return OptunaConfig(sampler=named, arguments=arguments)


def check_sampler(search: SearchConfig, problems: Problems) -> None:
    """Report what Optuna does not have, if it is installed; without it no search starts.

    Not to be asked about a recorded config: it was checked then, and what another version of
    Optuna thinks of it should not keep anyone from reading it.
    """
    if not isinstance(search.strategy, OptunaConfig):
        return
    # Only who names one of Optuna's samplers waits for Optuna.
    from hpsearch.sampling.optuna_samplers import complaints  # noqa: PLC0415

    try:
        for name, text in complaints(search.strategy.sampler, search.strategy.arguments):
            problems.add((*_AT, name or "optuna"), text, of_key=name is not None)
    except UsageError:
        return
