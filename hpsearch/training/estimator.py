"""A scikit-learn estimator as a trainable: fitted and scored once, or once for each fold.

Without folds it is fitted on train and scored on dev. With ``folds`` the rows of train and dev are
shared out once for the whole run, so that all trials are judged alike, and the trial's value is the
mean over the folds. The test rows are never looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.estimators import copy_of, folds_of, make, scorer_of
from hpsearch.seeds import Purpose, stream
from hpsearch.training.function import FunctionTrainable
from hpsearch.training.network import shared_dataset
from hpsearch.training.protocol import Context, TrainableSpec

Part = tuple[NDArray[Any], NDArray[Any]]
"""Inputs, (n, d) of float32; class numbers, (n,), or numbers to predict in their own units."""


def estimator_trainable(spec: TrainableSpec, context: Context) -> FunctionTrainable:
    """The trainable of one trial; scikit-learn's own exceptions leave it when it trains.

    Raises:
        DataError: the data cannot be used.
        UsageError: scikit-learn, or the estimator, is not there.
    """
    estimator = make(spec.steps, dict(context.hparams), context.seed)
    score = scorer_of(context.metric)
    parts = list(_parts(spec))

    def fit() -> dict[str, float]:
        scores = [_score(estimator, score, train, held_out) for train, held_out in parts]
        found = {context.metric: float(np.mean(scores))}
        if len(scores) > 1:
            found[f"{context.metric}_std"] = float(np.std(scores, ddof=1))
        return found

    return FunctionTrainable(fit, context, spec.reference)


def _score(estimator: Any, score: Callable[..., float], train: Part, held_out: Part) -> float:
    """How good a new copy of the estimator is, fitted on one part, on the other."""
    return float(score(copy_of(estimator).fit(*train), *held_out))


def _parts(spec: TrainableSpec) -> Iterator[tuple[Part, Part]]:
    """What to fit on, and what to score on: once, or for each fold."""
    assert spec.data is not None
    data = shared_dataset(spec.data, spec.data_seed, spec.data_folder)
    target = data.preprocessing.target
    train, dev = (
        (examples.X[:], examples.y if target is None else target.in_units(examples.y))
        for examples in (data.train, data.dev)
    )
    if spec.folds is None:
        yield train, dev
        return
    X, y = np.concatenate([train[0], dev[0]]), np.concatenate([train[1], dev[1]])
    seed = int(stream(spec.data_seed, Purpose.FOLDS).integers(2**32))
    for rest, fold in folds_of(y, spec.folds, seed):
        yield (X[rest], y[rest]), (X[fold], y[fold])
