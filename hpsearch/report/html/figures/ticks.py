"""Round numbers on a scale: where an axis is marked, and with what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.report.analysis.axis import ValueAxis
from hpsearch.space import LINEAR, Number, Parameter, Scale
from hpsearch.text import number

FEWEST = 3
MOST = 7
LEVELS_SHOWN = 8
_MANTISSAS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0))


@dataclass(frozen=True)
class Tick:
    """A mark at a position in [0, 1] of the axis that is drawn."""

    at: float
    label: str


def value_ticks(axis: ValueAxis, most: int = MOST) -> list[Tick]:
    """The marks of a metric's axis."""
    values = round_values(axis.scale, axis.low, axis.high, most)
    return [Tick(axis.position(v), number(v)) for v in values]


def parameter_ticks(
    parameter: Parameter, low: float = 0.0, high: float = 1.0, most: int = MOST
) -> list[Tick]:
    """The marks of a parameter's axis between two units; positions are within that window."""
    levels = parameter.levels
    if not isinstance(parameter, Number) or (levels is not None and levels <= LEVELS_SHOWN):
        units = [_center(parameter, level) for level in range(levels or 0)]
        shown = [(u, number(parameter.decode(u))) for u in units if low <= u <= high]
    else:
        start, end = float(_number(parameter, low)), float(_number(parameter, high))
        values = round_values(parameter.scale, start, end, most, whole=parameter.integer)
        shown = [(_unit(parameter, v), number(_typed(parameter, v))) for v in values]
    return [Tick(min(max((u - low) / (high - low), 0.0), 1.0), label) for u, label in shown]


def _center(parameter: Parameter, level: int) -> float:
    assert parameter.levels is not None
    if isinstance(parameter, Number):
        assert parameter.step is not None
        return parameter.encode(parameter.low + level * parameter.step)
    return (level + 0.5) / parameter.levels


def _number(parameter: Number, unit: float) -> float:
    value = parameter.decode(unit)
    assert isinstance(value, int | float)
    return value


def _typed(parameter: Number, value: float) -> float | int:
    return round(value) if parameter.integer else value


def _unit(parameter: Number, value: float) -> float:
    """The position of any value in range; for a stepped parameter, of the nearest it can have."""
    if parameter.step is not None:
        value = parameter.low + round((value - parameter.low) / parameter.step) * parameter.step
    return parameter.encode(min(max(value, parameter.low), parameter.high))


def round_values(
    scale: Scale, low: float, high: float, most: int, *, whole: bool = False
) -> list[float]:
    """At most ``most`` round values in [low, high], at least 3 where there are so many.

    On a scale that has an end, they are round distances from it.
    """
    values: list[float] = []
    if scale.above > -math.inf and low > scale.above:
        start = scale.above
        values = [start + rest for rest in _decades(low - start, high - start, most)]
    elif scale.below < math.inf and high < scale.below:
        end = scale.below
        values = [end - rest for rest in reversed(_decades(end - high, end - low, most))]
    if len(values) < 2:
        values = _evenly(low, high, most, whole)
    return [min(max(v, low), high) for v in values]


def _decades(low: float, high: float, most: int) -> list[float]:
    """1, 10, 100 …; with 3 or 2 and 5 between them where that leaves too few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    best: list[float] = []
    for mantissas in _MANTISSAS:
        powers = range(first, last + 1)
        values = [float(f"{m:g}e{p}") for p in powers for m in mantissas]
        inside = [v for v in values if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
        if len(inside) > most and best:
            break
        best = inside
        if len(best) >= FEWEST + 1:
            break
    return _thin(best, most)


def _evenly(low: float, high: float, most: int, whole: bool) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    length = high - low
    if not length > 0 or not math.isfinite(length):
        return [low]
    rough = length / most
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 1e-300 else 1e-300
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    if whole:
        step = max(step, 1.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def _thin(values: Sequence[float], most: int) -> list[float]:
    stride = -(-len(values) // most) if values else 1
    return list(values[::stride])


def apart(ticks: Sequence[Tick], least: float) -> list[Tick]:
    """The ticks without those that would stand closer than ``least`` to the one before."""
    kept: list[Tick] = []
    for tick in sorted(ticks, key=lambda t: t.at):
        if not kept or tick.at - kept[-1].at >= least:
            kept.append(tick)
    return kept


def scale_name(parameter: Parameter) -> str:
    """What stands beside an axis: nothing where the scale is linear."""
    if isinstance(parameter, Number) and parameter.scale is not LINEAR:
        return f"{parameter.scale.label} scale"
    return ""
