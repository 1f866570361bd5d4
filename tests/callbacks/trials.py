"""A trial as a callback meets it: what is pushed, and a stop after so many epochs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hpsearch.training.protocol import Context
from hpsearch.training.pushes import Pushes


@dataclass
class Pushed:
    """What came of a function: its epochs' metrics, and whether it came to its own end."""

    metrics: list[Mapping[str, float]] = field(default_factory=list)
    returned: Any = None


def trial(function: Callable[[], Any], metric: str, *, stop_after: int = 1000) -> Pushed:
    """Run a function in a trial that is stopped after so many epochs.

    Raises:
        TrainableError: the metric is not among what it pushes.
    """
    pushed = Pushed()

    def take(values: Mapping[str, float]) -> bool:
        pushed.metrics.append(values)
        return len(pushed.metrics) < stop_after

    pushes = Pushes(take, Context(0, 1, 1000, metric, {}), "f")
    pushed.returned = pushes.during(function)
    return pushed
