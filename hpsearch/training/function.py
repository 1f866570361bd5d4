"""A user's function, generator function or class as a trainable.

* ``def objective(alpha, beta): return score`` is one epoch; or as many as it pushes on its
  way, with ``hpsearch.epoch(loss=score)``, and then what it returns is no matter.
* ``def train(alpha, epochs): ... yield score`` gives a score an epoch. It cannot be saved, so
  a trial that was cut short starts again.
* ``class Model`` with ``__init__(hparams or named hyperparameters)`` and ``train_epoch(epoch)``;
  with ``save()`` (bytes, or what :mod:`~hpsearch.training.states` can write) and ``load(what save
  gave)`` it resumes; names in
  ``adjustable`` and a method ``adjust(name, value)`` let it be babysat, and a method
  ``effective(epoch, hparams)``, if it is there, gives what a schedule makes of these values in an
  epoch, as a dict; ``close()`` is called at the end if it is there.

Each hyperparameter goes to the parameter of its name, and those whose names have dots, such as
``optimizer.lr``, to ``optimizer`` as a dict; a parameter called ``hparams`` (or
``params``, ``config``) gets them all as one dict. ``seed``, ``epochs`` and ``trial`` are given
to whoever names them, and with ``data: {folds: 5}`` ``fold``, from 0, and ``folds``.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.errors import TrainableError
from hpsearch.metrics import as_metrics
from hpsearch.pushing import hearing
from hpsearch.records import Hparams, Value
from hpsearch.space.meanings import nested
from hpsearch.text import plural
from hpsearch.training.alarm import TimeIsUp, time_for
from hpsearch.training.protocol import Arrays, Context
from hpsearch.training.pushes import Pushes, Take
from hpsearch.training.states import ADVICE, UnsavableError, as_arrays, from_arrays

_KEYWORDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_ALL_IN_ONE = ("hparams", "params", "config", "hyperparameters", "parameters")
_EXTRAS = ("seed", "epochs", "trial")
_OF_FOLDS = ("fold", "folds")


def adapt(
    target: Callable[..., Any], context: Context, source: str
) -> FunctionTrainable | GeneratorTrainable | ObjectTrainable:
    """Make a trainable of what the user named; ``source`` is how messages call it.

    Raises:
        TrainableError: it cannot be called with the declared hyperparameters.
    """
    arguments = bind(target, context, source)
    if inspect.isclass(target):
        return ObjectTrainable(target(**arguments), context, source)
    if inspect.isgeneratorfunction(target):
        return GeneratorTrainable(target(**arguments), context, source)
    return FunctionTrainable(lambda: target(**arguments), context, source)


def bind(target: Callable[..., Any], context: Context, source: str) -> dict[str, Any]:
    """The keyword arguments with which to call the user's code.

    Raises:
        TrainableError: it needs an argument that nobody declared, or does not take one that was.
    """
    named, takes_rest = _signature(target, source)
    hparams = nested(context.hparams)
    inactive = {name.partition(".")[0] for name in context.inactive} - {*hparams}
    declared = {*hparams, *inactive}
    all_in_one = [name for name in _ALL_IN_ONE if name in named and name not in declared]
    arguments: dict[str, Any] = dict.fromkeys(all_in_one, hparams)
    for name, value in hparams.items():
        if name in named or takes_rest:
            arguments[name] = value
        elif not all_in_one:
            raise TrainableError(
                f"{source} takes no argument {name!r}, which the config declares; add it to the "
                f"signature, or take them all in one dict called 'hparams'"
            )
    for name in (*_EXTRAS, *(_OF_FOLDS if context.folds else ())):
        if name in named and name not in declared:
            arguments[name] = getattr(context, name)
    if context.folds and "fold" not in arguments:
        raise TrainableError(
            f"{source} takes no argument 'fold', so that every fold would be the same; add it "
            f"(0 to {context.folds - 1}), or leave out data.folds"
        )
    for name, parameter in named.items():
        if name in arguments or parameter.default is not parameter.empty:
            continue
        if name not in inactive:
            raise TrainableError(
                f"{source} needs an argument {name!r}, which the config does not declare; "
                f"add it under 'parameters', or give it a default"
            )
        arguments[name] = None
    return arguments


def _signature(
    target: Callable[..., Any], source: str
) -> tuple[dict[str, inspect.Parameter], bool]:
    """The parameters that can be given by name, and whether any other name is taken as well."""
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError) as e:
        raise TrainableError(f"{source} has no signature that Python can read: {e}") from e
    for name, parameter in parameters.items():
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise TrainableError(
                f"{source} takes {name!r} by position only; remove the '/' from its signature"
            )
    named = {name: p for name, p in parameters.items() if p.kind in _KEYWORDS}
    return named, any(p.kind is p.VAR_KEYWORD for p in parameters.values())


class _Unsaved:
    """What trainables without a state of their own share."""

    adjustable: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.notes: list[str] = []

    def save(self) -> Arrays | None:
        return None

    def load(self, state: Arrays) -> None:
        raise AssertionError(f"never saved, yet given {list(state)}")

    def model(self) -> Arrays | None:
        return None

    def adjust(self, name: str, value: Value) -> None:
        del value
        raise TrainableError(f"{name!r} cannot change while this function runs")

    def effective(self, epoch: int, hparams: Hparams) -> Hparams:
        del epoch, hparams
        return {}

    def close(self) -> None:
        """Nothing is held."""


class FunctionTrainable(_Unsaved):
    """A function that is called once: what it returns is one epoch, if it pushes none."""

    def __init__(self, call: Callable[[], Any], context: Context, source: str) -> None:
        super().__init__()
        self._call, self._context, self._source = call, context, source
        self._kept: deque[Mapping[str, float]] = deque()
        self._take: Take = self._keep

    def push_to(self, take: Take) -> None:
        """Where what is pushed goes at once; :meth:`train_epoch` gives none of it then."""
        self._take = take

    def train_epoch(self, epoch: int) -> Mapping[str, float] | None:
        if epoch == 1:
            pushes = Pushes(self._take, self._context, self._source)
            returned = pushes.during(self._call)
            self.notes += pushes.notes
            if not pushes.count:
                return as_metrics(returned, self._context.metric, self._source)
        return self._kept.popleft() if self._kept else None

    def _keep(self, values: Mapping[str, float]) -> bool:
        """For who asks for one epoch after another: they are given when the function has ended."""
        self._kept.append(values)
        return True


class GeneratorTrainable(_Unsaved):
    """A generator that yields the metrics of one epoch after another."""

    def __init__(self, generator: Any, context: Context, source: str) -> None:
        super().__init__()
        self._context = context
        self._generator, self._metric, self._source = generator, context.metric, source
        self._given = 0

    def train_epoch(self, epoch: int) -> Mapping[str, float] | None:
        try:
            with hearing(self._refuse):
                answer = next(self._generator)
        except StopIteration:
            return None
        self._given = epoch
        return as_metrics(answer, self._metric, self._source)

    def _refuse(self, given: Any) -> None:
        del given
        raise TrainableError(
            f"{self._source} yields its epochs, and calls hpsearch.epoch as well; delete one of "
            f"the two"
        )

    def look_further(self, seconds: float | None) -> str | None:
        """A note, if the generator goes on after the last epoch; it has ``seconds`` to show it.

        Its code runs on, for an epoch's time, unless it was trained for longer already; whatever
        happens there fails no trial.
        """
        epochs = self._context.epochs
        try:
            if self._given <= epochs:
                with time_for(seconds):
                    next(self._generator)
        except StopIteration:
            return None
        except TimeIsUp:
            return (
                f"{self._source} was still at work {seconds:g} seconds after "
                f"{plural(epochs, 'epoch')}: let it return there, or write more as epochs"
            )
        except (Exception, SystemExit) as e:
            print(f"hpsearch: after the last epoch: {e!r}")  # noqa: T201 - the trial's log
            return None
        return (
            f"{self._source} yields more than {plural(epochs, 'epoch')}; the others are ignored: "
            f"give it an argument 'epochs', or write a larger number as epochs"
        )

    def close(self) -> None:
        self._generator.close()


class ObjectTrainable:
    """An instance of a user's class with ``train_epoch``."""

    def __init__(self, instance: Any, context: Context, source: str) -> None:
        if not callable(getattr(instance, "train_epoch", None)):
            raise TrainableError(
                f"{source} has no method train_epoch(self, epoch), which trains one epoch and "
                f"returns its metrics"
            )
        self.notes: list[str] = []
        self._instance, self._metric, self._source = instance, context.metric, source
        self._hparams: dict[str, Value] = dict(context.hparams)
        self.adjustable = frozenset(getattr(instance, "adjustable", ()))

    def train_epoch(self, epoch: int) -> Mapping[str, float] | None:
        with hearing(self._refuse):
            answer = self._instance.train_epoch(epoch)
        return None if answer is None else as_metrics(answer, self._metric, self._source)

    def _refuse(self, given: Any) -> None:
        del given
        raise TrainableError(
            f"{self._source}.train_epoch gives what it returns, and calls hpsearch.epoch as well; "
            f"return the metrics alone"
        )

    def save(self) -> Arrays | None:
        if not hasattr(self._instance, "save") or not hasattr(self._instance, "load"):
            return None
        try:
            return as_arrays(self._instance.save())
        except UnsavableError as e:
            raise TrainableError(f"{self._source}.save() gave {e}; {ADVICE}") from e

    def load(self, state: Arrays) -> None:
        self._instance.load(from_arrays(state))

    def model(self) -> Arrays | None:
        return None

    def adjust(self, name: str, value: Value) -> None:
        self._instance.adjust(name, value)
        self._hparams[name] = value

    def effective(self, epoch: int, hparams: Hparams) -> Hparams:
        effective = getattr(self._instance, "effective", None)
        if not callable(effective):
            return {}
        if len(inspect.signature(effective).parameters) > 1:
            return dict(effective(epoch, nested(hparams)))
        # One that is told the epoch alone knows its present values, and no others.
        return dict(effective(epoch)) if dict(hparams) == self._hparams else {}

    def close(self) -> None:
        close = getattr(self._instance, "close", None)
        if callable(close):
            close()
