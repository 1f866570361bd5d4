"""From a spec and a context to a trainable: the one place that knows all kinds."""

from __future__ import annotations

import inspect

from hpsearch.training.command import command_trainable
from hpsearch.training.function import adapt
from hpsearch.training.protocol import Context, Trainable, TrainableSpec
from hpsearch.training.reference import import_object


def build(spec: TrainableSpec, context: Context) -> Trainable:
    """The trainable of one trial.

    Raises:
        DataError: the network's data cannot be used.
        TrainableError: the user's object or command cannot be used.
        Exception: whatever the user's own code raises while it is imported or constructed.
    """
    if spec.kind == "object":
        source = spec.reference.rpartition(":")[2]
        return adapt(import_object(spec.reference, spec.folder), context, source)
    if spec.kind == "command":
        return command_trainable(spec.reference, context, spec.folder, spec.bare)
    assert spec.kind == "network"
    assert spec.data is not None
    # Only here: user code that never trains the network need not pay for its import.
    from hpsearch.training.network import NetworkTrainable  # noqa: PLC0415

    return NetworkTrainable(context, spec.data, spec.data_seed, spec.kernels)


def trains_by_epoch(spec: TrainableSpec) -> bool:
    """Whether the user's object, which could be built, trains one epoch after another."""
    if spec.kind != "object":
        return False
    target = import_object(spec.reference, spec.folder)
    return inspect.isclass(target) or inspect.isgeneratorfunction(target)
