"""Lightning: ``Trainer(callbacks=[ReportEpochs()])``, of ``lightning`` or ``pytorch_lightning``."""

from __future__ import annotations

import sys
from typing import Any

if "pytorch_lightning" in sys.modules and "lightning" not in sys.modules:
    from pytorch_lightning import Callback
else:
    from lightning.pytorch import Callback

from hpsearch.callbacks.ending import stop_after
from hpsearch.errors import TrialStopped


class ReportEpochs(Callback):  # type: ignore[misc]  # Lightning may not be installed
    """Pushes what was logged (``self.log("val_loss", …)``) after each epoch of training.

    Of processes that train together the first one pushes, and all of them stop.

    Raises:
        TrainableError: the search's metric is not among it.
        TrialStopped: the trial is over, after ``should_stop`` has ended ``fit``.
    """

    def __init__(self) -> None:
        self._stop: TrialStopped | None = None

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        del pl_module
        if self._stop is not None:
            return  # Lightning goes on up to min_epochs
        stop = stop_after(trainer.callback_metrics) if trainer.is_global_zero else None
        if trainer.strategy.broadcast(stop is not None):
            self._stop = stop or TrialStopped()
            trainer.should_stop = True

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        del trainer, pl_module
        if self._stop is not None:
            raise self._stop
