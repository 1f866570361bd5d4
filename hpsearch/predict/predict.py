"""Label new rows with the best network of a run, or predict their number, and say how well."""

from __future__ import annotations

import csv
import dataclasses
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.config import Config, load_config
from hpsearch.data.loading import load_rows
from hpsearch.errors import DataError, UsageError
from hpsearch.network.metrics import confusion_matrix
from hpsearch.predict.network_file import AnyScores, TrainedNetwork
from hpsearch.records import what_none_has
from hpsearch.store.rundir import RunFolder


@dataclass(frozen=True)
class Predictions:
    """What the network says of some rows, in their order.

    ``probabilities`` is (n, classes). ``scores`` and ``confusion`` are there if the rows were to
    be scored; row r and column c of ``confusion``, (classes, classes), count the rows of class r
    that were taken for class c.
    """

    classes: tuple[str, ...]
    probabilities: NDArray[np.floating[Any]]
    scores: AnyScores | None = None
    confusion: NDArray[np.intp] | None = None

    @property
    def labels(self) -> list[str]:
        """The most probable class of each row; the first among equals."""
        return [self.classes[c] for c in self.probabilities.argmax(axis=1)]

    def to_csv(self, *, proba: bool = False) -> str:
        """One line a row under a header: ``prediction``, then, if asked for, ``p(CLASS)`` …

        Probabilities have six significant digits.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["prediction", *(f"p({name})" for name in self.classes if proba)])
        if proba:
            for label, row in zip(self.labels, self.probabilities.tolist(), strict=True):
                writer.writerow([label, *(f"{p:.6g}" for p in row)])
        else:
            writer.writerows([label] for label in self.labels)
        return text.getvalue()


@dataclass(frozen=True)
class NumberPredictions:
    """The number that the network predicts for some rows, (n,), in their order and its units."""

    numbers: NDArray[np.float64]
    scores: AnyScores | None = None

    def to_csv(self) -> str:
        """One number a line under the header ``prediction``, with nine significant digits."""
        return "\n".join(["prediction", *(f"{n:.9g}" for n in self.numbers.tolist()), ""])


def predict(
    folder: RunFolder, data: str, *, score: bool = False
) -> Predictions | NumberPredictions:
    """Predict for the rows of a file, or of a built-in data set, with a run's ``model.npz``.

    The rows are treated as those of the training data were, with the means and scales that were
    learnt then. Labels are looked at with ``score`` only.

    Raises:
        UsageError: the run keeps no model, or has none yet.
        DataError: the file is wrong, or does not fit the network; with ``score``, has no labels.
        RunError: the run folder is damaged.
    """
    config = load_config(folder.resolved_path).config
    network = _network_of(folder, config)
    spec = config.data
    assert spec is not None
    new = dataclasses.replace(spec, path=data)
    X, y = load_rows(new, network.preprocessing, labels=score)
    if score and y is None:
        wanted = f" in a column {spec.target!r}" if isinstance(spec.target, str) else ""
        raise DataError(
            f"{data}: has no labels to score with; add them{wanted}, or leave out --score"
        )
    scores = None if y is None else network.scores(X, y)
    if network.preprocessing.target is not None:
        return NumberPredictions(network.numbers(X), scores)
    probabilities = network.probabilities(X)
    if y is None:
        return Predictions(network.classes, probabilities)
    confusion = confusion_matrix(y, probabilities.argmax(axis=1), len(network.classes))
    return Predictions(network.classes, probabilities, scores, confusion)


def _network_of(folder: RunFolder, config: Config) -> TrainedNetwork:
    if config.trainable.kind != "network":
        raise UsageError(
            f"{folder.path} has no model: hpsearch keeps those of the built-in network, and this "
            f"run trained {config.trainable.reference}; predict with your own code"
        )
    if not folder.model_path.exists():
        raise UsageError(
            f"{folder.path} has no model yet: no trial {what_none_has(folder.results())}; "
            f"see hpsearch report {folder.name}"
        )
    return TrainedNetwork.read(folder.model_path)
