"""Does a trainable keep its promises? Trained, saved, loaded and adjusted, and compared bit by bit.

What a search and a babysat run rely on: the same seed gives the same numbers; a new object that
loads a state goes on as if it were the old one; a change counts from the next epoch on, and what
comes after it can be resumed as well. Each promise is put to the proof on a few epochs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hpsearch.errors import HpsearchError, TrainableError
from hpsearch.panda.positions import Epoch, Position
from hpsearch.panda.training import Training, TrainingOver, TrainingSetup, Unsaved
from hpsearch.records import Hparams, Metric, Value
from hpsearch.store.arrays import unpack_arrays
from hpsearch.text import change, in_full, plural
from hpsearch.training.seeding import ADVICE, fingerprints

LINES = 3
"""So many lines of a command's output are shown."""

EPOCHS, CUT = 4, 2
"""So many epochs are trained, and the training is resumed after the second."""


@dataclass(frozen=True)
class Verdict:
    """One promise: kept, broken, or (``None``) not put to the proof; and what was seen."""

    promise: str
    kept: bool | None
    seen: str


@dataclass(frozen=True)
class _Trace:
    """What epochs came to: metrics and states after each, from epoch ``first`` on.

    ``refused`` says why there are no states where saving failed.
    """

    first: int
    metrics: list[Mapping[str, float]]
    states: list[bytes]
    refused: list[str] = field(default_factory=list)


def check_promises(setup: TrainingSetup) -> Iterator[Verdict]:
    """Every promise in turn; later ones are left out where an earlier one makes them moot.

    Raises:
        HpsearchError: the trainable cannot be set up, or its first epoch fails.
    """
    start = setup.start
    training = Training(setup)
    whole = _trained(training, EPOCHS)
    drawn = fingerprints()
    names = ", ".join(whole.metrics[0])
    yield Verdict("it trains", True, f"{_count(whole)}, each with {names}")
    yield from _output(training, start.metric.name)
    again = _trained(Training(setup), EPOCHS)
    different = _difference(whole, again)
    if different is None:
        seen = "built anew with the same seed it comes to the same bytes"
    else:
        seen = f"{different}; {_what_to_seed(setup, drawn, fingerprints())}"
    yield Verdict("it repeats itself", different is None, seen)
    if whole.refused:
        yield Verdict("it resumes", False, whole.refused[0])
        return
    if not whole.states:
        yield Verdict(
            "it resumes",
            None,
            "it has no save and load: a trial that is cut short starts again, "
            "and it cannot be babysat",
        )
        return
    if len(whole.states) <= CUT:
        yield Verdict("it resumes", None, f"it is over after {_count(whole)}")
        return
    if different is not None:
        yield Verdict("it resumes", None, "what is itself random cannot be compared")
        return
    yield from _resuming(setup, whole)
    if not start.adjustable:
        seen = "it declares nothing adjustable, so its settings cannot change while it is babysat"
        yield Verdict("it can be adjusted", None, seen)
    for name in start.adjustable:
        yield _adjusting(setup, whole, name)


def _output(training: Training, metric: str) -> Iterator[Verdict]:
    """The lines of a command that were read, and which number was taken from each."""
    for printed in training.printed[:LINES]:
        number = f"{metric} {printed.values[metric]:.15g}"
        yield Verdict(f"{printed.stream} is read", True, f"{printed.line!r} gives {number}")
    for note in training.notes:
        yield Verdict("note", None, note)


def _what_to_seed(setup: TrainingSetup, once: Mapping[str, str], twice: Mapping[str, str]) -> str:
    """What to do about draws that are not the same; what is known are the global generators."""
    if setup.spec.kind == "command":
        return "seed the program with {seed} in the command line, or with HPSEARCH_SEED"
    differing = [name for name in twice if once.get(name) != twice[name]]
    if differing:
        return ", ".join(f"seed {name} with `seed`: {ADVICE[name]}" for name in differing)
    return (
        "the global generators are seeded and stand alike: give those of its own the `seed`, as in "
        "np.random.default_rng(seed) or torch.Generator().manual_seed(seed); or is it the time, "
        "the order of a set, or threads?"
    )


def _resuming(setup: TrainingSetup, whole: _Trace) -> Iterator[Verdict]:
    """A new object that loads, and saving that leaves no trace."""
    resumed = _trained(_loaded(setup, whole), EPOCHS - CUT)
    different = _difference(whole, resumed)
    seen = f"a new object that loads the state of epoch {CUT} comes to the same bytes"
    if different:
        seen = f"{different}; does save() leave something out, or load() not take it back?"
    yield Verdict("it resumes", different is None, seen)
    quiet = Training(setup)
    try:
        last = [quiet.train()[0].values for _ in range(len(whole.metrics))]
        unsaved = _Trace(len(last), [last[-1]], [quiet.state()])
    finally:
        quiet.close()
    different = _difference(whole, unsaved)
    seen = different or "training is the same whether it is saved in between or not"
    yield Verdict("saving leaves no trace", different is None, seen)


def _adjusting(setup: TrainingSetup, whole: _Trace, name: str) -> Verdict:
    """A change counts from the next epoch on, and what follows it can be resumed."""
    promise = f"{name} can change"
    old = setup.start.hparams[name]
    named = setup.spec.meanings.get(name, {})
    new = next((value for value in named if value != old), None) if named else _other(old)
    if new is None:
        return Verdict(
            promise, None, f"no other value than {old!r} is known; declare values for it"
        )
    hparams = {**setup.start.hparams, name: new}
    training = _loaded(setup, whole)
    try:
        training.adjust(hparams)
    except HpsearchError as error:
        training.close()
        return Verdict(promise, False, error.message)
    changed = _trained(training, 2, start=CUT + 1)
    shown = f"{name} {change(old, new)}"
    if _difference(whole, changed) is None:
        return _without_effect(setup, whole, promise, shown, hparams)
    resumed = _trained(_loaded(setup, changed, CUT + 1, hparams), 1)
    different = _difference(changed, resumed)
    if different:
        return Verdict(
            promise,
            False,
            f"resumed after {shown}: {different}; is "
            f"something derived from it in __init__ and not in adjust()?",
        )
    return Verdict(promise, True, f"{shown} counts from the next epoch on, and resumes")


def _without_effect(
    setup: TrainingSetup, whole: _Trace, promise: str, shown: str, hparams: Hparams
) -> Verdict:
    """Whether a change that changed nothing should have: it does when it is built in."""
    built_in = _trained(_loaded(setup, whole, CUT, hparams), EPOCHS - CUT)
    if _difference(whole, built_in) is None:
        seen = f"{shown} changes nothing in two epochs; it seems not to be in use here"
        return Verdict(promise, None, seen)
    seen = f"{shown} changes nothing, although __init__ makes a difference of it: see adjust()"
    return Verdict(promise, False, seen)


def _trained(training: Training, epochs: int, start: int = 1) -> _Trace:
    """Train so many epochs, or fewer if it is over before; see whether it goes on; then close."""
    trace = _Trace(max(training.epoch + 1, start), [], [])
    with contextlib.closing(training):
        _train(training, epochs, trace)
        training.look_further()
    return trace


def _train(training: Training, epochs: int, trace: _Trace) -> None:
    """Train so many epochs, or fewer if it is over before, and keep what they come to."""
    try:
        for _ in range(epochs):
            trace.metrics.append(training.train()[0].values)
            try:
                trace.states.append(training.state())
            except Unsaved:
                continue
            except TrainableError as error:
                trace.refused.append(error.message)
    except TrainingOver:
        if not trace.metrics:
            raise


def _loaded(
    setup: TrainingSetup, trace: _Trace, after: int = CUT, hparams: Hparams | None = None
) -> Training:
    """A new object that has loaded the state after an epoch of a trace."""
    settings = hparams or setup.start.hparams
    unknown = [{setup.start.metric.name: 0.0}] * (trace.first - 1)
    values = [*unknown, *trace.metrics][:after]
    chain = [
        Epoch(Position("main", number), settings, {}, each, "", EPOCHS)
        for number, each in enumerate(values, start=1)
    ]
    state = unpack_arrays(trace.states[after - trace.first])
    return Training(setup, chain, state)


def _difference(a: _Trace, b: _Trace) -> str | None:
    """The first difference in the epochs that both have, in words; ``None`` if there is none."""
    for epoch in range(max(a.first, b.first), a.first + len(a.metrics)):
        i, j = epoch - a.first, epoch - b.first
        if j >= len(b.metrics):
            return None
        for name, value in a.metrics[i].items():
            other = b.metrics[j].get(name, float("nan"))
            if not np.array_equal(value, other, equal_nan=True):
                return f"epoch {epoch} has {name} {in_full(other)}, not {in_full(value)}"
        if i < len(a.states) and j < len(b.states) and a.states[i] != b.states[j]:
            differing = _differing(unpack_arrays(a.states[i]), unpack_arrays(b.states[j]))
            return f"after epoch {epoch} the states differ in {differing}"
    return None


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    names = [
        name
        for name in dict.fromkeys([*a, *b])
        if name not in a or name not in b or a[name].tobytes() != b[name].tobytes()
    ]
    return ", ".join(names) or "their form"


def _other(value: Value) -> Value:
    """Another value that a setting probably can have; ``None`` if none is known."""
    known: dict[Value, Value] = {"adam": "rmsprop", "none": "inverse"}
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value / 2 if value else 0.25
    return known.get(value, "adam" if value in ("sgd", "momentum", "rmsprop") else None)


def _count(trace: _Trace) -> str:
    return plural(len(trace.metrics), "epoch")


def try_metrics(setup: TrainingSetup, metric: Metric) -> None:
    """Train one epoch as a search does that needs other metrics beside its first.

    Raises:
        HpsearchError: the trainable does not give all of them.
    """
    if len(metric.needed) > 1:
        start = replace(setup.start, metric=metric)
        with contextlib.closing(Training(TrainingSetup(setup.spec, start, setup.epochs))) as one:
            one.train()


def begun(setup: TrainingSetup) -> TrainingSetup:
    """The setup with what its trainable declares as adjustable.

    Raises:
        HpsearchError: the trainable cannot be set up.
    """
    training = Training(setup)
    adjustable = tuple(n for n in setup.start.hparams if n in training.adjustable)
    training.close()
    start = replace(setup.start, adjustable=adjustable)
    return TrainingSetup(setup.spec, start, setup.epochs)
