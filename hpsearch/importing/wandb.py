"""Sweeps of Weights & Biases.

Source: the W&B documentation, "Sweep configuration options", and what its agent passes on: one
``--name=value`` for each parameter, or what the macros of ``command`` say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hpsearch.config.problems import Document, Path
from hpsearch.config.sweeps import METHODS, is_sweep
from hpsearch.config.trainable import COMMAND_FIELDS
from hpsearch.importing.command_line import Argument, command_line
from hpsearch.importing.distributions import (
    Untranslatable,
    choice,
    exponents,
    normal,
    uniform,
    whole_numbers,
)
from hpsearch.importing.translation import Translation
from hpsearch.records import is_number

TOOL = "a W&B sweep"

_KNOWN = frozenset(
    {
        *("program", "command", "method", "metric", "parameters", "early_terminate", "run_cap"),
        *("name", "description"),
    }
)
_SPACE_KEYS = frozenset({"parameters"})
_PARAMETER_KEYS = frozenset(
    {"distribution", "value", "values", "min", "max", "mu", "sigma", "q", "probabilities"}
)
_FLAGS = ([True, False], [False, True])
_DEFAULT_COMMAND = ("${env}", "${interpreter}", "${program}", "${args}")


def is_wandb(values: Mapping[str, Any]) -> bool:
    """Whether a file is a sweep of Weights & Biases."""
    return is_sweep(values)


def translate(document: Document) -> Translation:
    """A sweep as a config of ours."""
    values = document.values
    result = Translation(document, TOOL, str(values.get("name") or document.stem))
    result.description = str(values.get("description") or "")
    result.leave_out(values, _KNOWN)
    _metric(values.get("metric"), result)
    _search(values, result)
    arguments = list(_parameters(values.get("parameters"), ("parameters",), result))
    program = str(values.get("program", "train.py"))
    result.command = command_line(_words(values), program, arguments, result)
    return result


def _words(values: Mapping[str, Any]) -> list[str]:
    command = values.get("command", _DEFAULT_COMMAND)
    return command.split() if isinstance(command, str) else [str(word) for word in command]


def _metric(metric: Any, result: Translation) -> None:
    result.metric = {"name": "loss", "goal": "minimize"}
    if not isinstance(metric, dict) or "name" not in metric:
        result.note(("metric",), "it names none, so the program is taken to print `loss: 0.3`")
        return
    result.leave_out(metric, frozenset({"name", "goal"}), ("metric",))
    result.metric = {"name": str(metric["name"]), "goal": str(metric.get("goal", "minimize"))}
    result.note(
        ("metric", "name"),
        f"the program has to print it as well as log it: `{metric['name']}: 0.3`, once an epoch",
    )


def _search(values: Mapping[str, Any], result: Translation) -> None:
    method = str(values.get("method", "bayes"))
    result.search["strategy"] = METHODS.get(method, "coarse-to-fine")
    if method == "bayes":
        result.note(("method",), "bayes is W&B's own; hpsearch's coarse-to-fine takes its place")
    elif method not in METHODS:
        result.note(("method",), f"{method} is not known; coarse-to-fine takes its place")
    result.count(values, "run_cap")
    if "early_terminate" in values:
        result.note(
            ("early_terminate",),
            "hyperband's brackets are not carried over; search.early_stop stops hopeless trials",
            of_key=True,
        )
    else:
        result.search["early_stop"] = "none"


def _parameters(raw: Any, path: Path, result: Translation) -> Iterator[Argument]:
    """Declare the parameters; gives what the program is told of each."""
    if not isinstance(raw, dict):
        result.note(path, "there are no parameters")
        return
    for key, value in raw.items():
        here = (*path, key)
        option = ".".join(str(part) for part in here if part != "parameters")
        if isinstance(value, dict) and "parameters" in value:
            result.leave_out(value, _SPACE_KEYS, here)
            yield from _parameters(value["parameters"], (*here, "parameters"), result)
            continue
        with result.left_out_if_untranslatable(here):
            yield _declared(option, _written(value, here, result), here, result)


def _declared(option: str, written: Any, path: Path, result: Translation) -> Argument:
    fixed = not isinstance(written, dict)
    if option == "epochs" and is_number(written) and written >= 1:
        result.epochs = int(written)
        return Argument(option, "epochs")
    if option in COMMAND_FIELDS and fixed:
        return Argument(option, None, written)
    name = result.declare(option, path, written, f"; the program still gets {option}")
    flag = isinstance(written, bool) or (not fixed and written.get("values") in _FLAGS)
    return Argument(option, name, is_flag=flag)


def _written(raw: Any, path: Path, result: Translation) -> Any:
    if not isinstance(raw, dict):
        return _chosen([raw], path, result)
    result.leave_out(raw, _PARAMETER_KEYS, path)
    word = str(raw.get("distribution") or _inferred(raw)).lower()
    if "probabilities" in raw:
        here = (*path, "probabilities")
        result.note(here, "left out; all values are equally likely", of_key=True)
    if word == "constant":
        return _chosen([raw.get("value")], path, result)
    if word.startswith("categorical"):
        values = raw.get("values")
        return _chosen(values if isinstance(values, list) else [], path, result)
    stepped = word.startswith(("q_", "quniform"))
    word = word.removeprefix("q_").replace("quniform", "uniform")
    if "normal" in word:
        result.note(path, "a normal distribution; the range holds 95 % of it", of_key=True)
    if word == "beta":
        result.note(path, "a beta distribution; the range from 0 to 1 takes its place", of_key=True)
    return _range(word, raw, raw.get("q", 1) if stepped else None)


def _chosen(values: list[Any], path: Path, result: Translation) -> Any:
    written, odd = choice(values)
    for value in odd:
        result.note(path, f"the program gets {value!r} as text, as it did", of_key=True)
    return written


def _inferred(raw: Mapping[str, Any]) -> str:
    """The distribution where none is named, as W&B finds it."""
    if "values" in raw:
        return "categorical"
    if "value" in raw:
        return "constant"
    ends = (raw.get("min"), raw.get("max"))
    return "int_uniform" if all(isinstance(end, int) for end in ends) else "uniform"


def _range(word: str, raw: Mapping[str, Any], step: Any) -> dict[str, Any]:
    """A distribution of numbers, by its name without ``q_``, which gives the step."""
    low, high = raw.get("min"), raw.get("max")
    match word:
        case "uniform":
            return uniform(raw.get("min", 0), raw.get("max", 1), step=step)
        case "int_uniform":
            return whole_numbers(low, high)
        case "log_uniform_values" | "inv_log_uniform_values":
            return uniform(low, high, log=True, step=step)
        case "log_uniform" | "inv_log_uniform":
            # ln(1/x) is drawn evenly, so that ln x is, too.
            ends = (low, high) if word == "log_uniform" else (_negated(high), _negated(low))
            return exponents(*ends, step=step)
        case "normal" | "log_normal":
            mean, sigma = raw.get("mu", 0), raw.get("sigma", 1)
            return normal(mean, sigma, log=word == "log_normal", step=step)
        case "beta":
            return uniform(0, 1, step=step)
    raise Untranslatable(f"the distribution {word} is not known")


def _negated(exponent: Any) -> Any:
    return -exponent if is_number(exponent) else exponent
