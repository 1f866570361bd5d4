"""Keras, on any of its backends: ``model.fit(…, callbacks=[ReportEpochs()])``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from hpsearch.callbacks.ending import stop_after
from hpsearch.errors import TrialStopped


class ReportEpochs(keras.callbacks.Callback):  # type: ignore[misc]  # Keras may not be installed
    """Pushes what ``fit`` knows after each epoch: ``loss``, ``val_loss``, ``val_accuracy`` …

    Raises:
        TrainableError: the search's metric is not among it.
        TrialStopped: the trial is over, after ``stop_training`` has ended ``fit``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stop: TrialStopped | None = None

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        del epoch  # they count by themselves, over several calls of fit
        self._stop = stop_after(logs or {})
        if self._stop is not None:
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        del logs
        if self._stop is not None:
            raise self._stop
