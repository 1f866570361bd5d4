"""Optuna's samplers, made reproducible: ask and tell in the order of the trials' numbers.

    before trial i is asked for:   trials 0 … i - D are told
                                   trials i - D + 1 … i - 1 are asked for and not told: running

Whoever ends first, Optuna hears of it in this order, so what it proposes is a function of the
seed and of the results handed in. Two things make it one:

* Each trial is asked of a sampler made for it alone, with a seed of its own. Nothing is
  remembered but in the study, as if every trial were asked for by another process, which
  Optuna's samplers are made for.
* The study is a cache. Where the results handed in do not go on where it stands, as after a
  resume, it is made again by asking and telling from trial 0 on. That takes the time of all
  those proposals: a second for 200 trials of most samplers, ten for 100 of GPSampler's.

Optuna sees each number as its coordinate from 0 to 1 on the parameter's own scale, whole numbers
and steps on a linear scale as their positions from 0, and choices as categories. A conditional
parameter is asked for where it is active. A done trial is COMPLETE with its loss, one that was
stopped is PRUNED with the loss that it had, and a failed or diverged one is FAIL. Several goals
are the study's directions, and limits its constraints, for samplers that know such.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.records import Hparams, Value
from hpsearch.sampling.history import LARGEST
from hpsearch.sampling.optuna_samplers import (
    complaints,
    first_line,
    import_optuna,
    make_sampler,
    quiet,
    takes_limits,
)
from hpsearch.sampling.points import PointList
from hpsearch.sampling.random_search import as_unit, first_untried
from hpsearch.sampling.redraw import allowed_rows, uniform_blocks
from hpsearch.sampling.sampler import ChosenPoint, Options, Question, Sampler
from hpsearch.sampling.strategy import Observation, Unit, count_known
from hpsearch.seeds import Purpose, stream
from hpsearch.space import INACTIVE, LINEAR, Branched, Choice, Number, Parameter, Space
from hpsearch.space.parameters import Floats

EXCESSES = "excesses"  # the user attribute of a trial that holds them
DRAWS = 4  # how often a sampler is asked for a point that was not tried and is allowed
BLOCK = 16  # random points at a time, where it suggests none


class OptunaSearch(Sampler):
    """Chooses what one of Optuna's samplers suggests, and no point twice while there are others.

    Raises:
        UsageError: the sampler cannot be made, or a package that it needs is not installed.
    """

    def __init__(self, options: Options) -> None:
        for name, text in complaints(options.sampler, options.arguments):
            raise UsageError(f"search.strategy: {f'{name}: ' if name else ''}{text}")
        super().__init__(options)
        self._lookahead = options.lookahead
        self._sampler, self._known = options.sampler, len(options.known)
        of_search = int(stream(self.seed, Purpose.SPREAD).integers(2**32))
        arguments: dict[str, Any] = dict(options.arguments)
        if options.limits:
            if not takes_limits(options.sampler):
                raise UsageError(
                    f"search.strategy: {options.sampler} takes no limits on a metric; name "
                    f"TPESampler, NSGAIISampler or GPSampler, or a strategy of hpsearch's own"
                )
            arguments["constraints_func"] = _excesses_of
        make = partial(make_sampler, options.sampler, arguments, of_search)
        self._new_study = partial(_Study, self.space, self.seed, self.points, make, options.goals)
        self._study = self._new_study()

    def choose(self, question: Question) -> ChosenPoint:
        history = list(question.observations)
        units = [*(observation.unit for observation in history), *question.pending]
        index = len(units)  # to Optuna, the trials that were given are trials
        try:
            with quiet():
                unit = self._ask(index, history, units)
        except Exception as error:
            raise UsageError(
                f"search.strategy: {self._sampler} cannot propose trial {index}: "
                f"{first_line(error)}; start a run beside it (--fresh) with other arguments or "
                f"another sampler"
            ) from error
        return ChosenPoint(unit, "optuna", self.whole)

    def _ask(self, index: int, history: list[Observation], units: list[Unit]) -> Unit:
        """Bring the study to where trial ``index`` is asked for, and ask."""
        if not self._study.leads_to(history, units):
            self._study = self._new_study()
        for earlier in range(len(self._study.units), index):
            self._study.tell(history[: self._count_known(earlier)])
            self._study.ask(wanted=units[earlier])
        self._study.tell(history)
        return self._study.ask()

    def _count_known(self, place: int) -> int:
        """How many results count for what is at a place, those from elsewhere in front."""
        if place < self._known:
            return place
        return self._known + count_known(place - self._known, self._lookahead)


class _Study:
    """An Optuna study in memory.

    ``units`` are the points that were asked for and ``told`` the results that it was told, both in
    the order of the trials. ``make`` makes a sampler from a seed.
    """

    def __init__(
        self,
        space: Space,
        seed: int,
        points: PointList | None,
        make: Callable[[int], Any],
        goals: int,
    ) -> None:
        self.units: list[Unit] = []
        self.told: list[Observation] = []
        self._tried: set[Unit] = set()
        self._space = space
        self._seed = seed
        self._points = points
        self._make = make
        optuna = import_optuna()
        self._states = optuna.trial.TrialState
        with quiet():
            self._study = optuna.create_study(directions=["minimize"] * goals)
        self._trials: list[Any] = []

    def leads_to(self, history: list[Observation], units: list[Unit]) -> bool:
        """Whether these results and points go on where the study stands."""
        return self.units == units[: len(self.units)] and self.told == history[: len(self.told)]

    def tell(self, history: list[Observation]) -> None:
        """Tell what is new in the history."""
        for observation in history[len(self.told) :]:
            trial = self._trials[len(self.told)]
            losses = [
                min(max(loss, -LARGEST), LARGEST)
                for loss in (observation.loss, *observation.further)
            ]
            if observation.excesses:
                trial.set_user_attr(EXCESSES, list(observation.excesses))
            if not math.isfinite(observation.loss):
                self._study.tell(trial, state=self._states.FAIL)
            elif observation.stopped:
                trial.report(losses[0], step=len(observation.curve))
                self._study.tell(trial, state=self._states.PRUNED)
            else:
                self._study.tell(trial, losses)
            self.told.append(observation)

    def ask(self, wanted: Unit | None = None) -> Unit:
        """Ask for the next trial: what the sampler suggests, or else ``wanted``.

        A suggestion that is not taken stays in the study as a failed trial, and the point that is
        taken instead is put before the sampler as one that somebody enqueued.
        """
        rng = stream(self._seed, Purpose.PROPOSE, len(self.units))
        trial, unit = self._suggest(rng)
        for _ in range(DRAWS - 1):
            if unit not in self._tried and self._is_allowed(unit):
                break
            self._study.tell(trial, state=self._states.FAIL)
            trial, unit = self._suggest(rng)
        candidates = [np.array(unit)] if self._is_allowed(unit) else self._anywhere(rng)
        chosen = first_untried(candidates, self._tried, self._points, rng)
        chosen = chosen if wanted is None else wanted
        if chosen != unit:
            self._study.tell(trial, state=self._states.FAIL)
            self._study.enqueue_trial(self._suggestion(chosen))
            trial, _ = self._suggest(rng)
        self._trials.append(trial)
        self.units.append(chosen)
        self._tried.add(chosen)
        return chosen

    def _is_allowed(self, unit: Unit) -> bool:
        return bool(self._space.allowed(np.array([unit]))[0])

    def _anywhere(self, rng: np.random.Generator) -> Iterator[Floats]:
        """Random points that keep the constraints, where the sampler suggests none."""
        return allowed_rows(self._space, uniform_blocks(self._space, rng, BLOCK))

    def _suggest(self, rng: np.random.Generator) -> tuple[Any, Unit]:
        """A new trial of the study and its canonical unit vector."""
        self._study.sampler = self._make(int(rng.integers(2**32)))
        trial = self._study.ask()
        unit: list[float] = []
        point: dict[str, Value] = {}
        for parameter in self._space.parameters:
            active, coordinate = parameter.is_active(point), INACTIVE
            if parameter.searched:
                coordinate = _suggested(parameter, trial, point) if active else INACTIVE
                unit.append(coordinate)
            if active:
                point[parameter.name] = parameter.value_at(coordinate, point)
        return trial, as_unit(self._space.canonical(np.array(unit)))

    def _suggestion(self, unit: Unit) -> dict[str, float]:
        """What Optuna would have suggested for a point."""
        point = self._space.decode(unit)
        return {
            _name_at(p, point): int(p.cell(np.asarray(u))) if _is_counted(p) else u
            for p, u in zip(self._space.searched, unit, strict=True)
            if p.name in point
        }


def _excesses_of(trial: Any) -> list[float]:
    """How far a finished trial passes each limit; not at all where that is not known."""
    return [0.0 if math.isnan(e) else e for e in trial.user_attrs.get(EXCESSES, ())]


def _is_counted(parameter: Parameter) -> bool:
    """Whether Optuna sees positions, from 0, and not a coordinate."""
    if isinstance(parameter, Number):
        return parameter.levels is not None and parameter.scale is LINEAR
    return True


def _name_at(parameter: Parameter, point: Hparams) -> str:
    """What Optuna knows a parameter by: each branch, with a range of its own, by another name."""
    if isinstance(parameter, Branched):
        return f"{parameter.name} {parameter.branch_at(point)}"
    return parameter.name


def _suggested(parameter: Parameter, trial: Any, point: Hparams) -> float:
    """The coordinate that Optuna suggests for a parameter that is active beside ``point``."""
    name = _name_at(parameter, point)
    low, high = ends = 0.0, 1.0
    if isinstance(parameter, Branched):
        number = parameter.branch_at(point) or 0
        (low, high), ends = parameter.stretch(number), parameter.ends(number)
    if not _is_counted(parameter):
        return float(trial.suggest_float(name, low, high))
    assert parameter.levels is not None
    if isinstance(parameter, Choice):
        cell = trial.suggest_categorical(name, list(range(parameter.levels)))
    else:
        first, last = parameter.cell(np.array(ends)).tolist()
        cell = trial.suggest_int(name, first, last)
    return float(parameter.center(np.asarray(cell)))
