"""XGBoost: ``xgboost.train(…, callbacks=[ReportEpochs()])``, in ``cv`` and its estimators too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xgboost.callback import TrainingCallback

from hpsearch.callbacks.ending import stop_after
from hpsearch.errors import TrialStopped

EvalsLog = Mapping[str, Mapping[str, Sequence[Any]]]
"""For each data set and each metric its history: numbers, or in ``cv`` pairs of mean and spread."""


class ReportEpochs(TrainingCallback):  # type: ignore[misc]  # XGBoost may not be installed
    """Pushes the evaluations of each round, by the names that XGBoost prints: ``dev-logloss``.

    A round of boosting is an epoch.

    Raises:
        TrainableError: the search's metric is not among them.
        TrialStopped: the trial is over, after the training has ended.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stop: TrialStopped | None = None

    def after_iteration(self, model: Any, epoch: int, evals_log: EvalsLog) -> bool:
        """Whether training has to end."""
        del model, epoch
        self._stop = stop_after(
            {
                f"{data}-{metric}": _mean(history[-1])
                for data, histories in evals_log.items()
                for metric, history in histories.items()
            }
        )
        return self._stop is not None

    def after_training(self, model: Any) -> Any:
        if self._stop is not None:
            raise self._stop
        return model


def _mean(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value
