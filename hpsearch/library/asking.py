"""``hpsearch.open``: ask for trials and tell their results, for who owns the loop."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.config import Config
from hpsearch.data.wording import first_few
from hpsearch.errors import NotYet, UsageError
from hpsearch.library.arguments import Settings, as_config, said_in_python
from hpsearch.library.results import Run, Trial
from hpsearch.library.spaces import Space
from hpsearch.records import is_number
from hpsearch.search.asking import LOCK_WAIT, Wait, ask, tell
from hpsearch.search.open_run import open_run
from hpsearch.store.names import usual_runs
from hpsearch.store.rundir import RunFolder
from hpsearch.text import duration, plural
from hpsearch.threads import one_thread

SOURCE = "hpsearch.open"
TOLD = "told"
LONGEST_PAUSE = 10.0
"""Seconds between two looks at most, while an ask waits."""

Told = float | Sequence[float] | Mapping[str, float | Sequence[float]]
"""A trial's value, its curve (a number an epoch), or either for several metrics by name."""


class Search:
    """A search whose trials you train: :meth:`ask`, train, :meth:`tell`, until ask gives ``None``.

    Any number of processes may have the same search open, on one machine or on a shared disk, and
    be killed at any time: the trials are the same, whoever asks.
    """

    def __init__(self, folder: RunFolder, config: Config, lost_after: float | None = None) -> None:
        self._folder, self._config, self._lost_after = folder, config, lost_after

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self._folder.path

    @property
    def run(self) -> Run:
        """What there is so far."""
        return Run(self._folder)

    def ask(self, wait: float = 0.0) -> Trial | None:
        """The next trial to train; ``None`` once all are recorded.

        Trial i waits for the results of trials 0 … i - lookahead. Where it has to, ask again later,
        or let ask ``wait`` for so many seconds (``math.inf``: as long as it takes) for the others.

        Raises:
            NotYet: nothing can be given out now; its ``seconds`` say for how long to wait.
            HpsearchError: the folder is damaged or cannot be written.
        """
        end = time.monotonic() + wait
        while True:
            with one_thread():
                answer = ask(self._folder, self._config, self._lost_after)
            if not isinstance(answer, Wait):
                return None if answer is None else Trial.asked(answer, self._config.space())
            left = end - time.monotonic()
            if left <= 0:
                raise not_yet(answer)
            time.sleep(min(answer.seconds, left, LONGEST_PAUSE))

    def tell(
        self, trial: Trial | int, value: Told | None = None, *, error: str | None = None
    ) -> Trial:
        """Record what a trial came to, and give it back with its state.

        Told a curve, it counts up to the epoch at which a cut-off ends it (``trial.cutoffs`` says
        with which value it may go on), as in a search that trains by itself. ``error`` says why it
        failed. A trial that is on record already stays as it is.

        Raises:
            HpsearchError: nobody asked for it, the value is none, or the folder cannot be written.
        """
        number = trial.number if isinstance(trial, Trial) else trial
        if value is None and error is None:
            raise UsageError(f"trial {number}: tell its value, or error= why it has none")
        curves = as_curves(value, self._config.metric.name, number)
        told = tell(self._folder, self._config, number, curves, error)
        return Trial.of(told, self._config.space())


def open_search(
    config: Space | str | os.PathLike[str],
    /,
    *,
    metric: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
    goal: str | None = None,
    max_trials: int | None = None,
    seed: int | None = None,
    epochs: int | None = None,
    name: str | None = None,
    strategy: str | Mapping[str, Any] | None = None,
    search: Mapping[str, Any] | None = None,
    constraints: Sequence[str] | None = None,
    runs: str | os.PathLike[str] | None = None,
    lost_after: float | None = None,
    fresh: bool = False,
    resume: bool = False,
) -> Search:
    """Open a search to ask for its trials and tell their results; start it if it is not there.

        search = hpsearch.open({"alpha": hpsearch.log(1e-4, 1)}, metric="loss", max_trials=60)
        while (trial := search.ask()) is not None:
            search.tell(trial, train(**trial.hparams))

    ``config`` is a config file, or a space as for :func:`hpsearch.run`. ``lost_after`` is the
    number of seconds after which a trial that was asked for and never told is given out again; by
    default it never is. Every other argument means what it means there.

    Raises:
        HpsearchError: an argument is wrong, or there is a run that does not fit it.
    """
    settings = Settings(
        metric=metric,
        goal=goal,
        max_trials=max_trials,
        seed=seed,
        epochs=epochs,
        name=name,
        strategy=strategy,
        search=search,
        constraints=constraints,
    )
    with said_in_python():
        if isinstance(config, str | os.PathLike):
            loaded = as_config(config, None, settings, SOURCE)
        else:
            loaded = as_config(TOLD, config, settings, SOURCE)
        root = usual_runs() if runs is None else Path(runs)
        with open_run(loaded, root, SOURCE, fresh=fresh, resume=resume, wait=LOCK_WAIT) as launch:
            return Search(launch.folder, launch.config, lost_after)


def not_yet(wait: Wait) -> NotYet:
    """Why nobody is given a trial now, and when to ask again."""
    shown = first_few([str(index) for index in wait.open], len(wait.open))
    error = NotYet(
        f"no trial can be given out before the results of {plural(len(wait.open), 'trial')} are "
        f"told ({shown}); ask again in {duration(wait.seconds)}"
    )
    error.seconds = wait.seconds
    return error


def as_curves(value: Told | None, metric: str, trial: int) -> dict[str, list[float]]:
    """What was told, as a curve for each metric.

    Raises:
        UsageError: it is neither numbers nor names with numbers.
    """
    if value is None:
        return {}
    named = value if isinstance(value, Mapping) else {metric: value}
    return {str(name): _numbers(told, str(name), trial) for name, told in named.items()}


def _numbers(told: object, name: str, trial: int) -> list[float]:
    tolist = getattr(told, "tolist", None)  # of NumPy, of PyTorch …
    told = tolist() if callable(tolist) else told
    numbers: list[float] = []
    for value in told if isinstance(told, list | tuple) else [told]:
        if not is_number(value):
            kind = type(value).__name__
            raise UsageError(
                f"trial {trial}: {name} must be a number or a list of numbers, not of type {kind}"
            )
        numbers.append(float(value))
    return numbers
