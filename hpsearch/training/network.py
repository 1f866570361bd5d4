"""The built-in network as a trainable: data, network and random streams brought together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache

import numpy as np

from hpsearch.data.dataset import Dataset, Facts
from hpsearch.data.loading import load
from hpsearch.data.prepared import SharedFolder, load_shared
from hpsearch.data.spec import DataSpec
from hpsearch.network.hyperparameters import HYPERPARAMETERS, settings
from hpsearch.network.metrics import in_units
from hpsearch.network.network import Network
from hpsearch.records import Hparams, Value
from hpsearch.seeds import Purpose, stream
from hpsearch.training.protocol import Arrays, Context

SECONDS = "train_seconds"

ADJUSTABLE = frozenset(name for name, h in HYPERPARAMETERS.items() if h.adjustable)


FOLDS_KEPT = 10
"""Data sets that a process keeps: those of the folds, which every trial needs in turn."""


@lru_cache(maxsize=FOLDS_KEPT)
def shared_dataset(
    spec: DataSpec, seed: int, folder: SharedFolder | None = None, fold: int = 0
) -> Dataset:
    """The data set, made once in each process however many trials use it.

    With a ``folder`` it is read and split once for all the processes that share it. ``fold`` is
    the one that is dev, where there are folds.
    """
    return load(spec, seed, fold) if folder is None else load_shared(spec, seed, folder, fold)


def data_facts(spec: DataSpec, seed: int, folder: SharedFolder | None = None) -> Facts:
    """What was found in a data set."""
    return shared_dataset(spec, seed, folder).facts


class NetworkTrainable:
    """A :class:`~hpsearch.network.network.Network` on a data set.

    The train metrics are means over the mini-batches as they were trained; the dev metrics are
    of the whole dev split after the epoch, with the running averages. Errors of numbers are in the
    target's units. A cosine decay that is not
    told its ``decay_epochs`` comes down over all of the trial's epochs. The costs, ``parameters``,
    ``multiply_adds`` and ``train_seconds``, are given where the search asks for them.
    """

    adjustable = ADJUSTABLE

    def __init__(
        self,
        context: Context,
        data: DataSpec,
        data_seed: int,
        kernels: str = "numpy",
        data_folder: SharedFolder | None = None,
    ) -> None:
        self.notes: list[str] = []
        self._seed = context.seed
        self._asked = {context.metric, *context.beside}
        self._seconds = 0.0
        self._data = shared_dataset(data, data_seed, data_folder, context.fold or 0)
        hparams = dict(context.hparams)
        if hparams.get("decay") == "cosine":
            hparams.setdefault("decay_epochs", context.epochs)
        self._network = Network(
            n_features=self._data.train.X.shape[1],
            n_classes=None if self._data.preprocessing.target else len(self._data.classes),
            hparams=hparams,
            rng=stream(context.seed, Purpose.INIT),
            kernels=kernels,
        )
        self._model: Arrays | None = None  # of the last epoch trained

    def train_epoch(self, epoch: int) -> Mapping[str, float]:
        rng = stream(self._seed, Purpose.EPOCH, epoch)
        train, dev = self._data.train, self._data.dev
        begun = time.perf_counter()
        values: Mapping[str, float] = self._network.train_epoch(train.X, train.y, rng, epoch)
        self._seconds += time.perf_counter() - begun
        self._model = self._network.model()
        after: Mapping[str, float] = self._network.evaluate(dev.X, dev.y, self._model)
        values, after = self._in_units(values), self._in_units(after)
        of_dev = {f"dev_{name}": value for name, value in after.items()}
        return {**values, **of_dev, **self._costs()}

    def _costs(self) -> dict[str, float]:
        """What is asked for of the network's costs; only then is it on record."""
        costs = {**self._network.costs(), SECONDS: self._seconds}
        return {name: cost for name, cost in costs.items() if name in self._asked}

    def _in_units(self, values: Mapping[str, float]) -> Mapping[str, float]:
        target = self._data.preprocessing.target
        return values if target is None else in_units(values, target.scale)

    def save(self) -> Arrays:
        clock = {SECONDS: np.array(self._seconds)} if SECONDS in self._asked else {}
        return {**self._network.state(), **clock}

    def load(self, state: Arrays) -> None:
        self._model = None
        self._seconds = float(state.get(SECONDS, 0.0))
        of_network = {name: array for name, array in state.items() if name != SECONDS}
        self._network.load_state(of_network)

    def model(self) -> Arrays:
        model = self._model if self._model is not None else self._network.model()
        return {**model, **self._data.preprocessing.to_arrays()}

    def adjust(self, name: str, value: Value) -> None:
        self._network.adjust(name, value)

    def effective(self, epoch: int, hparams: Hparams) -> Hparams:
        asked = settings({**asdict(self._network.settings), **hparams})
        alpha = asked.alpha_at(epoch)
        return {} if alpha == asked.alpha else {"alpha": alpha}

    def close(self) -> None:
        """Nothing is held: the data set is shared by the trials of this process."""
