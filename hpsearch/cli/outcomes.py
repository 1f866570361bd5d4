"""What a trial came to, in the words of the commands that train trials again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpsearch.text import duration, number, plural

if TYPE_CHECKING:
    from hpsearch.records import Metric, TrialResult

OTHERWISE = (
    "the point and the seed were the same; code of your own that draws random numbers has "
    "to take them from that seed, and another machine or version may round differently"
)


def outcome(result: TrialResult, metric: Metric) -> str:
    """How a trial ended, after what, and its value or why it has none."""
    from hpsearch.report.analysis.weighed import outside

    took = f"{plural(result.epochs, 'epoch')} in {duration(result.seconds)}"
    if result.value is None:
        return f"{result.state} after {took}: {result.error}"
    value = f"{metric.name} {number(result.value)} at epoch {result.best_epoch}"
    passed = outside(result, metric)
    return f"{result.state} after {took}: {value}" + (f"; infeasible: {passed}" if passed else "")


def value(result: TrialResult, metric: Metric) -> str:
    """The value alone, or how the trial ended."""
    if result.value is None:
        return f"it {result.state}"
    return f"{metric.name} {number(result.value)}"
