"""Reading the parameters: each on its own, then the network's rules, then what fits together."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.config import synonyms
from hpsearch.config.blocks import read_block
from hpsearch.config.conditions import (
    Conditions,
    Declared,
    check_conditions,
    read_conditions,
)
from hpsearch.config.declarations import are_declarations, check_apart, combined
from hpsearch.config.formulas import check_formulas, is_formula, read_formula
from hpsearch.config.keys import Scalar, keys_of
from hpsearch.config.network_rules import check_for_network
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.repeated import check_repeated, expression_names
from hpsearch.config.starts import why_not
from hpsearch.config.sweeps import distribution_advice, told_with
from hpsearch.config.values import Named, called, named_list, named_values
from hpsearch.config.wording import describe
from hpsearch.records import value_key
from hpsearch.space import LINEAR, LOG, SCALES, Scale
from hpsearch.text import alternatives, in_full

NAME = re.compile(r"(?=.{1,64}$)[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
GIVEN = ("trial", "epochs")
"""What a function, a class and a command of the user's are told beside the parameters."""

FORMS = "write a value, {min: …, max: …} or {values: [a, b]}"
NUMBER_KEYS = ("min", "max", "scale", "type", "step", "count")
REPEATED_KEYS = ("per", "tied")
LARGEST = 2.0**53
"""Up to here every whole number is a float."""
CLOSE = 1e-4
"""How far from the end of a scale an advised bound is."""


def read_parameters(raw: Any, kind: str | None, problems: Problems) -> dict[str, ParameterConfig]:
    """All parameters that can be used, in the order of the config."""
    path: Path = ("parameters",)
    if not is_readable(raw) and not isinstance(raw, dict):
        return {}
    if not isinstance(raw, dict) or not raw:
        example = "parameters: {alpha: {min: 1e-4, max: 1, scale: log}}"
        if raw is None or raw == {}:
            problems.add(path, f"there are none; write for example {example}")
        else:
            problems.add(
                path, f"must be a mapping, not {describe(raw)}; write for example {example}"
            )
        return {}
    parameters = {}
    conditions = {}
    for name, value in raw.items():
        _check_name(name, kind, problems)
        conditions[name] = read_conditions(value, (*path, name), problems)
        parameter = _read_declared(value, conditions[name], raw, (*path, name), problems)
        if parameter is not None:
            parameters[name] = parameter
    if kind != "command":
        _check_groups(raw, problems)
    if kind == "network":
        check_for_network(parameters, raw, problems)
    check_repeated(parameters, kind, problems)
    check_formulas(parameters, expression_names(parameters, raw), problems)
    check_conditions(conditions, parameters, problems)
    check_apart(parameters, problems)
    return parameters


def _check_name(name: str, kind: str | None, problems: Problems) -> None:
    path = ("parameters", name)
    if NAME.fullmatch(name) is None:
        text = (
            "a parameter's name has letters, digits, _, - and dots between, and starts with a "
            "letter; rename it"
        )
        problems.add(path, text, of_key=True)
    elif name in GIVEN and kind != "network":
        text = f"your code is given {name} by hpsearch already; give the parameter another name"
        problems.add(path, text, of_key=True)


def _check_groups(names: Iterable[str], problems: Problems) -> None:
    """In Python ``optimizer.lr`` is in a dict ``optimizer``, which then is no value itself."""
    names = tuple(names)
    for name in names:
        parts = name.split(".")
        groups = {".".join(parts[:length]) for length in range(1, len(parts))}
        for group in groups.intersection(names):
            text = f"is in the dict {group}, and {group} is a parameter itself; write {group}.name"
            problems.add(("parameters", name), f"{text} for that one", of_key=True)


def _read_declared(
    raw: Any,
    conditions: Sequence[Declared],
    declared: Collection[str],
    path: Path,
    problems: Problems,
) -> ParameterConfig | None:
    """A parameter that is declared once, or several times in a list."""
    if not are_declarations(raw):
        return _read_parameter(raw, conditions[0].when, declared, path, problems)
    parts = [
        _read_parameter(part, each.when, declared, (*path, number), problems)
        for number, (part, each) in enumerate(zip(raw, conditions, strict=True))
    ]
    return combined(parts, path, problems)


def _read_parameter(
    raw: Any, when: Conditions, declared: Collection[str], path: Path, problems: Problems
) -> ParameterConfig | None:
    if isinstance(raw, Scalar):
        return ParameterConfig(value=raw)
    if not is_readable(raw) and not isinstance(raw, dict):
        return None
    if isinstance(raw, list):
        text = "must be a value or a mapping, not a list; write {values: [a, b]} to choose, "
        problems.add(path, text + "{value: [a, b]} for the list itself")
        return None
    if not raw:
        problems.add(path, f"has no value; {FORMS}")
        return None
    before = len(problems)
    distribution = distribution_advice(raw)
    apart = {"when", *told_with(distribution)}
    fields = {key: value for key, value in raw.items() if key not in apart} | {"when": when or None}
    named = _name_values(fields, path, problems)
    elsewhere = synonyms.PARAMETER | ({"distribution": distribution} if distribution else {})
    parameter = read_block(ParameterConfig, fields, path, problems, elsewhere)
    _check_keys(raw, path, problems)
    _check_form(raw, path, problems)
    if parameter is None or not is_readable(raw) or len(problems) > before:
        return None
    parameter = replace(parameter, meanings=dict(named.meanings) if named else {})
    parameter = _checked(parameter, declared, path, problems)
    if len(problems) == before:
        _check_likely(parameter, path, problems)
    return parameter if len(problems) == before else None


def _checked(
    parameter: ParameterConfig, declared: Collection[str], path: Path, problems: Problems
) -> ParameterConfig:
    """Check what its form asks for; with whole bounds, and as a formula what is one."""
    if parameter.values is not None:
        _check_values(parameter, path, problems)
    elif parameter.min is not None:
        return _check_range(parameter, path, problems)
    elif parameter.meanings:
        return parameter  # its text is a short name
    elif isinstance(parameter.value, str) and is_formula(parameter.value, declared):
        formula = read_formula(parameter.value, (*path, "value"), problems)
        return replace(parameter, value=formula)
    return parameter


def _check_likely(parameter: ParameterConfig, path: Path, problems: Problems) -> None:
    """Refuse likely values that it cannot have."""
    at = (*path, "likely")
    if parameter.likely is not None and not parameter.searched:
        problems.add(at, "has no effect on what is not searched; delete it", of_key=True)
    elif parameter.likely == ():
        problems.add(at, "is empty; write a value, or delete it")
    elif parameter.likely is not None:
        for number, value in enumerate(parameter.likely):
            wrong = why_not(str(path[1]), value, parameter)
            if wrong is not None:
                problems.add(problems.document.written((*at, number)), wrong)


def _check_keys(raw: Mapping[str, Any], path: Path, problems: Problems) -> None:
    """Keys that have no value, and ``ordered`` where there is nothing to order."""
    for key, value in raw.items():
        if value is None and key in keys_of(ParameterConfig) and key != "when":
            if key == "value" and (*path, key) not in problems.document.empty:
                continue  # null, said in so many words
            problems.add((*path, key), "has no value; write one, or delete it")
    if "ordered" in raw and "values" not in raw:
        text = "ordered goes with values, and a range is in order as it is; delete it"
        problems.add((*path, "ordered"), text, of_key=True)


def _check_form(raw: Mapping[str, Any], path: Path, problems: Problems) -> None:
    """Exactly one of value, values, min with max; and no key of another form beside it."""
    unknown = any(key not in keys_of(ParameterConfig) for key in raw)
    main = next((key for key in ("values", "value") if key in raw), None)
    if main is not None:
        for key in raw:
            alone = (*REPEATED_KEYS, "value") if main == "value" else ("value",)
            if key in (*NUMBER_KEYS, *alone) and key != main and not problems.has((*path, key)):
                problems.add(
                    problems.blame((*path, key), (*path, main)),
                    f"{key} does not go together with {main}; delete one of them",
                    of_key=True,
                )
    elif "min" not in raw and "max" not in raw:
        if not unknown:
            problems.add(path, f"has neither value nor values nor min and max; {FORMS}")
    elif not unknown:
        for key, other in (("min", "max"), ("max", "min")):
            if key not in raw:
                at = problems.blame((*path, other), path)
                problems.add(at, f"has {other} and no {key}; add {key}: …", of_key=True)


def _name_values(fields: dict[str, Any], path: Path, problems: Problems) -> Named | None:
    """Put names for the values that are not plain in their place; what they are is given back."""
    named = None
    for key in ("value", "values"):
        if key not in fields or not is_readable(fields[key]):
            continue
        if key == "values":
            named = named_values(fields[key], (*path, key), problems)
        elif not isinstance(fields[key], Scalar):
            named = named_list([fields[key]])
        if named is not None:
            fields[key] = list(named.names) if key == "values" else named.names[0]
    likely = fields.get("likely")
    if likely is not None and is_readable(likely):
        names, meanings = (named.names, named.meanings) if named else ((), {})
        listed = likely if isinstance(likely, list) else [likely]
        fields["likely"] = [called(value, names, meanings) for value in listed]
    return named


def _check_values(parameter: ParameterConfig, path: Path, problems: Problems) -> None:
    path, values = (*path, "values"), parameter.values
    assert values is not None
    if not values:
        problems.add(path, "is empty; write at least two values")
    elif len(values) == 1:
        real = parameter.real(values[0])
        fixed = describe(real) if isinstance(real, Scalar) else "{value: …}"
        problems.add(path, f"has one value; to fix it, write {path[1]}: {fixed}")
    seen: set[object] = set()
    for number, value in enumerate(values):
        if value_key(value) in seen:
            text = f"lists {describe(value)} twice; delete one"
            if value in parameter.meanings:
                text += ", or name them: {first: …, second: …}"
            problems.add((*path, number), text)
        seen.add(value_key(value))


def _check_range(parameter: ParameterConfig, path: Path, problems: Problems) -> ParameterConfig:
    """Check min, max, scale, type and step; with ``type: int``, 100.0 becomes 100."""
    before = len(problems)
    if parameter.type == "int":
        parameter = _whole(parameter, path, problems)
    low, high = parameter.min, parameter.max
    assert low is not None
    assert high is not None
    at_max = problems.blame((*path, "max"), (*path, "min"))
    if low > high:
        problems.add(at_max, f"max {high} is below min {low}; swap them")
    elif low == high:
        text = f"min and max are equal; to fix it, write {path[1]}: {describe(low)}"
        problems.add(at_max, text)
    elif not math.isfinite(float(high) - float(low)):
        problems.add(at_max, "the range is too wide for a number; choose closer bounds")
    else:
        _check_scale(parameter, path, problems)
        if len(problems) == before and parameter.step is not None:
            _check_step(parameter, path, problems)
    return parameter


def _whole(parameter: ParameterConfig, path: Path, problems: Problems) -> ParameterConfig:
    whole: dict[str, Any] = {}
    for key in ("min", "max", "step"):
        number = getattr(parameter, key)
        if number is None:
            continue
        if abs(number) > LARGEST:
            problems.add((*path, key), f"{number} is too large for type: int; write at most 9e15")
        elif number != int(number):
            text = f"{number} is not whole, and type is int; write a whole number or type: float"
            problems.add(problems.blame((*path, key), (*path, "type")), text)
        else:
            whole[key] = int(number)
    return replace(parameter, **whole)


def _check_scale(parameter: ParameterConfig, path: Path, problems: Problems) -> None:
    low, high, scale = parameter.min, parameter.max, SCALES[parameter.scale]
    assert low is not None
    assert high is not None
    if low <= scale.above:
        at = problems.blame((*path, "min"), (*path, "scale"))
        start = in_full(scale.above)
        text = f"the {scale.name} scale needs a min above {start}, not {low}"
        problems.add(at, f"{text}; {_low_enough(low, high, scale)}")
    elif high >= scale.below:
        at = problems.blame((*path, "max"), (*path, "scale"))
        end = in_full(scale.below)
        text = f"the {scale.name} scale needs a max below {end}, not {high}"
        problems.add(at, f"{text}; {_high_enough(low, high, scale)}")
    elif not scale.warp(float(low)) < scale.warp(float(high)):
        text = f"min {low} and max {high} are the same on the {scale.name} scale; move them apart"
        problems.add(problems.blame((*path, "max"), (*path, "min")), text)


def _low_enough(low: float, high: float, scale: Scale) -> str:
    """What to write in place of a min that lies before the scale's start."""
    exponents = scale is LOG and low < 0 and float(low).is_integer() and float(high).is_integer()
    if exponents and high < 10:
        return f"bounds are real values: write min: 1e{low:.0f}, max: 1e{high:.0f}"
    near = in_full(scale.above + CLOSE)
    return f"write a small min such as {near}, or scale: {LINEAR.name}"


def _high_enough(low: float, high: float, scale: Scale) -> str:
    """What to write in place of a max that lies beyond the scale's end."""
    if high == scale.below:
        return f"write for example {in_full(scale.below - CLOSE)}"
    others = [s.name for s in SCALES.values() if s.holds(low) and s.holds(high)]
    return f"write scale: {alternatives(others)}"


def _check_step(parameter: ParameterConfig, path: Path, problems: Problems) -> None:
    low, high, step = parameter.min, parameter.max, parameter.step
    assert low is not None
    assert high is not None
    assert step is not None
    at = problems.blame((*path, "step"), (*path, "min"), (*path, "max"))
    steps = (float(high) - float(low)) / float(step)
    if steps > LARGEST:
        problems.add(at, f"{step} is too small for this range; leave it out")
    elif steps < 1 - 1e-9:
        problems.add(
            at, f"{step} is larger than the range from {low} to {high}; write a smaller one"
        )
    elif not math.isclose(steps, round(steps), rel_tol=1e-9):
        last = low + math.floor(steps) * step
        text = f"steps of {step} from {low} do not meet {high}; write max: {last:.12g}"
        problems.add(at, text)
