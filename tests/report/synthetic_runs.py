"""Made-up runs: a known function of known parameters, the same on every machine.

``made_up_run`` searches coarse to fine by hand: a first round over the whole space, then boxes
around the best trials so far that halve from round to round. The error has its valley at alpha
0.0025 and beta 0.99; alpha matters most, then beta, then the optimizer, and the rest hardly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hpsearch.records import EpochMetrics, Metric, State, Trial, TrialResult, Value
from hpsearch.report.analysis.rows import RunView
from hpsearch.space import LOG, ONE_MINUS, Choice, Condition, Number, Space
from hpsearch.store.curves import CurveHeader, CurveWriter
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder

CONFIG = """\
name: signs-6
seed: 3
trainable: objective.py:train
epochs: 30
metric: {name: dev_error}
parameters:
  alpha: {min: 1e-5, max: 1.0, scale: log, tier: 1}
  beta: {min: 0.9, max: 0.9999, scale: 1-beta, tier: 2}
  hidden_units: {min: 16, max: 512, type: int, tier: 2}
  layers: {min: 1, max: 5, type: int, tier: 3}
  batch_size: {values: [32, 64, 128, 256]}
  optimizer: {values: [sgd, momentum, adam]}
  beta2: {min: 0.99, max: 0.9999, scale: 1-beta, when: {optimizer: adam}}
search: {max_trials: 200, lookahead: 16}
run: {workers: 8}
"""

SPACE = Space(
    (
        Number("alpha", low=1e-5, high=1.0, scale=LOG, tier=1),
        Number("beta", low=0.9, high=0.9999, scale=ONE_MINUS, tier=2),
        Number("hidden_units", low=16, high=512, step=1, integer=True, tier=2),
        Number("layers", low=1, high=5, step=1, integer=True, tier=3),
        Choice("batch_size", values=(32, 64, 128, 256)),
        Choice("optimizer", values=("sgd", "momentum", "adam")),
        Number(
            "beta2",
            low=0.99,
            high=0.9999,
            scale=ONE_MINUS,
            when=(Condition("optimizer", ("adam",)),),
        ),
    )
)
METRIC = Metric("dev_error")


def result(
    index: int,
    value: float | None,
    hparams: dict[str, Value],
    space: Space = SPACE,
    state: State = State.DONE,
    **more: object,
) -> TrialResult:
    """One trial with as little as a test needs to say."""
    curves: dict[str, tuple[float | None, ...]] = {"dev_error": (value,)}
    trial = Trial(index=index, seed=index, hparams=hparams, unit=space.encode(hparams))
    plain = TrialResult(trial, state, value, 1 if value is not None else None, 1, curves)
    trial_fields = {k: v for k, v in more.items() if k in ("round", "origin", "ranges", "cutoffs")}
    result_fields = {k: v for k, v in more.items() if k not in trial_fields}
    return replace(plain, trial=replace(trial, **trial_fields), **result_fields)


def made_up_run(trials: int = 200, seed: int = 3, rounds: int = 4, epochs: int = 30) -> RunView:
    """A run of ``trials`` trials with stopped, diverged and failed ones among them."""
    rng = np.random.default_rng(seed)
    results: list[TrialResult] = []
    boxes = [(0.0, 1.0)] * SPACE.dimensions
    for index in range(trials):
        number = 1 + index * rounds // trials
        if number > 1 and (not results or results[-1].trial.round < number):
            boxes = _boxes_around(results, 0.5 ** (number - 1))
        unit = np.array([rng.uniform(low, high) for low, high in boxes])
        unit = SPACE.canonical(unit)
        results.append(_train(index, number, unit, boxes, epochs=epochs, rng=rng))
    return RunView(
        name="signs-6",
        space=SPACE,
        metric=METRIC,
        results=results,
        max_trials=trials,
        epochs=epochs,
        seed=seed,
        workers=8,
        folder="runs/signs-6",
        command="hpsearch run configs/signs.yaml",
    )


def _boxes_around(results: Sequence[TrialResult], width: float) -> list[tuple[float, float]]:
    best = min((r for r in results if r.value is not None), key=lambda r: r.value or 0.0)
    boxes = []
    for parameter, center in zip(SPACE.searched, best.trial.unit, strict=True):
        if isinstance(parameter, Choice) and parameter.name == "batch_size":
            boxes.append((0.0, 1.0))
        elif isinstance(parameter, Choice):
            boxes.append((1 / 3, 1.0))
        else:
            boxes.append((max(0.0, center - width / 2), min(1.0, center + width / 2)))
    return boxes


def _ranges(boxes: Sequence[tuple[float, float]]) -> dict[str, tuple[Value, ...]]:
    ranges: dict[str, tuple[Value, ...]] = {}
    for parameter, (low, high) in zip(SPACE.searched, boxes, strict=True):
        if isinstance(parameter, Choice):
            count = parameter.levels
            ranges[parameter.name] = tuple(
                v for k, v in enumerate(parameter.values) if low <= (k + 0.5) / count <= high
            )
        else:
            ranges[parameter.name] = (parameter.decode(low), parameter.decode(high))
    return ranges


def _train(
    index: int,
    number: int,
    unit: np.ndarray,
    boxes: Sequence[tuple[float, float]],
    *,
    epochs: int,
    rng: np.random.Generator,
) -> TrialResult:
    hparams = SPACE.decode(unit)
    trial = Trial(
        index, index, hparams, tuple(map(float, unit)), number, "zoom", {}, _ranges(boxes)
    )
    lost = {"sgd": 0.6, "momentum": 0.2, "adam": 0.0}[str(hparams["optimizer"])]
    alpha, beta = unit[0] - 0.48, unit[1] - 0.33
    units, layers = unit[2] - 0.35, unit[3] - 0.5
    final = math.log(0.031) + 9 * alpha**2 + 2.5 * beta**2 + 0.5 * units**2 + lost
    final += 0.8 * layers**2 + abs(rng.normal()) * 0.15
    rate = 1 + 6 * rng.random()
    wobble = rng.normal(size=(2, epochs)) * 0.02
    time = np.exp(-rate * np.arange(1, epochs + 1) / epochs * 1.5)
    target = min(math.exp(final), 0.6)
    dev = (target + (0.7 - target) * time) * np.exp(wobble[0])
    train = (target * 0.6 + (0.7 - target * 0.6) * time) * np.exp(wobble[1])
    seconds = round(8 + 8 * rng.random(), 3)
    if unit[0] > 0.86:
        stop = 1 + index % 7
        curves = {"dev_error": (*map(float, dev[: stop - 1]), None), "train_error": (None,) * stop}
        text = f"nan loss at epoch {stop} (alpha too large?)"
        return TrialResult(trial, State.DIVERGED, None, None, stop, curves, text, seconds / 4)
    if index % 61 == 60:
        text = "Traceback (most recent call last):\n[red]MemoryError[/red] <script>"
        text = text.splitlines()[-1]
        return TrialResult(trial, State.FAILED, None, None, 0, {}, text, 0.1)
    length = epochs // 3 if target > 0.2 and index > 20 else epochs
    state = State.STOPPED if length < epochs else State.DONE
    curve = tuple(map(float, dev[:length]))
    curves = {"dev_error": curve, "train_error": tuple(map(float, train[:length]))}
    best = METRIC.best_epoch(curve)
    return TrialResult(
        trial, state, curve[best - 1], best, length, curves, None, seconds * length / epochs
    )


def write_run(path: Path, view: RunView, running: int = 0) -> RunFolder:
    """The run as a folder; the ``running`` trials after the recorded ones are under way."""
    folder = RunFolder(path)
    folder.create(CONFIG, CONFIG)
    record(folder, view.results)
    if running:
        under_way = made_up_run(len(view.results) + running).results[-running:]
        for number, result_ in enumerate(under_way):
            start_trial(folder, result_, (25, 26, 17, 16, 5, 4, 0, 0)[number % 8])
    return folder


def record(folder: RunFolder, results: Sequence[TrialResult]) -> None:
    """Append results to the run's journal."""
    with Journal(folder.trials_path) as journal:
        journal.append_all(r.to_record() for r in results)


def start_trial(folder: RunFolder, result_: TrialResult, epochs: int) -> None:
    """Make a trial look as if it had been trained for so many epochs so far."""
    index = result_.trial.index
    header = CurveHeader(index, dict(result_.trial.hparams), 30, "dev_error")
    with CurveWriter(folder.curve_path(index), header, quiet=0) as curve:
        for epoch, value in enumerate(result_.curves["dev_error"][:epochs], start=1):
            number = math.nan if value is None else value
            curve.append(EpochMetrics(epoch, {"train_error": 0.1, "dev_error": number}))
