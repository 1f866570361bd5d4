"""Optuna's samplers by name: which there are, what a config can give them, and making one.

Any class of ``optuna.samplers`` can be named, with those of its keyword arguments that are plain
values. Functions, objects and lists cannot stand in a config; ``seed`` follows from the config's.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.records import Value
from hpsearch.text import nearest

# What each sampler imports besides Optuna, by the name to install.
_NEEDS = {
    "CmaEsSampler": ("cmaes",),
    "GPSampler": ("torch", "scipy"),
    "QMCSampler": ("scipy",),
}
_GRIDS = ("GridSampler", "BruteForceSampler")
_SEQUENCES = ("QMCSampler",)

# Python's word for a type in a signature, the types that may be given, and how messages say it.
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "str": ((str,), "text"),
    "None": ((type(None),), "null"),
}


def import_optuna() -> Any:
    """The package.

    Raises:
        UsageError: it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("optuna")
    except ImportError as error:
        raise UsageError(
            "search.strategy: Optuna's samplers need Optuna; install it with: "
            "pip install 'hpsearch[optuna]'"
        ) from error


def packages(sampler: str) -> tuple[str, ...]:
    """The packages on which a sampler's proposals depend."""
    return ("optuna", *_NEEDS.get(sampler, ()))


def complaints(sampler: str, arguments: Mapping[str, Value]) -> Iterator[tuple[str | None, str]]:
    """What is wrong with a sampler, as ``None`` and a text, or with arguments, by their names.

    Raises:
        UsageError: Optuna is not installed.
    """
    known = _samplers()
    if sampler in _GRIDS:
        yield None, f"{sampler} tries every point of a grid; write strategy: grid"
        return
    if sampler not in known:
        usable = [name for name in known if name not in _GRIDS and not _missing(known[name])]
        yield None, f"Optuna has no sampler {sampler}; {_near(sampler, usable)}"
        return
    signature = inspect.signature(known[sampler]).parameters
    given = {name: _kinds(p) for name, p in signature.items() if name != "seed" and _kinds(p)}
    if missing := _missing(known[sampler]):
        yield None, f"{sampler} needs {missing[0]}, which a config cannot give; name another"
        return
    wrong = [
        (name, _wrong(sampler, name, value, given, signature)) for name, value in arguments.items()
    ]
    yield from ((name, text) for name, text in wrong if text)
    absent = [package for package in _NEEDS.get(sampler, ()) if find_spec(package) is None]
    if absent:
        named = " ".join(absent)
        yield None, f"{sampler} needs {named}; install it with: pip install {named}"
    elif not any(text for _, text in wrong):
        try:
            with quiet():
                known[sampler](**arguments)
        except Exception as error:  # whatever a sampler thinks of its arguments
            yield None, f"{sampler} cannot be made: {first_line(error)}"


def takes_limits(sampler: str) -> bool:
    """Whether a sampler can be told how far limits are passed."""
    return "constraints_func" in inspect.signature(_samplers()[sampler]).parameters


def make_sampler(sampler: str, arguments: Mapping[str, Any], of_search: int, of_trial: int) -> Any:
    """A sampler about which there are no complaints, for one trial.

    Its seed is the trial's. Only for a sequence of even points it is the search's, because points
    of different sequences are not even; what is not in the sequence is drawn by the trial's.
    """
    known = _samplers()
    if sampler not in _SEQUENCES:
        return known[sampler](**arguments, seed=of_trial)
    others = known["RandomSampler"](seed=of_trial)
    return known[sampler](**arguments, seed=of_search, independent_sampler=others)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's log and warnings from the screen; its arithmetic is its own business."""
    logging = import_optuna().logging
    loudness = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(loudness)


def first_line(error: Exception) -> str:
    """An exception from Optuna in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


def _samplers() -> dict[str, Any]:
    module = import_optuna().samplers
    exported = {name: getattr(module, name) for name in module.__all__}
    return {
        name: value
        for name, value in exported.items()
        if inspect.isclass(value)
        and issubclass(value, module.BaseSampler)
        and not inspect.isabstract(value)
    }


def _missing(sampler: Any) -> list[str]:
    """The arguments that must be given and that no config can give."""
    signature = inspect.signature(sampler).parameters
    return [n for n, p in signature.items() if p.default is p.empty and not _kinds(p)]


def _kinds(parameter: inspect.Parameter) -> list[str]:
    """The plain types that an argument takes; none where it wants anything else."""
    kinds = [kind.strip() for kind in str(parameter.annotation).split("|")]
    return kinds if all(kind in _KINDS for kind in kinds) else []


def _wrong(
    sampler: str,
    name: str,
    value: Value,
    given: Mapping[str, list[str]],
    signature: Mapping[str, Any],
) -> str:
    """What is wrong with one argument; empty if nothing is."""
    if name == "seed":
        return "follows from the config's seed; delete it"
    if name not in signature:
        return f"{sampler} has no argument {name}; {_near(name, given)}"
    if name not in given:
        return f"is no plain value in {sampler}, so a config cannot give it; delete it"
    allowed = {kind for word in given[name] for kind in _KINDS[word][0]}
    if type(value) in allowed:
        return ""
    wanted = " or ".join(_KINDS[word][1] for word in given[name] if word != "None")
    return f"must be {wanted}, not {json.dumps(value)}"


def _near(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean {near}?"
    return f"there are {', '.join(names)}" if names else "delete it"
