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

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.prepared import SharedFolder
from hpsearch.data.spec import DataSpec
from hpsearch.errors import TrainableError
from hpsearch.records import Hparams, Value, is_number

LONGEST_SHOWN = 40  # characters of a text that is quoted in a message

Arrays = Mapping[str, NDArray[Any]]
"""A state or a model as named arrays: what a checkpoint can hold without pickle."""


@dataclass(frozen=True)
class TrainableSpec:
    """Which trainable a run uses, as plain data that can travel to a worker.

    ``kind`` is ``network``, ``object`` or ``command``. ``reference`` is empty, or
    ``package.module:Object``, or ``/path/file.py:object``, or the command line. ``data``,
    ``data_seed`` (the run's seed) splits them, and ``data_folder`` is where processes share them,
    if they do. ``kernels`` is for the network only. ``folder`` is where a command runs, and where
    a module is looked for that is not on Python's path; nowhere in particular if it is empty.
    ``bare`` names the hyperparameters of a command that have values which are options themselves.
    ``pickled`` is an object of the running Python itself, for its workers alone (see
    :mod:`hpsearch.engine.by_value`), and ``code`` the digests of its parts.
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


@dataclass(frozen=True)
class Context:
    """What a trainable is told about its trial.

    ``inactive`` names the hyperparameters whose condition does not hold in this trial.
    """

    trial: int
    seed: int
    epochs: int
    metric: str
    hparams: Hparams
    inactive: tuple[str, ...] = ()


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


def as_metrics(answer: Any, metric: str, source: str) -> dict[str, float]:
    """What user code gave for an epoch, as named floats.

    A single number is the search's metric. Zero-dimensional arrays and tensors count as numbers.

    Raises:
        TrainableError: it is neither a number nor a mapping of numbers, or lacks the metric.
    """
    if not isinstance(answer, Mapping):
        return {metric: _as_float(answer, metric, source)}
    values = {str(name): _as_float(value, str(name), source) for name, value in answer.items()}
    if metric not in values:
        given = ", ".join(values) or "nothing"
        raise TrainableError(
            f"{source} gave {given}, but the search needs the metric {metric!r}; "
            f"return it, or set metric.name"
        )
    return values


def _as_float(value: Any, name: str, source: str) -> float:
    if isinstance(value, np.ndarray) or hasattr(value, "item"):
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
