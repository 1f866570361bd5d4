"""What one network is told: a value for every hyperparameter.

The fields are the names of the table in ``hyperparameters.py``, with the types of their kinds; a
test compares them. Written out, they are checked wherever a formula uses one.
"""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.errors import UsageError
from hpsearch.network import schedules


@dataclass(frozen=True)
class Settings:
    """A checked value for every hyperparameter, with its Python type."""

    alpha: float
    optimizer: str
    beta: float
    beta1: float
    beta2: float
    epsilon: float
    batch_size: int
    decay: str
    decay_rate: float
    decay_epochs: int
    warmup_epochs: int
    l2: float
    dropout: float
    bn_momentum: float
    bn_statistics: str
    layers: int
    hidden_units: int | tuple[int, ...]
    activation: str
    batch_norm: bool
    init: str

    def __post_init__(self) -> None:
        if isinstance(self.hidden_units, tuple) and len(self.hidden_units) != self.layers > 0:
            raise UsageError(
                f"hidden_units has {len(self.hidden_units)} widths, and there are {self.layers} "
                f"layers: give one for each"
            )
        if self.normalised and self.batch_size < 2:
            raise UsageError("batch_norm needs a batch_size of at least 2: one row has no variance")

    @property
    def widths(self) -> tuple[int, ...]:
        """The units of each hidden layer."""
        if isinstance(self.hidden_units, tuple):
            return self.hidden_units[: self.layers]
        return (self.hidden_units,) * self.layers

    @property
    def normalised(self) -> bool:
        """Whether there is a hidden layer with batch norm."""
        return self.batch_norm and self.layers > 0

    def alpha_at(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 1, after decay and warm-up."""
        return schedules.alpha_at(
            epoch,
            self.alpha,
            decay=self.decay,
            rate=self.decay_rate,
            decay_epochs=self.decay_epochs,
            warmup_epochs=self.warmup_epochs,
        )
