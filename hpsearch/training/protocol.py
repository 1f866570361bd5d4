"""What can be trained: the protocol that the epoch loop knows, and what a trainable is told.

A *trainable* is one model in training. The loop asks it for one epoch at a time, and may save it,
load it and, in a babysat run, adjust it between two epochs. There is no base class: the built-in
network, a user's function, generator, class and command line all become objects of this shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

from hpsearch.data.prepared import SharedFolder
from hpsearch.data.spec import DataSpec
from hpsearch.records import Hparams, Value
from hpsearch.space.meanings import Meanings

Arrays = Mapping[str, NDArray[Any]]
"""A state or a model as named arrays: what a checkpoint can hold without pickle."""


@dataclass(frozen=True)
class TrainableSpec:
    """Which trainable a run uses, as plain data that can travel to a worker.

    ``kind`` is ``network``, ``object``, ``command``, ``told`` or ``sklearn``. ``reference`` is
    empty, or ``package.module:Object``, or ``/path/file.py:object``, or the command line. ``data``,
    ``data_seed`` (the run's seed) splits them, and ``data_folder`` is where processes share them,
    if they do. ``kernels`` is for the network only. ``folder`` is where a command runs, and where
    a module is looked for that is not on Python's path; nowhere in particular if it is empty.
    ``bare`` names the hyperparameters of a command that have values which are options themselves.
    ``pickled`` is an object of the running Python itself, for its workers alone (see
    :mod:`hpsearch.engine.by_value`), and ``code`` the digests of its parts. ``meanings`` are the
    space's: what it gives in place of the values that are short names. ``steps`` are those of a
    scikit-learn estimator. Each trial is trained once for each of so many ``folds``.
    """

    kind: str
    reference: str = ""
    folder: str = ""
    bare: tuple[str, ...] = ()
    data: DataSpec | None = None
    data_seed: int = 0
    data_folder: SharedFolder | None = None
    kernels: str = "numpy"
    pickled: bytes = field(default=b"", repr=False)
    code: tuple[tuple[str, str], ...] = ()
    meanings: Meanings = field(default_factory=dict)
    steps: tuple[tuple[str, str], ...] = ()
    folds: int | None = None


@dataclass(frozen=True)
class Context:
    """What a trainable is told about its trial.

    In a trainable ``hparams`` holds any JSON value: what short names stand for is in their place.
    ``inactive`` names the hyperparameters whose condition does not hold in this trial, and
    ``beside`` the metrics that the search needs beside ``metric``. ``fold``, from 0, is the one
    that it is to be judged on, of so many ``folds``; both are ``None`` where there are none.
    """

    trial: int
    seed: int
    epochs: int
    metric: str
    hparams: Mapping[str, Any]
    inactive: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    fold: int | None = None
    folds: int | None = None


def last_epoch(kind: str, epochs: int) -> float:
    """The epoch after which a trial ends by itself; infinite if the trainable says when.

    A command without ``epochs`` (which is then 1) is a program as it is: however many epochs it
    prints, they are its epochs.
    """
    return math.inf if kind in ("command", "told") and epochs == 1 else epochs


class Trainable(Protocol):
    """One model in training."""

    @property
    def notes(self) -> list[str]:
        """What a person should know of this training, such as output that was ignored."""

    @property
    def adjustable(self) -> frozenset[str]:
        """The hyperparameters that may change between two epochs."""

    def train_epoch(self, epoch: int) -> Mapping[str, float] | None:
        """Train epoch ``epoch`` (from 1) and give its metrics; ``None`` if training is over.

        Raises:
            TrialDiverged: the numbers are not finite any more.
        """

    def save(self) -> Arrays | None:
        """Everything needed to go on with the next epoch; ``None`` if it cannot be saved."""

    def load(self, state: Arrays) -> None:
        """Go back to a state that ``save`` gave."""

    def model(self) -> Arrays | None:
        """What prediction needs; ``None`` if hpsearch does not keep this trainable's models."""

    def adjust(self, name: str, value: Value) -> None:
        """Change one adjustable hyperparameter from the next epoch on."""

    def effective(self, epoch: int, hparams: Hparams) -> Hparams:
        """What a schedule makes of these hyperparameters in an epoch; only those that it changes.

        It answers for any values, also for those that are not in force, and changes nothing.

        Raises:
            UsageError: a value is not allowed.
        """

    def close(self) -> None:
        """Release what is held: processes, generators. Called once, whatever happened."""
