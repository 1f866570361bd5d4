"""What a make of the network's parts consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hpsearch.network.activations import Activation
from hpsearch.network.arrays import Array, Labels
from hpsearch.network.layers import BatchNorm, Layer
from hpsearch.network.optimizers import Optimizer


@dataclass(frozen=True)
class Kernels:
    """One make of each part."""

    batch_norm: type[BatchNorm]
    activate: Callable[[Activation], Layer]
    cross_entropy: Callable[[Array, Labels], tuple[Array, Array]]
    optimizers: Mapping[str, Callable[[Array], Optimizer]]
