"""What user code gives as the metrics of an epoch, as named floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.errors import TrainableError
from hpsearch.records import is_number

LONGEST_SHOWN = 40  # characters of a text that is quoted in a message


def as_metrics(answer: Any, metric: str, source: str) -> dict[str, float]:
    """What user code gave for an epoch, as named floats.

    A single number is the search's metric. Zero-dimensional arrays and tensors count as numbers.

    Raises:
        TrainableError: it is neither a number nor a mapping of numbers, or lacks the metric.
    """
    if not isinstance(answer, Mapping):
        return {metric: _as_float(answer, metric, source)}
    values = as_numbers(answer, source)
    if metric not in values:
        given = ", ".join(values) or "nothing"
        raise TrainableError(
            f"{source} gave {given}, but the search needs the metric {metric!r}; "
            f"return it, or set metric.name"
        )
    return values


def as_numbers(given: Mapping[Any, Any], source: str) -> dict[str, float]:
    """Named values as named floats, whatever the metric is.

    Raises:
        TrainableError: one is no number.
    """
    return {str(name): _as_float(value, str(name), source) for name, value in given.items()}


def _as_float(value: Any, name: str, source: str) -> float:
    if hasattr(value, "item"):  # NumPy's, and those of every framework
        try:
            value = value.item()
        except (ValueError, RuntimeError):
            shape = tuple(getattr(value, "shape", ()))
            raise _not_a_number(f"an array of shape {shape}", name, source) from None
    if not is_number(value):
        raise _not_a_number(_shown(value), name, source)
    return float(value)


def _not_a_number(shown: str, name: str, source: str) -> TrainableError:
    return TrainableError(
        f"{source} gave {shown} for {name!r}; return a number, or a dict of numbers"
    )


def _shown(value: Any) -> str:
    """What user code gave; only its type, where the value would be long or a memory address."""
    kind = type(value).__name__
    if isinstance(value, str | bytes):
        return f"{value[:LONGEST_SHOWN]!r} ({kind})"
    if value is None or isinstance(value, bool | complex):
        return f"{value!r} ({kind})"
    return with_article(kind)


def with_article(kind: str) -> str:
    """The name of a type with its article, as in ``an int``."""
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
