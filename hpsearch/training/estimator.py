"""A scikit-learn estimator as a trainable: fitted on train, scored on dev; once for each fold.

The test rows are never looked at.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from hpsearch.data.dataset import Dataset, Examples
from hpsearch.estimators import make, scorer_of
from hpsearch.training.function import FunctionTrainable
from hpsearch.training.network import shared_dataset
from hpsearch.training.protocol import Context, TrainableSpec


def estimator_trainable(spec: TrainableSpec, context: Context) -> FunctionTrainable:
    """The trainable of one trial; scikit-learn's own exceptions leave it when it trains.

    Raises:
        DataError: the data cannot be used.
        UsageError: scikit-learn, or the estimator, is not there.
    """
    assert spec.data is not None
    data = shared_dataset(spec.data, spec.data_seed, spec.data_folder, context.fold or 0)
    estimator = make(spec.steps, context.hparams, context.seed)
    scorers = {name: scorer_of(name) for name in (context.metric, *context.beside)}

    def fit_and_score() -> dict[str, float]:
        fitted = estimator.fit(*_as_arrays(data.train, data))
        dev = _as_arrays(data.dev, data)
        return {name: float(score(fitted, *dev)) for name, score in scorers.items()}

    return FunctionTrainable(fit_and_score, context, spec.reference)


def _as_arrays(examples: Examples, data: Dataset) -> tuple[NDArray[Any], NDArray[Any]]:
    """Inputs, (n, d) of float32; class numbers, (n,), or numbers to predict in their own units."""
    target = data.preprocessing.target
    y = examples.y if target is None else target.in_units(examples.y)
    return examples.X[:], y
