"""From a config to the spec that travels to the workers."""

from __future__ import annotations

from hpsearch.config import Config
from hpsearch.data.spec import DataSpec
from hpsearch.training.protocol import TrainableSpec


def prepare_spec(config: Config) -> TrainableSpec:
    """The trainable that a config declares, with its data if it takes any."""
    return TrainableSpec(
        kind=config.trainable.kind,
        reference=config.trainable.reference,
        data=data_spec(config),
        data_seed=config.seed,
        kernels=config.run.kernels,
    )


def data_spec(config: Config) -> DataSpec | None:
    """The data that a config declares, if any."""
    if config.data is None:
        return None
    return DataSpec(**config.data.model_dump())
