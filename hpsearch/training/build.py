"""From a spec and a context to a trainable: the one place that knows all kinds."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hpsearch.errors import TrainableError
from hpsearch.space.meanings import meant
from hpsearch.space.repeated import gathered_names
from hpsearch.training.command import command_trainable
from hpsearch.training.function import adapt
from hpsearch.training.protocol import Context, Trainable, TrainableSpec
from hpsearch.training.reference import import_object
from hpsearch.training.seeding import seed_generators


def build(spec: TrainableSpec, context: Context) -> Trainable:
    """The trainable of one trial.

    Raises:
        DataError: the network's data cannot be used.
        TrainableError: the user's object or command cannot be used.
        Exception: whatever the user's own code raises while it is imported or constructed.
    """
    # A copy: what one training does to a list or a dict that it is given, no other sees.
    context = replace(
        context,
        hparams=deepcopy(meant(context.hparams, spec.meanings)),
        inactive=gathered_names(context.inactive, context.hparams),
    )
    if spec.kind == "object":
        source = spec.reference.rpartition(":")[2]
        # What a module draws while it is imported is the same in every worker; then, with all the
        # libraries that it has imported, what this trial draws is the trial's own.
        seed_generators(spec.data_seed)
        target = _target(spec)
        seed_generators(context.seed)
        return adapt(target, context, source)
    if spec.kind == "command":
        return command_trainable(spec.reference, context, spec.folder, spec.bare)
    if spec.kind == "told":
        raise TrainableError(
            "trainable: told means that no code here trains: ask for trials and tell their results "
            "(hpsearch ask CONFIG, hpsearch tell RUN TRIAL VALUE), or name what is to be trained"
        )
    assert spec.data is not None
    if spec.kind == "sklearn":
        # Only who names an estimator waits for scikit-learn.
        from hpsearch.training.estimator import estimator_trainable  # noqa: PLC0415

        return estimator_trainable(spec, context)
    assert spec.kind == "network"
    # Only here: user code that never trains the network need not pay for its import.
    from hpsearch.training.network import NetworkTrainable  # noqa: PLC0415

    return NetworkTrainable(context, spec.data, spec.data_seed, spec.kernels, spec.data_folder)


def trains_by_epoch(spec: TrainableSpec) -> bool:
    """Whether the user's object, which could be built, trains one epoch after another."""
    if spec.kind != "object":
        return False
    target = _target(spec)
    return inspect.isclass(target) or inspect.isgeneratorfunction(target)


def _target(spec: TrainableSpec) -> Callable[..., Any]:
    """The user's object: found by its name, or made from what this search's coordinator sent.

    The latter anew for each trial: what one changes in its globals, no other sees.
    """
    if not spec.pickled:
        return import_object(spec.reference, spec.folder)
    target: Callable[..., Any] = pickle.loads(spec.pickled)  # noqa: S301 - it came from our own
    return target
