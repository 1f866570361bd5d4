"""What a lineage is made of: positions, epochs, branches, and how settings are compared and told.

Positions are written ``main@12``: the state of branch ``main`` after its epoch 12. Epoch 0 is the
untrained model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hpsearch.records import Goal, Hparams, Metric, Value, finite_values, same_value, scalars
from hpsearch.text import change

FORMAT = 1
"""Of the ledger; its first record says it."""


@dataclass(frozen=True, order=True)
class Position:
    """The state of a branch after an epoch."""

    branch: str
    epoch: int

    def __str__(self) -> str:
        return f"{self.branch}@{self.epoch}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """The inverse of ``str``.

        Raises:
            ValueError: the text is not a position.
        """
        branch, at, epoch = text.rpartition("@")
        if not at or not branch or not epoch.isdecimal():
            raise ValueError(f"{text!r} is not a position such as main@12")
        return cls(branch, int(epoch))


@dataclass(frozen=True)
class Start:
    """What the model began with.

    ``trial`` and ``seed`` give its random streams. ``inactive`` names the declared hyperparameters
    whose condition does not hold. ``adjustable`` are those that may change. ``origin`` says which
    trial of which run was adopted: its ``run``, ``trial``, ``epochs`` and ``curve``. ``declared``
    are the hyperparameters that the config names; the others have their defaults.
    """

    trial: int
    seed: int
    hparams: Hparams
    inactive: tuple[str, ...]
    adjustable: tuple[str, ...]
    metric: Metric
    origin: Mapping[str, Any] | None = None
    declared: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """The ledger's first record."""
        return {
            "kind": "start",
            "format": FORMAT,
            "trial": self.trial,
            "seed": self.seed,
            "metric": {"name": self.metric.name, "goal": str(self.metric.goal)},
            "hparams": dict(self.hparams),
            "inactive": list(self.inactive),
            "adjustable": list(self.adjustable),
            "declared": list(self.declared),
            "origin": None if self.origin is None else dict(self.origin),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Start:
        """The inverse of :meth:`to_record`.

        Raises:
            LookupError, TypeError, ValueError: the record is not one of ours.
        """
        metric, origin = record["metric"], record["origin"]
        hparams = scalars(record["hparams"])
        if origin is not None:
            origin = {**origin, "trial": int(origin["trial"]), "epochs": int(origin["epochs"])}
            origin["run"], origin["curve"] = str(origin["run"]), list(origin["curve"])
        adjustable = tuple(map(str, record["adjustable"]))
        if not hparams.keys() >= set(adjustable):
            raise ValueError("a setting that may change has no value")
        return cls(
            trial=int(record["trial"]),
            seed=int(record["seed"]),
            hparams=hparams,
            inactive=tuple(map(str, record["inactive"])),
            adjustable=adjustable,
            metric=Metric(str(metric["name"]), Goal(metric["goal"])),
            origin=origin,
            declared=tuple(map(str, record["declared"])),
        )


@dataclass(frozen=True)
class Epoch:
    """A finished epoch.

    ``hparams`` were in force in it; ``effective`` holds what a schedule made of them. ``sha256``
    is of the saved state after it. ``target`` is the epoch at which the training it belongs to was
    to end.
    """

    position: Position
    hparams: Hparams
    effective: Hparams
    values: Mapping[str, float]
    sha256: str
    target: int
    seconds: float = 0.0

    def to_record(self) -> dict[str, Any]:
        """Its record in the ledger; numbers that are not finite become null."""
        return {
            "kind": "epoch",
            "at": str(self.position),
            "target": self.target,
            "values": finite_values(self.values),
            "effective": dict(self.effective),
            "sha256": self.sha256,
            "seconds": round(self.seconds, 3),
        }


@dataclass
class Branch:
    """A chain of epochs from ``base`` on (``None``: from the untrained model).

    ``hparams`` are the settings with which it began.
    """

    name: str
    base: Position | None
    hparams: Hparams
    epochs: list[Epoch] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The number of its first own epoch."""
        return self.base.epoch + 1 if self.base else 1

    @property
    def tip(self) -> Position:
        """Where it ends."""
        return Position(self.name, self.first - 1 + len(self.epochs))


def describe_changes(changes: Mapping[str, Any]) -> list[str]:
    """One piece of text for each change.

    >>> describe_changes({"alpha": [0.1, 0.01]})
    ['alpha 0.1 -> 0.01']
    """
    return [f"{name} {change(old, new)}" for name, (old, new) in changes.items()]


def changes_between(old: Hparams, new: Mapping[str, Value]) -> dict[str, list[Value]]:
    """What differs, as ``name: [old, new]``, in the order of ``old``."""
    return {n: [old[n], new[n]] for n in old if n in new and not same_value(old[n], new[n])}
