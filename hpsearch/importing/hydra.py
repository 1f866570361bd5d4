"""Configs of Hydra with a sweeper: its own, or the one for Optuna.

Source: the Hydra documentation, "Extended grammar" of overrides and "Optuna Sweeper plugin".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hpsearch.config import read_value
from hpsearch.config.other_tools import HYDRA_SPACES, HYDRA_SWEEPER, hydra_sweeper
from hpsearch.config.problems import Document, Path
from hpsearch.importing.command_line import Argument, quoted
from hpsearch.importing.distributions import Untranslatable, choice, tidy, uniform
from hpsearch.importing.translation import Translation
from hpsearch.records import is_number

TOOL = "a Hydra config with a sweeper"

_KNOWN = frozenset({*HYDRA_SPACES, "direction", "n_trials", "n_jobs", "study_name", "_target_"})
_AROUND_ANOTHER = ("tag", "int", "float", "shuffle", "sort")
_CALL = re.compile(r"\s*([A-Za-z_]+)\s*\((.*)\)\s*", re.DOTALL)
_NAMED = re.compile(r"\s*([a-z]+)\s*=(.*)", re.DOTALL)


def translate(document: Document) -> Translation:
    """The sweeper's part of a Hydra config as a config of ours."""
    sweeper = hydra_sweeper(document.values)
    result = Translation(document, TOOL, str(sweeper.get("study_name") or document.stem))
    result.leave_out(sweeper, _KNOWN, HYDRA_SWEEPER)
    direction = sweeper.get("direction", "minimize")
    if not isinstance(direction, str):
        result.note(
            (*HYDRA_SWEEPER, "direction"), "one goal is searched for: the first", of_key=True
        )
        direction = next(iter(direction or ["minimize"]))
    result.metric = {"name": "objective", "goal": direction}
    result.count(sweeper, "n_trials", "n_jobs")
    key = next(key for key in HYDRA_SPACES if isinstance(sweeper.get(key), dict))
    arguments = _parameters(sweeper[key], (*HYDRA_SWEEPER, key), result)
    options = [quoted(f"{argument.option}={argument.value}") for argument in arguments]
    result.command = " ".join(["python", "main.py", *options])
    result.note(
        (),
        "the program's name is not in the file: main.py is taken; it has to print "
        "`objective: 0.3` as well as return it",
    )
    return result


def _parameters(space: Mapping[str, Any], path: Path, result: Translation) -> list[Argument]:
    arguments = []
    for option, raw in space.items():
        here = (*path, option)
        with result.left_out_if_untranslatable(here):
            written = _from_mapping(raw) if isinstance(raw, dict) else _from_text(str(raw))
            name = result.declare(str(option), here, written, f"; the program still gets {option}")
            arguments.append(Argument(str(option), name))
    return arguments


def _from_mapping(raw: Mapping[str, Any]) -> Any:
    """The older form: ``{type: float, low: 1e-4, high: 1, log: true}``."""
    kind = raw.get("type")
    if kind == "categorical" or "choices" in raw:
        choices = raw.get("choices")
        return choice(choices if isinstance(choices, list) else [])[0]
    log = raw.get("log") is True
    if kind == "int":
        return uniform(raw.get("low"), raw.get("high"), log=log, step=raw.get("step") or 1)
    return uniform(raw.get("low"), raw.get("high"), log=log, step=raw.get("step"))


@dataclass
class _Sweep:
    """A sweep of the grammar, taken apart: ``tag(log, interval(1e-4, 1))``."""

    function: str
    arguments: list[str]
    named: dict[str, str] = field(default_factory=dict)


def _from_text(text: str) -> Any:
    """What stands behind the ``=`` of an override.

    >>> _from_text("tag(log, interval(0.001, 1))"), _from_text("1,2,4")
    ({'min': 0.001, 'max': 1, 'scale': 'log'}, {'values': [1, 2, 4]})
    """
    sweep = _parsed(text)
    if sweep is None:
        return choice([_scalar(part) for part in _parts(text)])[0]
    if sweep.function in _AROUND_ANOTHER:
        return _modified(sweep, text)
    numbers = [_scalar(part) for part in sweep.arguments]
    named = {key: _scalar(value) for key, value in sweep.named.items()}
    match sweep.function:
        case "choice":
            return choice(numbers)[0]
        case "interval":
            return uniform(*_ends(numbers, named, text))
        case "range":
            return _range(numbers, named, text)
        case _:
            raise Untranslatable(f"{sweep.function}() is not known")


def _modified(sweep: _Sweep, text: str) -> Any:
    """What a function around another sweep makes of it; an order of the values means nothing."""
    if not sweep.arguments:
        raise Untranslatable(f"{text} is empty")
    inside = _from_text(sweep.arguments[-1])
    if not isinstance(inside, dict) or "min" not in inside:
        return inside
    if sweep.function == "tag" and "log" in map(str.strip, sweep.arguments[:-1]):
        return _on_log_scale(inside)
    return inside | {"type": "int"} if sweep.function == "int" else inside


def _on_log_scale(written: dict[str, Any]) -> dict[str, Any]:
    step = written.get("step", 1 if written.get("type") == "int" else None)
    return uniform(written["min"], written["max"], log=True, step=step)


def _range(numbers: Sequence[Any], named: Mapping[str, Any], text: str) -> dict[str, Any]:
    """``range(stop)``, ``range(start, stop, step)``: the end is left out, as in Python."""
    if len(numbers) == 1 and not named:
        numbers = [0, *numbers]
    given = {"start": 0, "step": 1, **dict(zip(("start", "stop", "step"), numbers, strict=False))}
    given |= named
    start, stop, step = (_finite(given.get(key), text) for key in ("start", "stop", "step"))
    if step <= 0 or stop <= start:
        raise Untranslatable(f"{text} is not a range of numbers that rise")
    count = math.ceil(tidy((stop - start) / step))
    return uniform(start, tidy(start + (count - 1) * step), step=step)


def _finite(value: Any, text: str) -> float:
    if not is_number(value) or not math.isfinite(value):
        raise Untranslatable(f"{text} is not a range of numbers")
    number: float = value
    return number


def _ends(numbers: Sequence[Any], named: Mapping[str, Any], text: str) -> tuple[Any, Any]:
    ends = [*numbers, *(named[key] for key in ("start", "end") if key in named)]
    if len(ends) != 2:
        raise Untranslatable(f"{text} does not have two ends")
    return ends[0], ends[1]


def _parsed(text: str) -> _Sweep | None:
    call = _CALL.fullmatch(text)
    if call is None:
        return None
    sweep = _Sweep(call.group(1), [])
    for part in _parts(call.group(2)):
        named = _NAMED.fullmatch(part)
        if named is None:
            sweep.arguments.append(part)
        else:
            sweep.named[named.group(1)] = named.group(2)
    return sweep


def _parts(text: str) -> list[str]:
    """What stands between commas that are in no brackets and no quotes.

    >>> _parts("a, b(1, 2), 'c, d'")
    ['a', 'b(1, 2)', "'c, d'"]
    """
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        depth += (character in "([{") - (character in ")]}") if not quote else 0
        if character == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def _scalar(text: str) -> Any:
    try:
        return read_value(text)
    except ValueError:
        return text.strip()
