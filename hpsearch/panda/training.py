"""One model on its way along a chain of epochs: built, loaded, adjusted, trained.

The bytes of an epoch follow from the state before it, the settings in force then, and the settings
for it. So a change of settings is applied as the *difference* between the two, in the order of
their declaration, once, right before the epoch: how often and in which order a person changed
their mind at one boundary leaves no trace.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError, TrainableError
from hpsearch.panda.positions import Epoch, Start
from hpsearch.records import EpochMetrics, Hparams, same_value
from hpsearch.space.meanings import meaning, meant
from hpsearch.store.arrays import pack_arrays
from hpsearch.training.build import build
from hpsearch.training.command_output import Printed
from hpsearch.training.protocol import Arrays, Context, TrainableSpec
from hpsearch.training.session import Session


class TrainingOver(TrainableError):
    """The trainable gave nothing for another epoch."""


class Unsaved(TrainableError):
    """The trainable cannot be saved."""


@dataclass(frozen=True)
class TrainingSetup:
    """What is trained: all that a model needs besides settings and a state."""

    spec: TrainableSpec
    start: Start
    epochs: int  # what the config declares; a person may train for longer


class Training:
    """A model after the epochs of ``chain``; from the untrained one if no ``state`` is given.

    ``hparams`` are the settings that it now has.

    Raises:
        DataError, TrainableError: the data or the trainable cannot be used.
    """

    def __init__(
        self, setup: TrainingSetup, chain: Sequence[Epoch] = (), state: Arrays | None = None
    ) -> None:
        start = setup.start
        assert (state is None) == (not chain)
        self.hparams: Hparams = chain[-1].hparams if chain else start.hparams
        context = Context(
            start.trial,
            start.seed,
            setup.epochs,
            start.metric.name,
            self.hparams,
            tuple(n for n in start.inactive if n not in self.hparams),
            start.metric.needed[1:],
        )
        with _user_code("it cannot be set up"):
            self._trainable = build(setup.spec, context)
        self._order, self._meanings = list(start.hparams), setup.spec.meanings
        self._epochs = setup.epochs
        self._further: list[str] = []
        # What a trial's value is matters to a search; here the best epoch is the best epoch.
        self._session = Session(self._trainable, replace(start.metric, pick="best"))
        if state is not None:
            self.load(state, [epoch.values for epoch in chain])

    def load(self, state: Arrays, values: Sequence[Mapping[str, float]]) -> None:
        """Go to a state that was saved after epochs with these metrics.

        Raises:
            TrainableError: the trainable does not take it.
        """
        history = [EpochMetrics(number, each) for number, each in enumerate(values, start=1)]
        with _user_code("it cannot load its state"):
            self._session.begin_at(state, history)

    @property
    def adjustable(self) -> frozenset[str]:
        """The hyperparameters that may change."""
        return self._trainable.adjustable

    @property
    def printed(self) -> Sequence[Printed]:
        """The epochs of a command as it printed them; empty for anything else."""
        found: Sequence[Printed] = getattr(self._trainable, "printed", ())
        return found

    @property
    def notes(self) -> list[str]:
        """What a person should know of this training."""
        return [*self._session.all_notes(), *self._further]

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return self._session.epoch

    def adjust(self, hparams: Hparams) -> None:
        """Change the settings for the next epoch to ``hparams``; they win over what was loaded.

        Raises:
            HpsearchError: a value is refused; the training is of no use any more then.
        """
        for name in self._order:
            if not same_value(hparams[name], self.hparams[name]):
                with _user_code(f"{name} cannot become {hparams[name]!r}"):
                    self._session.adjust(name, meaning(name, hparams[name], self._meanings))
        self.hparams = dict(hparams)

    def effective(self, hparams: Hparams | None = None) -> Hparams:
        """What a schedule makes of settings in the next epoch; only what differs.

        Of those in force, or of ``hparams``; the model stays as it is.

        Raises:
            HpsearchError: a value is refused, or the user's own code fails.
        """
        with _user_code("it cannot tell its effective settings"):
            return self._trainable.effective(
                self.epoch + 1,
                meant(self.hparams if hparams is None else hparams, self._meanings),
            )

    def train(self) -> tuple[EpochMetrics, float]:
        """Train one epoch; its metrics, and the seconds that it took.

        Raises:
            TrialDiverged: the numbers are not finite any more.
            HpsearchError: training is over, or the user's code fails.
        """
        number = self.epoch + 1
        began = time.perf_counter()
        with _user_code(f"epoch {number} failed"):
            metrics = next(self._session.run(number), None)
        if metrics is None:
            raise TrainingOver(f"training is over: the trainable gave nothing for epoch {number}")
        return metrics, time.perf_counter() - began

    def look_further(self) -> None:
        """Note it, if the trainable goes on by itself after the epochs that the config declares.

        It may take an epoch's time, and the training is of no use any more after it.
        """
        look = getattr(self._trainable, "look_further", None)
        note = look(None) if look is not None and self.epoch >= self._epochs else None
        if note is not None:
            self._further.append(note)

    def state(self) -> bytes:
        """All that is needed to go on, as the bytes of an ``.npz`` file; equal states, equal bytes.

        Raises:
            Unsaved: the trainable cannot be saved.
            TrainableError: its own code fails.
        """
        with _user_code("it cannot be saved"):
            state = self._trainable.save()
        if state is None:
            raise Unsaved(
                "this trainable cannot be saved, so it cannot be babysat: write a class with "
                "train_epoch, save and load (see configs/own_model.py)"
            )
        return pack_arrays({name: state[name] for name in sorted(state)})

    def best_model(self) -> bytes | None:
        """What prediction needs, of the best epoch trained here; ``None`` if it is not kept."""
        model = self._session.best_model
        return None if model is None else pack_arrays(model)

    def close(self) -> None:
        """Release what the trainable holds."""
        with contextlib.suppress(Exception):
            self._trainable.close()


@contextlib.contextmanager
def _user_code(what: str) -> Iterator[None]:
    """Tell an exception of the user's own code in one line: what, and where."""
    try:
        yield
    except HpsearchError:
        raise
    except Exception as error:
        here = str(Path(__file__).parents[1])
        frames: list[Any] = traceback.extract_tb(error.__traceback__)
        frames = [frame for frame in frames if here not in frame.filename]
        where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
        message = " ".join(str(error).split())
        raise TrainableError(
            f"the trainable: {what}: {type(error).__name__}: {message}{where}"
        ) from error
