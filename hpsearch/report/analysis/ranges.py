"""Which part of each parameter's axis was searched, as the trials themselves recorded it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpsearch.records import TrialResult, Value
from hpsearch.report.analysis.rows import Span
from hpsearch.space import Number, Parameter, Space


def last_spans(space: Space, results: Sequence[TrialResult]) -> dict[str, Span]:
    """The part of each parameter's axis that the last of the trials was drawn from."""
    spans = {}
    for parameter in space.searched:
        ranges = next(
            (
                r.trial.ranges[parameter.name]
                for r in reversed(results)
                if r.trial.ranges.get(parameter.name)
            ),
            (),
        )
        spans[parameter.name] = span_of(parameter, ranges)
    return spans


def span_of(parameter: Parameter, values: Sequence[Value]) -> Span:
    """The recorded range of a parameter on its axis; the whole axis where nothing is recorded."""
    if not values:
        return Span(0.0, 1.0, whole_range(parameter))
    if not isinstance(parameter, Number):
        return Span(0.0, 1.0, tuple(values))
    low, high = unit_of(parameter, values[0]), unit_of(parameter, values[-1])
    return Span(min(low, high), max(low, high), (values[0], values[-1]))


def whole_range(parameter: Parameter) -> tuple[Value, ...]:
    """The ends of a number's declared range, or every choice."""
    if isinstance(parameter, Number):
        return (parameter.decode(0.0), parameter.decode(1.0))
    levels = parameter.levels or 0
    return tuple(parameter.decode((level + 0.5) / levels) for level in range(levels))


def unit_of(parameter: Parameter, value: Value) -> float:
    """Where a value lies on its parameter's axis; the middle for one that it cannot have.

    The end of a box may lie between the steps of a stepped parameter.
    """
    if isinstance(parameter, Number) and isinstance(value, int | float):
        held = min(max(float(value), parameter.low), parameter.high)
        if parameter.step is not None:
            steps = round((held - parameter.low) / parameter.step)
            return float(parameter.center(np.asarray(min(steps, (parameter.levels or 1) - 1))))
        return parameter.encode(held)
    try:
        return parameter.encode(value)
    except ValueError:
        return 0.5
