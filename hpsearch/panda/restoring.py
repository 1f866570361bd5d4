"""The way back to a position: the nearest intact checkpoint, and the epochs from there on again."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.errors import RunError
from hpsearch.panda.checkpoints import Checkpoints
from hpsearch.panda.positions import Epoch
from hpsearch.panda.training import Training, TrainingSetup
from hpsearch.store.arrays import sha256


def nearest_checkpoint(
    setup: TrainingSetup, chain: Sequence[Epoch], checkpoints: Checkpoints, notes: list[str]
) -> tuple[Training, int]:
    """The model at the last epoch of a chain that has an intact checkpoint, and its number.

    ``notes`` gets a line for each checkpoint that is damaged.

    Raises:
        DataError, TrainableError: the data or the trainable cannot be used.
    """
    listed = checkpoints.listed()
    for done in range(len(chain), 0, -1):
        epoch = chain[done - 1]
        if epoch.position not in listed:
            continue
        try:
            return Training(setup, chain[:done], checkpoints.load(epoch)), done
        except ValueError as error:
            notes.append(f"{error}; it is passed over")
    return Training(setup), 0


def train_again(training: Training, epoch: Epoch) -> None:
    """Train an epoch of the ledger once more.

    Raises:
        RunError: it does not come to the same state.
    """
    training.adjust(epoch.hparams)
    training.train()
    again = sha256(training.state())
    if again != epoch.sha256:
        raise RunError(
            f"{epoch.position}: trained again it comes to another state (sha256 {again[:12]}…, the "
            f"ledger says {epoch.sha256[:12]}…): the trainable is itself random, its save and load "
            f"leave something out, or versions have changed since"
        )
