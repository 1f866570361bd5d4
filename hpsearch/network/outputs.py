"""What the last layer means: softmax over classes, or one linear number; and how it is judged.

An output says how many units the last layer has, what a right answer is, what the network minimises
and which metrics come of it. The layers below know nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hpsearch.errors import UsageError
from hpsearch.network import model as models
from hpsearch.network.arrays import Array, Rows
from hpsearch.network.checks import checked_labels, checked_numbers
from hpsearch.network.losses import cross_entropy, squared_error
from hpsearch.network.metrics import number_metrics

Answers = npt.NDArray[Any]
"""The right answer for each row, (rows,): class numbers, or numbers to predict."""


class Output(Protocol):
    """The last layer's meaning."""

    @property
    def units(self) -> int:
        """How many units the last layer has."""
        ...

    def checked(self, X: Rows, y: Answers, n_features: int) -> Answers:
        """``y`` once it is known to fit ``X`` and the network.

        Raises:
            UsageError: it does not, or there are no rows.
        """
        ...

    def cost(self, Z: Array, y: Answers) -> tuple[float, float, Array]:
        """From a mini-batch's z: the sum of the rows' losses, of their misses, and the gradient.

        A miss is 1 for a wrong class, or the size |ŷ - y| of a number's error. The gradient is that
        of the mean loss by z.
        """
        ...

    def train_metrics(self, loss: float, missed: float, y: Answers) -> dict[str, float]:
        """An epoch's metrics from the sums of its losses and misses; ``y`` are all the answers."""
        ...

    def evaluate(self, model: models.Model, X: Rows, y: Answers) -> dict[str, float]:
        """The metrics of a model's predictions for the rows of ``X``."""
        ...


@dataclass(frozen=True)
class Softmax:
    """One of ``classes`` classes, by softmax and cross-entropy."""

    classes: int

    @property
    def units(self) -> int:
        return self.classes

    def checked(self, X: Rows, y: Answers, n_features: int) -> Answers:
        return checked_labels(X, y, n_features, self.classes)

    def cost(self, Z: Array, y: Answers) -> tuple[float, float, Array]:
        losses, dZ = cross_entropy(Z, y)
        wrong = int(np.count_nonzero(Z.argmax(axis=1) != y))
        return float(losses.sum()), wrong, dZ

    def train_metrics(self, loss: float, missed: float, y: Answers) -> dict[str, float]:
        error = missed / len(y)
        return {"train_loss": loss / len(y), "train_error": error, "train_accuracy": 1 - error}

    def evaluate(self, model: models.Model, X: Rows, y: Answers) -> dict[str, float]:
        return models.evaluate(model, X, y)


@dataclass(frozen=True)
class Linear:
    """A number, ŷ = z, by the squared error: regression."""

    units: int = 1

    def checked(self, X: Rows, y: Answers, n_features: int) -> Answers:
        return checked_numbers(X, y, n_features)

    def cost(self, Z: Array, y: Answers) -> tuple[float, float, Array]:
        losses, dZ = squared_error(Z, y.astype(Z.dtype, copy=False))
        return float(losses.sum()), float(np.abs(Z[:, 0] - y).sum()), dZ

    def train_metrics(self, loss: float, missed: float, y: Answers) -> dict[str, float]:
        values: Mapping[str, float] = number_metrics(loss, missed, y)
        return {f"train_{name}": value for name, value in values.items()}

    def evaluate(self, model: models.Model, X: Rows, y: Answers) -> dict[str, float]:
        return models.evaluate_numbers(model, X, y)


def output_for(n_classes: int | None) -> Output:
    """Softmax over so many classes; without any, one linear number.

    Raises:
        UsageError: there are fewer than 2 classes.
    """
    if n_classes is None:
        return Linear()
    if n_classes < 2:
        raise UsageError(f"the network needs at least 2 classes; the data have {n_classes}")
    return Softmax(n_classes)
