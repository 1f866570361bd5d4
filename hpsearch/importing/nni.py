"""Experiments and search spaces of NNI (Neural Network Intelligence).

Source: the NNI documentation, "Search Space" and "Experiment Config Reference". A trial of NNI asks
``nni.get_next_parameter()`` for its values and reports the result with
``nni.report_final_result``; here it reads ``HPSEARCH_HPARAMS`` and prints the metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.config.other_tools import NNI_SPACES
from hpsearch.config.problems import Document, Path
from hpsearch.importing.command_line import escaped
from hpsearch.importing.distributions import (
    Untranslatable,
    choice,
    normal,
    uniform,
    whole_numbers,
)
from hpsearch.importing.translation import Translation

TOOL = "an NNI search space"

_KNOWN = frozenset(
    {
        *NNI_SPACES,
        *("experimentName", "trialCommand", "maxTrialNumber", "trialConcurrency", "tuner"),
    }
)
_STRATEGIES = {"Random": "random", "GridSearch": "grid"}


def translate(document: Document) -> Translation:
    """An experiment, or a search space of its own, as a config of ours."""
    values = document.values
    key = next((key for key in NNI_SPACES if key in values), None)
    result = Translation(document, TOOL, str(values.get("experimentName") or document.stem))
    if key is None:
        _parameters(values, (), result)
        result.note((), "no command stands in a search space; python train.py is taken")
    else:
        result.leave_out(values, _KNOWN)
        _parameters(values[key], (key,), result)
        _experiment(values, result)
    result.metric = {"name": "default", "goal": _goal(values)}
    result.note(
        (),
        "the program has to read HPSEARCH_HPARAMS in place of nni.get_next_parameter(), and print "
        "`default: 0.3` in place of nni.report_…_result(0.3)",
    )
    return result


def _experiment(values: Mapping[str, Any], result: Translation) -> None:
    result.command = escaped(str(values.get("trialCommand", "python train.py")))
    result.count(values, "maxTrialNumber", "trialConcurrency")
    name = str(_tuner(values).get("name", ""))
    if name:
        result.search["strategy"] = _STRATEGIES.get(name, "coarse-to-fine")
    if name and name not in _STRATEGIES:
        result.note(("tuner", "name"), f"hpsearch's coarse-to-fine takes the place of {name}")


def _tuner(values: Mapping[str, Any]) -> Mapping[str, Any]:
    tuner = values.get("tuner")
    return tuner if isinstance(tuner, dict) else {}


def _goal(values: Mapping[str, Any]) -> str:
    """NNI's tuners maximise where nothing is said."""
    arguments = _tuner(values).get("classArgs")
    mode = arguments.get("optimize_mode") if isinstance(arguments, dict) else None
    return "minimize" if mode == "minimize" else "maximize"


def _parameters(space: Any, path: Path, result: Translation) -> None:
    for name, raw in space.items():
        here = (*path, name)
        with result.left_out_if_untranslatable(here):
            result.declare(str(name), here, _written(raw, here, result))


def _written(raw: Any, path: Path, result: Translation) -> Any:
    word = str(raw.get("_type")) if isinstance(raw, dict) else ""
    numbers = raw.get("_value") if isinstance(raw, dict) else None
    if not isinstance(numbers, list):
        raise Untranslatable("it has no _type and _value")
    if word == "choice":
        return _choice(numbers, path, result)
    if word not in _RANGES:
        raise Untranslatable(f"the type {word} is not known")
    least, convert = _RANGES[word]
    if len(numbers) != least:
        raise Untranslatable(f"its _value needs {least} numbers")
    if "normal" in word:
        result.note(path, "a normal distribution; the range holds 95 % of it", of_key=True)
    return convert(*numbers)


def _choice(values: list[Any], path: Path, result: Translation) -> Any:
    if any(isinstance(value, dict) for value in values):
        raise Untranslatable("a choice between spaces; declare each one's parameters with `when`")
    written, odd = choice(values)
    for value in odd:
        result.note(path, f"{value!r} is handed over as text", of_key=True)
    return written


def _below(low: Any, high: Any) -> dict[str, Any]:
    """``randint`` leaves its upper end out."""
    return whole_numbers(low, high - 1 if isinstance(high, int) else high)


_RANGES: Mapping[str, tuple[int, Callable[..., dict[str, Any]]]] = {
    "randint": (2, _below),
    "uniform": (2, uniform),
    "quniform": (3, lambda low, high, q: uniform(low, high, step=q)),
    "loguniform": (2, lambda low, high: uniform(low, high, log=True)),
    "qloguniform": (3, lambda low, high, q: uniform(low, high, log=True, step=q)),
    "normal": (2, normal),
    "qnormal": (3, lambda mean, sigma, q: normal(mean, sigma, step=q)),
    "lognormal": (2, lambda mean, sigma: normal(mean, sigma, log=True)),
    "qlognormal": (3, lambda mean, sigma, q: normal(mean, sigma, log=True, step=q)),
}
"""Each type of numbers: how many it takes, and what they come to."""
