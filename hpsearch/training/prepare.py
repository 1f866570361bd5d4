"""From a config to the spec that travels to the workers."""

from __future__ import annotations

from dataclasses import replace

from hpsearch.config import Config
from hpsearch.data.prepared import SharedFolder
from hpsearch.network.kernels import resolved
from hpsearch.training.protocol import TrainableSpec


def prepare_spec(config: Config, data_folder: SharedFolder | None = None) -> TrainableSpec:
    """The trainable that a config declares, with its data if it takes any.

    ``data_folder`` is where the workers may share the data, prepared.
    """
    return TrainableSpec(
        kind=config.trainable.kind,
        reference=config.trainable.reference,
        folder=config.trainable.folder,
        bare=_bare(config),
        data=config.data,
        data_seed=config.seed,
        data_folder=data_folder,
        kernels=resolved(config.run.kernels),
        pickled=config.trainable.pickled,
        code=config.trainable.code,
        meanings=config.space().meanings,
        steps=config.trainable.steps,
        folds=folds_of(config),
    )


def folds_of(config: Config) -> int | None:
    """In how many folds a config cross-validates; ``None`` for a dev set."""
    return config.trainable.folds or (config.data.folds if config.data else None)


def with_kernels(config: Config, started: Config | None = None) -> Config:
    """The config with ``run.kernels: auto`` as what it means for the built-in network.

    That is what the run was ``started`` with; for a new run, what this machine has.
    """
    if config.trainable.kind != "network" or config.run.kernels != "auto":
        return config
    kernels = resolved("auto") if started is None else started.run.kernels
    return replace(config, run=replace(config.run, kernels=kernels))


def _bare(config: Config) -> tuple[str, ...]:
    """The hyperparameters of a command that have values which are options, as ``--nesterov``."""
    if config.trainable.kind != "command":
        return ()
    return tuple(
        name
        for name, parameter in config.parameters.items()
        if any(
            isinstance(value, str) and value.startswith("-")
            for value in map(parameter.real, parameter.values or (parameter.value or "",))
        )
    )
