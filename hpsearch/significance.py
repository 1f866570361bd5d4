"""What a handful of numbers can tell: means with their errors, Student's t, intervals of a rate.

Both distributions come from the incomplete beta function, which needs no library.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

CONFIDENCE = 0.95
"""Of the intervals that are shown."""

_TINY = 1e-300
_MOST_TERMS = 300
_HALVINGS = 200


def mean_of(values: Sequence[float]) -> float:
    """The arithmetic mean of one value or more; it does not depend on their order.

    It lies between them, and is the value itself where all are equal, which rounding alone would
    not see to:

    >>> mean_of([0.99, 0.99, 0.99])
    0.99
    """
    mean = math.fsum(values) / len(values)
    return min(max(mean, min(values)), max(values))


def standard_error(values: Sequence[float]) -> float | None:
    """The standard error of the mean, s / sqrt(n); ``None`` for a single value.

    >>> standard_error([1.0, 2.0, 3.0]) == math.sqrt(1 / 3)
    True
    """
    count = len(values)
    if count < 2:
        return None
    middle = mean_of(values)
    return math.sqrt(math.fsum((v - middle) ** 2 for v in values) / (count - 1) / count)


def two_way_noise(table: Sequence[Sequence[float]]) -> tuple[float, int]:
    """The standard deviation of what neither row nor column of a table explains, and its freedom.

    The rows are candidates, the columns what all of them share: seeds, or folds. With k rows and n
    columns it is estimated with (k - 1)(n - 1) degrees of freedom (analysis of variance in two
    ways, without interaction). A single row has no rival from which to learn what the columns do:
    there it is its plain standard deviation.
    """
    rows = [mean_of(row) for row in table]
    columns = [mean_of(column) for column in zip(*table, strict=True)]
    grand = mean_of(rows)
    freedom = (len(rows) - 1) * (len(columns) - 1)
    if len(rows) == 1:
        columns, freedom = [grand] * len(columns), len(columns) - 1
    squares = math.fsum(
        (value - row - column + grand) ** 2
        for values, row in zip(table, rows, strict=True)
        for value, column in zip(values, columns, strict=True)
    )
    return math.sqrt(squares / freedom), freedom


def t_tail(t: float, freedom: float) -> float:
    """The probability that Student's t with so many degrees of freedom is ``t`` or more.

    >>> round(t_tail(2.0, 10), 5), t_tail(0.0, 3), t_tail(math.inf, 3)
    (0.03669, 0.5, 0.0)
    """
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    beyond = incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return beyond if t >= 0 else 1 - beyond


def t_quantile(tail: float, freedom: float) -> float:
    """The t, at least 0, that is reached or passed with the probability ``tail``, below 1/2.

    >>> round(t_quantile(0.025, 10), 3)
    2.228
    """
    high = 1.0
    while t_tail(high, freedom) > tail:
        high *= 2
    return _where(lambda t: t_tail(t, freedom) <= tail, 0.0, high)


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Student's 95 % interval of the mean; ``None`` for a single value."""
    error = standard_error(values)
    if error is None:
        return None
    reach = error * t_quantile((1 - CONFIDENCE) / 2, len(values) - 1)
    return mean_of(values) - reach, mean_of(values) + reach


def rate_interval(hits: float, rows: int) -> tuple[float, float]:
    """Clopper and Pearson's exact 95 % interval of a rate of which ``hits`` of ``rows`` are seen.

    Its ends are the rates with which so many hits or more, or so few or fewer, have a probability
    of 2.5 % (Biometrika 26 (1934) 404-413). ``hits`` may be a mean over several counts.

    >>> [round(end, 4) for end in rate_interval(2, 359)]
    [0.0007, 0.02]
    """
    outside = (1 - CONFIDENCE) / 2
    low = 0.0
    if hits > 0:  # P(X >= hits | p) = I_p(hits, rows - hits + 1)
        low = _where(lambda p: incomplete_beta(hits, rows - hits + 1, p) >= outside, 0.0, 1.0)
    high = 1.0
    if hits < rows:  # P(X <= hits | p) = 1 - I_p(hits + 1, rows - hits)
        high = _where(lambda p: incomplete_beta(hits + 1, rows - hits, p) >= 1 - outside, 0.0, 1.0)
    return low, high


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1].

    By its continued fraction (Abramowitz and Stegun, 26.5.8), which converges fast for
    x < (a + 1) / (a + b + 2); elsewhere by 1 - I_{1-x}(b, a).
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    log_front += a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / a / _continued_fraction(a, b, x)


def _continued_fraction(a: float, b: float, x: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)), by Lentz's method."""
    value, numerator, denominator = 1.0, 1.0, 0.0
    for term in range(1, _MOST_TERMS):
        m = term // 2
        if term % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        denominator = 1 / _away_from_zero(1 + d * denominator)
        numerator = _away_from_zero(1 + d / numerator)
        step = numerator * denominator
        value *= step
        if abs(step - 1) < 1e-15:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _where(holds: Callable[[float], bool], low: float, high: float) -> float:
    """The least argument from which on ``holds``, by bisection to the last bit."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
