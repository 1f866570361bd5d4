"""Words that need more than another name: sweep files, distributions, and values turned round.

A file with ``program`` is a sweep of Weights & Biases: it is said once, with what to write here.
Its distributions, and settings that other tools count from the other end, are translated together
with their numbers. Source: the W&B documentation, "Sweep configuration options".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.config.problems import Problems
from hpsearch.config.scalars import flow
from hpsearch.records import is_number

SWEEP_KEYS = frozenset(
    {
        *("program", "command", "method", "controller", "description", "early_terminate", "entity"),
        *("job", "kind", "project", "run_cap"),
    }
)
"""The keys of such a file that mean nothing here."""

METHODS = {"bayes": "coarse-to-fine", "random": "random", "grid": "grid"}
"""Its methods, and the strategies that take their places."""

_OURS = ("data", "trainable", "search")
_FLAGS_SHOWN = 3


def is_sweep(values: Mapping[str, Any]) -> bool:
    """Whether a config is a W&B sweep: by its program, or a method where we have none.

    >>> is_sweep({"program": "train.py"}), is_sweep({"method": "grid", "data": "digits"})
    (True, False)
    """
    if any(key in values for key in _OURS):
        return False
    return "program" in values or ("method" in values and "parameters" in values)


def say_that_it_is_a_sweep(values: Mapping[str, Any], problems: Problems) -> None:
    """One line: what it is, and how its head is written here."""
    program = values.get("program", "train.py")
    names = list(values["parameters"]) if isinstance(values.get("parameters"), dict) else []
    flags = [f"--{name}={{{name}}}" for name in names[:_FLAGS_SHOWN]]
    more = ["…"] if len(names) > _FLAGS_SHOWN else []
    command = " ".join(["python", str(program), *flags, *more])
    search: dict[str, Any] = {"strategy": METHODS.get(str(values.get("method")), "coarse-to-fine")}
    if isinstance(values.get("run_cap"), int):
        search["max_trials"] = values["run_cap"]
    at = "program" if "program" in values else "method"
    theirs = ", ".join(key for key in values if key in SWEEP_KEYS)
    text = (
        f"this is a W&B sweep; `hpsearch import` translates it, or in place of {theirs} "
        f'write trainable: {{command: "{command}"}} and search: {flow(search)}; '
        f"the program prints its metric, as in loss: 0.3"
    )
    problems.add((at,), text, of_key=True)


def distribution_advice(raw: Mapping[str, Any]) -> str | None:
    """What to write for a parameter's ``distribution``; ``None`` if it is not one that is known.

    >>> distribution_advice({"distribution": "log_uniform", "min": -9.21, "max": 0})
    'its bounds are exponents of e; write {min: 0.0001, max: 1, scale: log}'
    """
    word = str(raw.get("distribution")).lower().replace("-", "_").replace("quniform", "q_uniform")
    by_step, word = (word[:2] == "q_"), word.removeprefix("q_")
    step = "; write step in place of q" if by_step else ""
    if word in ("log_uniform", "inv_log_uniform"):
        ends = [raw.get("min"), raw.get("max")]
        if word.startswith("inv"):  # ln(1/x) is drawn evenly, so that ln x is, too
            ends = [-end if is_number(end) else None for end in reversed(ends)]
        low, high = (_short(_exp(end)) for end in ends)
        bounds = f"its bounds are exponents of e; write {{min: {low}, max: {high}, scale: log}}"
        return bounds + step
    if word in ("normal", "log_normal", "lognormal"):
        return _of_normal(raw, log=word != "normal")
    sentence = _DISTRIBUTIONS.get(word)
    return sentence + step if sentence else None


def call_advice(text: str) -> str | None:
    """What to write for a fixed text that draws a value in another tool; ``None`` for others.

    >>> call_advice("tune.loguniform(1e-4, 1e-1)"), call_advice("relu")
    ('write {min: …, max: …, scale: log}', None)
    """
    call = _CALL.fullmatch(text.strip())
    word = call[1].lower().replace("_", "") if call else ""
    return f"write {_CALLS[word]}" if word in _CALLS else None


def told_with(advice: str | None) -> tuple[str, ...]:
    """The keys of which the advice on a distribution has said all that there is to say."""
    return ("mu", "sigma", "mean", "std") if advice and advice.startswith("normal") else ()


_CALL = re.compile(r"(?:\w+\.)*(\w+)\s*\(.*\)", re.DOTALL)
_CALLS = {
    **dict.fromkeys(("uniform", "interval", "suggestfloat"), "{min: …, max: …}"),
    **dict.fromkeys(("loguniform", "reciprocal", "logspace"), "{min: …, max: …, scale: log}"),
    **dict.fromkeys(("quniform", "linspace"), "{min: …, max: …, step: …}"),
    **dict.fromkeys(("randint", "suggestint", "range"), "{min: …, max: …, type: int}"),
    **dict.fromkeys(("choice", "categorical", "suggestcategorical", "gridsearch"), "{values: […]}"),
}

_DISTRIBUTIONS = {
    "uniform": "delete it: numbers between min and max are drawn evenly",
    "int_uniform": "write type: int",
    "randint": "write type: int",
    "loguniform": "write scale: log",
    "log_uniform_values": "write scale: log",
    "inv_log_uniform_values": "write scale: log",
    "categorical": "delete it: one of the values is chosen",
    "categorical_w_probabilities": "delete it: all values are equally likely",
    "constant": "delete it: a value is fixed",
    "beta": "beta distributions are not searched; write {min: …, max: …}",
}


def _of_normal(raw: Mapping[str, Any], *, log: bool) -> str:
    """Two standard deviations to both sides hold 95 % of a normal distribution."""
    mu, sigma = raw.get("mu", 0), raw.get("sigma", 1)
    ends = ("…", "…")
    if is_number(mu) and is_number(sigma):
        low, high = mu - 2 * sigma, mu + 2 * sigma
        ends = (_short(_exp(low)), _short(_exp(high))) if log else (_short(low), _short(high))
    scale = ", scale: log" if log else ""
    return f"normal distributions are not searched; write {{min: {ends[0]}, max: {ends[1]}{scale}}}"


def _exp(value: Any) -> float | None:
    """The exponential of a number; ``None`` if it is none, or too large."""
    return math.exp(value) if is_number(value) and abs(value) < 700 else None


def _short(value: float | None) -> str:
    if value is None:
        return "…"
    return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e")


def _one_less(x: float) -> float:
    return 1 - x


def _power_of_ten(x: float) -> float:
    return math.inf if abs(x) > 300 else 10.0**x


TURNED: Mapping[str, tuple[str, str, Callable[[float], float]]] = {
    **dict.fromkeys(
        ("keep_prob", "keep_probability", "keep_rate"), ("dropout", "1 - {}", _one_less)
    ),
    **dict.fromkeys(("one_minus_beta", "one_minus_momentum"), ("beta", "1 - {}", _one_less)),
    **dict.fromkeys(
        ("log_lr", "lr_log", "log10_lr", "log_alpha", "log_learning_rate", "lr_exponent"),
        ("alpha", "10 to the power of {}", _power_of_ten),
    ),
}
"""Settings of the network that others count otherwise: its name here, how they are related."""


def turned_advice(name: str, raw: Any) -> str | None:
    """What to write for a setting that is another here, with its numbers; ``None`` for others.

    >>> turned_advice("keep_prob", {"min": 0.5, "max": 0.9})
    'here it is dropout, which is 1 - keep_prob; write dropout: {min: 0.1, max: 0.5}'
    """
    if name not in TURNED:
        return None
    ours, relation, convert = TURNED[name]
    scale = ", scale: log" if convert is _power_of_ten else ""
    written = ""
    if is_number(raw):
        written = _short(convert(raw))
    elif isinstance(raw, dict) and is_number(raw.get("min")) and is_number(raw.get("max")):
        low, high = sorted((convert(raw["min"]), convert(raw["max"])))
        written = f"{{min: {_short(low)}, max: {_short(high)}{scale}}}"
    elif isinstance(raw, dict) and isinstance(raw.get("values"), list):
        numbers = [convert(v) for v in raw["values"] if is_number(v)]
        written = f"{{values: [{', '.join(map(_short, numbers))}]}}"
    advice = f"; write {ours}: {written}" if written else ""
    return f"here it is {ours}, which is {relation.format(name)}{advice}"
