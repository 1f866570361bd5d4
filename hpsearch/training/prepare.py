"""From a config to the spec that travels to the workers."""

from __future__ import annotations

from hpsearch.config import Config
from hpsearch.training.protocol import TrainableSpec


def prepare_spec(config: Config) -> TrainableSpec:
    """The trainable that a config declares, with its data if it takes any."""
    return TrainableSpec(
        kind=config.trainable.kind,
        reference=config.trainable.reference,
        data=config.data,
        data_seed=config.seed,
        kernels=config.run.kernels,
    )
