"""The network: hidden layers, softmax or a number on top, and training by mini-batches.

Read :meth:`Network._train_step` first: forward, loss, backward, step. The formulas are in the
modules that it uses.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hpsearch.errors import DataError, HpsearchError, TrialDiverged, UsageError
from hpsearch.network import model as models
from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.arrays import Array, Packed, Rows, take_rows
from hpsearch.network.checks import check_width, rows_are_finite
from hpsearch.network.hyperparameters import HYPERPARAMETERS, TRAIN, settings
from hpsearch.network.initializers import initial_weights
from hpsearch.network.kernels import check_kernels
from hpsearch.network.layers import Activate, BatchNorm, Dense, Dropout, Layer, affine_map
from hpsearch.network.optimizers import OPTIMIZERS, Optimizer
from hpsearch.network.outputs import Answers, output_for
from hpsearch.network.statistics import mean_and_variance
from hpsearch.records import Value

if TYPE_CHECKING:
    from hpsearch.network.compiled import CompiledEpoch


class Network:
    """A fully connected network that tells ``n_classes`` classes apart by ``n_features`` numbers.

    With ``n_classes=None`` it predicts a number instead: its output is linear. Such a number is
    best standardised, since the first predictions are around 0 and a few in size.

    ``hparams`` are values for :data:`~hpsearch.network.hyperparameters.HYPERPARAMETERS`; what is
    missing takes its default. ``rng`` draws the first weights. All arrays are of type ``dtype``.
    ``kernels`` is ``numpy``, or ``numba`` to train compiled; see :mod:`hpsearch.network.kernels`.

    Training minimises J = mean loss + l2/2 · Σ W², where the sum goes over all weights W and no
    bias, γ or β. (The course writes λ/2m for l2/2, with m rows.) The loss is the cross-entropy, or
    the squared error of a number. All metrics are without the penalty.

    Raises:
        UsageError: a hyperparameter, ``n_features`` or ``n_classes`` cannot be used.
    """

    def __init__(
        self,
        n_features: int,
        n_classes: int | None,
        hparams: Mapping[str, Value],
        rng: np.random.Generator,
        dtype: npt.DTypeLike = np.float32,
        *,
        kernels: str = "numpy",
    ) -> None:
        if n_features < 1:
            raise UsageError("the network needs at least 1 feature; the data have none")
        self.output = output_for(n_classes)
        self.settings = settings(hparams)
        self.n_features = n_features
        self.dtype = np.dtype(dtype)
        self.epoch = 0
        widths = [n_features, *self.settings.widths, self.output.units]
        shapes = _parameter_shapes(widths, self.settings.normalised)
        self.parameters, self.gradients = Packed(shapes, self.dtype), Packed(shapes, self.dtype)
        shapes = _statistic_shapes(widths, self.settings.normalised)
        self.averages, self.statistics = Packed(shapes, self.dtype), Packed(shapes, self.dtype)
        self._initialise(rng)
        check_kernels(kernels)
        self._compiled = self._compile(widths) if kernels == "numba" else None
        self.optimizer = self._new_optimizer()

    def _new_optimizer(self) -> Optimizer:
        return OPTIMIZERS[self.settings.optimizer](self.parameters.vector)

    def _compile(self, widths: Sequence[int]) -> CompiledEpoch:
        from hpsearch.network.compiled import CompiledEpoch  # noqa: PLC0415 - numba is optional

        return CompiledEpoch(
            self.parameters,
            self.gradients,
            self.statistics,
            self.averages,
            widths,
            output=self.output,
        )

    def costs(self) -> dict[str, float]:
        """What the network costs, exactly: how many parameters, and multiply-adds a prediction.

        All parameters that are trained count: weights, biases, gamma and beta. The multiply-adds
        are those of the matrix products for one row, as many as there are weights.
        """
        weights = sum(a.size for name, a in self.parameters.items() if name.startswith("W"))
        total = sum(array.size for _, array in self.parameters.items())
        return {"parameters": float(total), "multiply_adds": float(weights)}

    def _initialise(self, rng: np.random.Generator) -> None:
        for name, array in self.parameters.items():
            if name.startswith("W"):
                array[:] = initial_weights(self.settings.init, array.shape, rng)
            elif name.startswith("gamma"):
                array[:] = 1
        for name, array in self.averages.items():
            array[:] = 1 if name.startswith("variance") else 0

    # --- training ---------------------------------------------------------------------------

    def train_epoch(
        self, X: Rows, y: Answers, rng: np.random.Generator, epoch: int
    ) -> dict[str, float]:
        """One pass over all rows in an order drawn by ``rng``, in mini-batches.

        ``X`` has shape (n, n_features), ``y`` n labels in 0 … n_classes - 1, or n numbers to
        predict. ``epoch`` counts from 1 and sets the learning rate. With batch norm a last batch of
        a single row, which would have no variance, joins the batch before it.

        Returns:
            ``train_loss`` (nats), ``train_error`` and ``train_accuracy``; or for a number
            ``train_loss`` (the mean squared error), ``train_rmse``, ``train_mae`` and ``train_r2``.
            They are over the rows, each row as it came by, so with the weights and the dropout of
            its own mini-batch.

        Raises:
            TrialDiverged: a number is not finite any more.
            UsageError: the data do not fit the network.
        """
        y = self.output.checked(X, y, self.n_features)
        if len(y) == 1 and self.settings.normalised:
            raise UsageError("batch norm needs at least 2 rows to train on; there is 1")
        self.epoch = epoch
        alpha = self.alpha_at(epoch)
        order, bounds = rng.permutation(len(y)), self._batch_bounds(len(y))
        with np.errstate(all="ignore"):  # what is not finite is found below
            if self._compiled is not None:
                loss, missed = self._compiled.train_batches(
                    X,
                    y,
                    order,
                    bounds,
                    rng=rng,
                    alpha=alpha,
                    settings=self.settings,
                    optimizer=self.optimizer,
                )
            else:
                batches = (order[start:end] for start, end in pairwise(bounds))
                loss, missed = self._train_batches(X, y, batches, rng, alpha)
            if self.settings.normalised and self.settings.bn_statistics == TRAIN:
                self._take_statistics(X)
        finite = (np.isfinite(vector).all() for vector in self._vectors().values())
        if not (math.isfinite(loss) and all(finite)):
            raise self._diverged(X)
        return self.output.train_metrics(loss, missed, y)

    def _train_batches(
        self,
        X: Rows,
        y: Answers,
        batches: Iterable[npt.NDArray[np.int64]],
        rng: np.random.Generator,
        alpha: float,
    ) -> tuple[float, float]:
        """A step for each mini-batch of rows: the sum of their losses, and of their misses.

        A loss that is not finite any more ends the training.
        """
        first, others = self._layers(rng)
        loss, missed = 0.0, 0.0
        for rows in batches:
            A = take_rows(X, rows, self.dtype)
            batch_loss, batch_missed = self._train_step(first, others, A, y[rows], alpha)
            loss += batch_loss
            missed += batch_missed
            if not math.isfinite(batch_loss):
                break
        return loss, missed

    def _train_step(
        self, first: Dense, others: list[Layer], X: Array, y: Answers, alpha: float
    ) -> tuple[float, float]:
        """One step of gradient descent: the sum of the rows' losses, and of their misses."""
        A = first.forward(X)
        for layer in others:
            A = layer.forward(A)
        loss, missed, dA = self.output.cost(A, y)

        for layer in reversed(others):
            dA = layer.backward(dA)
        first.parameter_gradients(dA)
        self._add_penalty()
        self._move_averages()
        self.optimizer.step(self.parameters.vector, self.gradients.vector, alpha, self.settings)
        return loss, missed

    def _add_penalty(self) -> None:
        """The gradient of l2/2 · Σ W² is l2 · W."""
        if self.settings.l2 > 0:
            W = slice(0, sum(W.size for name, W in self.parameters.items() if name[0] == "W"))
            self.gradients.vector[W] += self.settings.l2 * self.parameters.vector[W]

    def _move_averages(self) -> None:
        """All layers' average ← momentum · average + (1 - momentum) · statistic of the batch."""
        if self.settings.normalised:
            averages, rest = self.averages.vector, 1 - self.settings.bn_momentum
            averages += rest * (self.statistics.vector - averages)

    def _take_statistics(self, X: Rows) -> None:
        """Put the statistics of all rows in the averages' place, layer by layer from below."""
        g, below = ACTIVATIONS[self.settings.activation], list[tuple[Array, Array]]()
        for layer in range(1, self.settings.layers + 1):
            W = self.parameters[f"W{layer}"]

            def pre_activation(A: Array, W: Array = W) -> Array:
                for folded, shift in below:
                    A = g.value(A @ folded + shift)
                Z: Array = A @ W
                return Z

            mean, variance = self.averages[f"mean{layer}"], self.averages[f"variance{layer}"]
            mean[:], variance[:] = mean_and_variance(pre_activation, X, around=mean)
            below.append(self._folded(layer))

    def _layers(self, rng: np.random.Generator) -> tuple[Dense, list[Layer]]:
        """The layers for one epoch, the first apart, around the network's own arrays."""
        first, others = self._dense(1), list[Layer]()
        for layer in range(1, self.settings.layers + 1):
            if self.settings.batch_norm:
                others.append(self._batch_norm(layer))
            others.append(Activate(ACTIVATIONS[self.settings.activation]))
            if self.settings.dropout > 0:
                others.append(Dropout(self.settings.dropout, rng))
            others.append(self._dense(layer + 1))
        return first, others

    def _dense(self, layer: int) -> Dense:
        W, b = f"W{layer}", f"b{layer}"
        parameters, gradients = self.parameters, self.gradients
        return Dense(parameters[W], gradients[W], parameters.get(b), gradients.get(b))

    def _batch_norm(self, layer: int) -> BatchNorm:
        gamma, beta, mean, variance = (f"{n}{layer}" for n in ("gamma", "beta", "mean", "variance"))
        return BatchNorm(
            gamma=self.parameters[gamma],
            dgamma=self.gradients[gamma],
            beta=self.parameters[beta],
            dbeta=self.gradients[beta],
            batch_mean=self.statistics[mean],
            batch_variance=self.statistics[variance],
        )

    def _batch_bounds(self, rows: int) -> list[int]:
        """Where each mini-batch begins, then the number of rows: batch i is bounds[i : i + 2]."""
        starts = list(range(0, rows, self.settings.batch_size))
        if self.settings.normalised and rows - starts[-1] == 1:
            starts.pop()
        return [*starts, rows]

    def alpha_at(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 1, after decay and warm-up."""
        return self.settings.alpha_at(epoch)

    # --- predictions ------------------------------------------------------------------------

    def evaluate(self, X: Rows, y: Answers, model: models.Model | None = None) -> dict[str, float]:
        """``loss`` (nats, mean over rows), ``error``, ``accuracy`` and ``macro_f1`` of predictions.

        For a number: ``loss`` (the mean squared error), ``rmse``, ``mae`` and ``r2``.

        ``model`` is what :meth:`model` gives, for a caller who has it already.

        Raises:
            TrialDiverged: the loss is not finite.
            UsageError: the data do not fit the network.
        """
        y = self.output.checked(X, y, self.n_features)
        values = self.output.evaluate(self.model() if model is None else model, X, y)
        if not math.isfinite(values["loss"]):
            raise self._diverged(X)
        return values

    def predict_proba(self, X: Rows) -> Array:
        """Each class's probability for each row of ``X``, shape (rows, n_classes).

        Raises:
            UsageError: the rows do not have ``n_features`` columns.
        """
        check_width(X, self.n_features)
        return models.predict_proba(self.model(), X)

    def model(self) -> dict[str, npt.NDArray[Any]]:
        """What predictions need, as :mod:`hpsearch.network.model` describes it."""
        model: dict[str, npt.NDArray[Any]] = {}
        for layer in range(1, self.settings.layers + 2):
            W, b = self._folded(layer)
            model |= {f"W{layer}": W, f"b{layer}": b}
        model["activation"] = np.array(self.settings.activation)
        return model

    def _folded(self, layer: int) -> tuple[Array, Array]:
        """A layer's weights and biases in predictions: batch norm is multiplied in."""
        W, b = self.parameters[f"W{layer}"].copy(), self.parameters.get(f"b{layer}")
        if b is None:
            scale, b = affine_map(
                *(self.parameters[f"{name}{layer}"] for name in ("gamma", "beta")),
                *(self.averages[f"{name}{layer}"] for name in ("mean", "variance")),
            )
            with np.errstate(over="ignore"):  # infinite weights show in what they predict
                W *= scale
        return W, b.copy()

    # --- state ------------------------------------------------------------------------------

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that training needs to go on bit for bit, as copies.

        ``weights`` (all parameters), ``averages`` (batch norm's), ``steps`` and, under names such
        as ``adam.v``, what the optimiser remembers; ``epoch`` is the last one trained.
        """
        counters = {"steps": np.array(self.optimizer.steps), "epoch": np.array(self.epoch)}
        return {name: vector.copy() for name, vector in self._vectors().items()} | counters

    def load_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take over a state of a network with the same hyperparameters.

        Where they were adjusted, build the network with the values in force when the state was
        taken, and adjust afterwards.

        Raises:
            UsageError: the state is another network's, or another optimiser's.
        """
        vectors = self._vectors()
        expected = {name: array.shape for name, array in self.state().items()}
        given = {name: array.shape for name, array in state.items()}
        if given != expected:
            raise UsageError(
                f"the state is another network's or optimiser's: it holds {given}; "
                f"this one needs {expected}"
            )
        for name, vector in vectors.items():
            vector[:] = state[name]
        self.optimizer.steps = int(state["steps"])
        self.epoch = int(state["epoch"])

    def _vectors(self) -> dict[str, Array]:
        moments = self.optimizer.moments.items()
        return {
            "weights": self.parameters.vector,
            "averages": self.averages.vector,
            **{f"{self.settings.optimizer}.{name}": moment for name, moment in moments},
        }

    def adjust(self, name: str, value: Value) -> None:
        """Change a hyperparameter from the next epoch on.

        Another ``optimizer`` starts with moments of 0; everything else keeps what has been learned.

        Raises:
            UsageError: the value is not allowed, or ``name`` shapes the network and is fixed.
        """
        if name in HYPERPARAMETERS and not HYPERPARAMETERS[name].adjustable:
            raise UsageError(
                f"{name} cannot change during training: it shapes the weights that are being "
                "trained; start another trial instead"
            )
        before = self.settings
        self.settings = settings(dataclasses.asdict(before) | {name: value})
        if self.settings.optimizer != before.optimizer:
            self.optimizer = self._new_optimizer()

    def _diverged(self, X: Rows) -> HpsearchError:
        """Why numbers that came of the rows ``X`` are not finite."""
        if not rows_are_finite(X, self.dtype):
            return DataError(f"the data hold NaN, infinity or numbers too large for {self.dtype}")
        return TrialDiverged(
            f"the numbers are not finite any more in epoch {self.epoch}: "
            f"alpha ({self.settings.alpha:g}) may be too large"
        )


def _parameter_shapes(widths: Sequence[int], normalised: bool) -> dict[str, tuple[int, ...]]:
    """All parameters. The weights come first, so that the L2 penalty finds them in one piece."""
    last = len(widths) - 1
    shapes: dict[str, tuple[int, ...]] = {
        f"W{layer}": (widths[layer - 1], widths[layer]) for layer in range(1, last + 1)
    }
    for layer in range(1, last):
        for name in ("gamma", "beta") if normalised else ("b",):
            shapes[f"{name}{layer}"] = (widths[layer],)
    return shapes | {f"b{last}": (widths[last],)}


def _statistic_shapes(widths: Sequence[int], normalised: bool) -> dict[str, tuple[int, ...]]:
    layers = range(1, len(widths) - 1) if normalised else ()
    return {f"{name}{layer}": (widths[layer],) for layer in layers for name in ("mean", "variance")}
