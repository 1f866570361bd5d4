"""Confirm: train the best few trials of a search again, and find out which of them is the best.

What won a search is the maximum of many noisy values, and so partly luck. Here the best few are
trained on seeds that the search has not used, the same ones for each (``seeds.confirm_seed``), and
to the end, without cut-offs. Who is clearly behind is trained no further, see :mod:`race`.

What is trained next depends on nothing but the results on record, so for any number of workers,
and after a crash at any moment, the same command comes to the same record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hpsearch.config import Config
from hpsearch.engine.pools import Pool
from hpsearch.engine.scheduler import StopFlag
from hpsearch.network.model import count_weights
from hpsearch.records import State, TrialResult, finite
from hpsearch.search.confirmations import (
    Confirmation,
    Repeat,
    Wish,
    confirmation_of,
    parse_records,
)
from hpsearch.search.publish import clear
from hpsearch.search.race import candidates_of
from hpsearch.search.retest import folder_for_training, train_trials
from hpsearch.seeds import confirm_seed
from hpsearch.store.arrays import read_arrays
from hpsearch.store.atomic import make_durable, remove_folder
from hpsearch.store.disk import disk_errors
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder
from hpsearch.store.system import replace_file
from hpsearch.training.protocol import TrainableSpec

USUAL_TOP = 5
USUAL_REPEATS = 5


@dataclass(frozen=True)
class RoundBegun:
    """Candidates are trained on one more fresh seed; ``confirmation`` is how it stands before."""

    confirmation: Confirmation
    repeat: int


@dataclass(frozen=True)
class RepeatFinished:
    """One training of a candidate is recorded."""

    repeat: Repeat


@dataclass(frozen=True)
class Confirmed:
    """The confirmation is over."""

    confirmation: Confirmation


ConfirmEvent = RoundBegun | RepeatFinished | Confirmed


def confirm(
    folder: RunFolder,
    config: Config,
    results: Sequence[TrialResult],
    *,
    top: int,
    repeats: int,
    pool: Pool,
    width: int,
    spec: TrainableSpec,
    stop: StopFlag,
    observe: Callable[[ConfirmEvent], None] = lambda _: None,
) -> Confirmation | None:
    """Train the ``top`` best of a run's ``results`` on up to ``repeats`` fresh seeds each.

    Gives how it stands, which is over unless the stop flag was raised; ``None`` where no trial has
    a value. The caller holds the run's lock.

    Raises:
        RunError: the journal is damaged or cannot be written, or nobody can train any more.
    """
    metric = config.metric_record()
    wish = Wish(top, repeats, candidates_of(results, metric, top))
    if not wish.candidates:
        return None
    with Journal(folder.confirm_path) as journal:
        before, made = parse_records(folder, journal.records)
        if wish != before:
            journal.append(wish.to_record())
        work = _Work(folder, config, journal, made, observe)
        begun = False
        while (known := confirmation_of(wish, made, results, metric)) and not known.race.over:
            if stop.level:
                return known
            begun = True
            work.train_round(known, pool, width, spec, stop)
        assert known is not None
    _remove_training_folders(folder, made)
    if begun:
        observe(Confirmed(known))
    return known


@dataclass
class _Work:
    """A confirmation at work; ``made`` are its results so far."""

    folder: RunFolder
    config: Config
    journal: Journal
    made: list[Repeat]
    observe: Callable[[ConfirmEvent], None]

    def train_round(
        self, known: Confirmation, pool: Pool, width: int, spec: TrainableSpec, stop: StopFlag
    ) -> None:
        """Train everyone who is due, on one more seed."""
        repeat = known.race.due[0][1]
        seed = confirm_seed(self.config.seed, repeat)
        trials = [
            replace(known.observed[trial].trial, seed=seed, cutoffs={})
            for trial, _ in known.race.due
        ]
        beside = folder_for_training(self.folder, self.folder.confirm_folder, _seed_name(repeat))
        self.observe(RoundBegun(known, repeat))

        def record(results: Sequence[TrialResult]) -> None:
            new = [Repeat(repeat, r, self._keep_model(beside, r)) for r in results]
            self.journal.append_all([one.to_record() for one in new])
            self.made += new
            for one in new:
                clear(beside, one.result.trial.index)
                self.observe(RepeatFinished(one))

        once = replace(self.config, search=replace(self.config.search, repeats=1))
        train_trials(beside, once, trials, pool, width=width, record=record, stop=stop, spec=spec)

    def _keep_model(self, beside: RunFolder, result: TrialResult) -> int | None:
        """Keep the model if it is the candidate's best so far; how many weights it has.

        It is in its place before its result is recorded: what is on record has its model.
        """
        index, metric = result.trial.index, self.config.metric_record()
        source = beside.trial_model_path(index)
        if finite(result.value) is None or not source.exists():
            return None
        arrays = read_arrays(source)
        losses = [one.result.loss(metric) for one in self.made if one.result.trial.index == index]
        if not losses or result.loss(metric) < min(losses):
            kept = self.folder.confirmed_model_path(index)
            with disk_errors(kept, "keep a candidate's model"):
                replace_file(source, kept)
                make_durable(kept)
        return count_weights(arrays) if "W1" in arrays else None


def _seed_name(repeat: int) -> str:
    return f"seed-{repeat}"


def _remove_training_folders(folder: RunFolder, made: Sequence[Repeat]) -> None:
    """Remove where candidates were trained, but for the logs of trainings that failed."""
    failed = {one.repeat for one in made if one.result.state is State.FAILED}
    for repeat in {one.repeat for one in made} - failed:
        remove_folder(folder.confirm_folder / _seed_name(repeat))
