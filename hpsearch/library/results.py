"""What a search gives back: its trials, the best one, and what was learnt from them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.errors import UsageError
from hpsearch.library.frames import data_frame, page_frame
from hpsearch.records import Trial as Proposed
from hpsearch.records import TrialResult, finite, what_none_has
from hpsearch.store.names import usual_runs
from hpsearch.store.rundir import RunFolder, find_run
from hpsearch.text import number, plural

if TYPE_CHECKING:
    from hpsearch.report.analysis.rows import RunView, Summary
    from hpsearch.search.race import Standing
    from hpsearch.space import Space


@dataclass(frozen=True)
class Trial:
    """One trial: what was trained, and what came of it.

    ``number`` counts from 0. ``hparams`` are what is trained with: ``train(**trial.hparams)``;
    those whose names have dots, such as ``optimizer.lr``, are in a dict ``optimizer``. ``state`` is
    ``done``, ``stopped`` (at a cut-off), ``diverged`` or ``failed``, and ``asked`` while nobody has
    told its result. ``value`` is the metric at ``best_epoch``, ``None`` where there is none.
    ``curves`` has one number an epoch for each metric (``None`` where it was not finite),
    ``cutoffs`` the worst value with which the trial might go on after an epoch. ``seconds`` is
    wall-clock time. ``confirmed`` is the mean of the metric over fresh seeds, with its
    ``standard_error``, of a trial that a confirmation trained again; ``value`` is what the search
    observed, once.
    """

    number: int
    hparams: Mapping[str, Any]
    seed: int
    state: str = "asked"
    value: float | None = None
    best_epoch: int | None = None
    epochs: int = 0
    curves: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict, repr=False)
    cutoffs: Mapping[int, float] = field(default_factory=dict, repr=False)
    round: int = 1
    error: str | None = None
    seconds: float = field(default=0.0, repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    confirmed: float | None = None
    standard_error: float | None = None

    @classmethod
    def of(cls, result: TrialResult, space: Space, standing: Standing | None = None) -> Trial:
        """A recorded trial of a search of ``space``.

        ``standing`` is its place among those that were confirmed.
        """
        trial = result.trial
        return cls(
            number=trial.index,
            hparams=space.arguments(trial.hparams),
            seed=trial.seed,
            state=str(result.state),
            value=finite(result.value),
            best_epoch=result.best_epoch,
            epochs=result.epochs,
            curves=dict(result.curves),
            cutoffs=dict(trial.cutoffs),
            round=trial.round,
            error=result.error,
            seconds=result.seconds,
            notes=result.notes,
            confirmed=None if standing is None else standing.mean,
            standard_error=None if standing is None else standing.error,
        )

    @classmethod
    def asked(cls, trial: Proposed, space: Space) -> Trial:
        """A trial that is to be trained."""
        return cls(
            number=trial.index,
            hparams=space.arguments(trial.hparams),
            seed=trial.seed,
            cutoffs=dict(trial.cutoffs),
            round=trial.round,
        )


class Run:
    """A search as it was when it was read; :func:`hpsearch.load` reads it again.

    In a notebook it shows itself as the page that ``hpsearch report --html`` writes.
    """

    def __init__(self, folder: RunFolder) -> None:
        from hpsearch.report.analysis.load import load_run  # noqa: PLC0415 - NumPy, and more
        from hpsearch.training.environment import recorded_environment  # noqa: PLC0415

        self._view: RunView = load_run(folder, recorded_environment(folder))
        self.path: Path = folder.path
        """The run's folder."""

    @property
    def name(self) -> str:
        """The run's name, for ``hpsearch report NAME`` and its like."""
        return self.path.name

    @property
    def metric(self) -> str:
        """The name of the number that the search improves."""
        return self._view.metric.name

    @cached_property
    def trials(self) -> list[Trial]:
        """The recorded trials in the order of their numbers."""
        return [
            Trial.of(r, self._view.space, self._standings.get(r.trial.index))
            for r in self._view.results
        ]

    @cached_property
    def best(self) -> Trial | None:
        """The best trial; ``None`` while none has come to a value, and keeps the limits.

        It is the confirmed winner where the run was confirmed: then its ``confirmed`` is a number.
        Else it is the best observed.
        """
        from hpsearch.search.confirmations import winner_of  # noqa: PLC0415 - as above

        view = self._view
        winner = winner_of(view.results, view.metric, view.confirmation)
        return None if winner is None else Trial.of(winner.result, view.space, winner.standing)

    @cached_property
    def front(self) -> list[Trial]:
        """With several goals the feasible trials that no other dominates, best first in the first.

        With one goal it is the best trial observed, and those as good.
        """
        from hpsearch.search.front import front_of  # noqa: PLC0415 - as above

        front = front_of(self._view.results, self._view.metric)
        return [Trial.of(result, self._view.space) for result in front.trials]

    @cached_property
    def knee(self) -> Trial | None:
        """The trial of the front that is nearest to the best of all goals at once."""
        from hpsearch.search.front import front_of  # noqa: PLC0415 - as above

        knee = front_of(self._view.results, self._view.metric).knee
        return None if knee is None else Trial.of(knee, self._view.space)

    @property
    def confirmation(self) -> dict[str, Any] | None:
        """What :meth:`confirm` found, as in the JSON of ``hpsearch report``; ``None`` before."""
        from hpsearch.report.analysis.confirmed import confirmation_record  # noqa: PLC0415

        known = self._view.confirmation
        return None if known is None else confirmation_record(known)

    def confirm(
        self,
        *,
        top: int | None = None,
        repeats: int | None = None,
        workers: int | None = None,
        quiet: bool = False,
    ) -> Run:
        """Train the best trials again on fresh seeds, and give the run with its confirmed winner.

        The same call goes on where it was interrupted.

        Args:
            top: how many of the best trials; by default as the run's config says, or 5.
            repeats: on how many fresh seeds each at most, 2 or more; by default likewise.
            workers: trainings at once; by default the run's, or the number of cores.
            quiet: print nothing.

        Raises:
            HpsearchError: the data have changed since, nothing can be trained …
            KeyboardInterrupt: it was interrupted; everything is saved.
        """
        from hpsearch.library.confirming import confirm  # noqa: PLC0415 - the engine

        confirm(RunFolder(self.path), top, repeats, workers, quiet=quiet)
        return Run(RunFolder(self.path))

    @property
    def _standings(self) -> dict[int, Standing]:
        known = self._view.confirmation
        return {} if known is None else {one.trial: one for one in known.race.standings}

    @property
    def complete(self) -> bool:
        """Whether all trials that were asked for are recorded."""
        return len(self._view.results) >= (self._view.max_trials or 0)

    def to_pandas(self, *, timing: bool = True) -> Any:
        """The trials as a pandas DataFrame, a row each: the table of ``--format csv``.

        ``timing=False`` leaves out the seconds, which differ from run to run.

        Raises:
            HpsearchError: pandas is not installed.
        """
        from hpsearch.report.export.tables import trial_table  # noqa: PLC0415

        return data_frame(*trial_table(self._view, timing))

    def importance(self) -> dict[str, float]:
        """How much of the metric's variation each hyperparameter explains alone, largest first.

        Shares are in [0, 1]. Empty where it cannot be said, with fewer than 20 trials for example;
        :meth:`show` says why.
        """
        shares = self._summary.importance.shares or {}
        return {
            name: share.value for name, share in sorted(shares.items(), key=lambda s: -s[1].value)
        }

    def show(self, width: int | None = None) -> None:
        """Print what ``hpsearch report`` shows; ``width`` is in characters."""
        from hpsearch.report.text.show import show  # noqa: PLC0415

        show(self._summary, width)

    @cached_property
    def _summary(self) -> Summary:
        from hpsearch.report.analysis.summary import summarise  # noqa: PLC0415

        return summarise(self._view)

    def _repr_html_(self) -> str:
        """The report's page in a frame of its own, so that its style touches nothing else."""
        from hpsearch.report.html.html_page import as_html  # noqa: PLC0415

        return page_frame(f"hpsearch report {self.name}", as_html(self._summary))

    def __repr__(self) -> str:
        best = self.best
        none = f"none {what_none_has(self._view.results)}"
        outcome = none if best is None else f"best {self.metric} {_value_of(best)}"
        return f"<hpsearch run {self.name}: {plural(len(self._view.results), 'trial')}, {outcome}>"


def _value_of(best: Trial) -> str:
    if best.confirmed is None:
        return number(best.value)
    return f"{number(best.confirmed)}, confirmed"


def load(run: str | os.PathLike[str], *, runs: str | os.PathLike[str] | None = None) -> Run:
    """A search from its folder, or by its name in ``runs``.

    Args:
        run: the folder (``"runs/digits"``), or the name (``"digits"``).
        runs: the folder that holds the runs; by default ``$HPSEARCH_RUNS``, or ``runs``.

    Raises:
        HpsearchError: there is no such run, it is a babysat one, or it is damaged.
    """
    folder = find_run(usual_runs() if runs is None else Path(runs), os.fspath(run))
    if folder.is_babysat:
        raise UsageError(
            f"{folder.path} is a babysat run, not a search, and has no trials to load; go on with "
            f"it: hpsearch.babysit({folder.name!r})"
        )
    return Run(folder)
