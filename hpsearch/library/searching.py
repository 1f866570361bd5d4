"""``hpsearch.run``: a search from Python, with the same engine, folder and promises."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.config import Loaded
from hpsearch.engine.pools import planned_workers, workers_on_gpus
from hpsearch.engine.scheduler import StopFlag
from hpsearch.errors import UsageError
from hpsearch.library.arguments import Settings, Trainable, as_config, said_in_python
from hpsearch.library.frames import in_notebook
from hpsearch.library.interrupts import stopped, stopped_by_interrupt
from hpsearch.library.progress import ProgressLines, ended_words
from hpsearch.library.results import Run
from hpsearch.library.spaces import Space
from hpsearch.panda.fork import forked
from hpsearch.portable import printable
from hpsearch.search.caviar import Event, TrainableChecked, search
from hpsearch.search.open_run import Launch, open_run
from hpsearch.store.names import usual_runs
from hpsearch.threads import one_thread
from hpsearch.training.reference import is_importing

SOURCE = "hpsearch.run"


def run(
    train: Trainable,
    space: Space | None = None,
    /,
    *,
    metric: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
    goal: str | None = None,
    max_trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    epochs: int | None = None,
    name: str | None = None,
    data: str | Mapping[str, Any] | None = None,
    strategy: str | Mapping[str, Any] | None = None,
    search: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
    constraints: Sequence[str] | None = None,
    runs: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    resume: bool = False,
    accept_code: bool = False,
    retry_failed: bool = False,
    fork: str | None = None,
    quiet: bool = False,
) -> Run:
    """Search a space, or the one that a config file declares; go on where there is such a run.

        hpsearch.run(train, {"alpha": hpsearch.log(1e-4, 1)}, metric="dev_error", max_trials=60)
        hpsearch.run("config.yaml", workers=4)

    The same call again goes on with a run that was interrupted, with a larger ``max_trials``
    extends it, and otherwise gives it back. Ctrl-C lets the running trials finish, a second one
    stops now; either way everything is saved, and ``KeyboardInterrupt`` is raised then.

    Args:
        train: a function, generator function or class (also of a notebook, or a lambda), which is
            called with the hyperparameters; ``"network"``; ``"module:object"``; ``{"command":
            "python train.py --lr {alpha}"}``. Without a space, a config file.
        space: for each hyperparameter :func:`~hpsearch.log`, :func:`~hpsearch.one_minus`,
            :func:`~hpsearch.linear`, a list of values, or a plain value, which is fixed.
        metric: the number that ``train`` gives, by name; a list for several goals, or limits.
        goal: ``"minimize"`` (the default) or ``"maximize"``.
        max_trials: how many trials the run has.
        seed: same seed, same trials.
        workers: trials that train at once; by default the number of cores.
        epochs: epochs of each trial.
        name: the run's name; by default the function's or the file's.
        data: what the built-in network learns from.
        strategy: how points are chosen.
        search: other keys of the config's ``search``, such as ``{"lookahead": 16}``.
        run: other keys of the config's ``run``, such as ``{"time_limit": 60}``.
        constraints: what is true of every point, such as ``["beta1 < beta2"]``.
        runs: the folder that holds the runs; by default ``$HPSEARCH_RUNS``, or ``runs``.
        fresh: start another run, even if there is one to go on with.
        resume: only go on with a run; refuse to start one.
        accept_code: go on though the code that the run trains has changed.
        retry_failed: first train the run's failed trials again.
        fork: vary a babysat model: every trial begins as it was at ``"RUN@EPOCH"``.
        quiet: print nothing.

    Returns:
        The run with all its trials.

    Raises:
        HpsearchError: an argument is wrong, the run does not fit it, nothing can be trained …
        KeyboardInterrupt: it was interrupted; everything is saved.
    """
    settings = Settings(
        metric,
        goal,
        max_trials,
        seed,
        workers,
        epochs,
        name,
        data,
        strategy,
        search,
        run,
        constraints=constraints,
    )
    tell = silent if quiet else print_to_stderr
    root = usual_runs() if runs is None else Path(runs)
    refuse_inside_import(SOURCE)
    with said_in_python():
        if fresh and (resume or retry_failed):
            raise UsageError("--fresh starts a run, which has nothing to go on with; choose one")
        loaded = as_config(train, space, settings)
        for warning in loaded.warnings:
            tell(f"warning: {warning}")
        if fork is not None:
            loaded, notes = forked(loaded, fork, root, named=name is not None)
            for note in notes:
                tell(f"note: {note}")
        stop = StopFlag()
        with (
            one_thread(),
            open_run(
                loaded,
                root,
                called_from(SOURCE),
                fresh=fresh,
                resume=resume,
                accept_code=accept_code,
                retry=retry_failed,
            ) as launch,
            stopped_by_interrupt(stop, tell),
        ):
            if loaded.task_note is not None and launch.created:
                tell(f"note: {loaded.task_note}")
            for note in launch.notes:
                tell(f"note: {note}")
            width = planned_workers(launch.config.run)
            if launch.config.run.gpus is not None:
                tell(f"note: {workers_on_gpus(launch.config.run)}")
            with _progress(launch, width, quiet, tell) as observe:
                outcome = _search(
                    launch.folder,
                    launch.config,
                    workers=width,
                    stop=stop,
                    observe=_advising(loaded, observe, tell),
                )
        if outcome.ended is not None:
            tell(ended_words(outcome))
        elif outcome.interrupted:
            raise stopped(
                f"interrupted with everything saved: the same call goes on, and "
                f"hpsearch.load({os.fspath(launch.folder.path)!r}) gives what there is"
            )
        return Run(launch.folder)


_search = search  # the argument of that name stands before it


def called_from(source: str) -> str:
    """What a run's lock says of its holder: the call, and the script that makes it."""
    return f"{source} in {Path(sys.argv[0] or sys.executable).name}"


@contextlib.contextmanager
def _progress(
    launch: Launch, workers: int, quiet: bool, tell: Callable[[str], None]
) -> Iterator[Callable[[Event], None]]:
    """Who shows how far the search is: an output of the notebook that is drawn anew, or lines."""
    if quiet or not in_notebook():
        lines = ProgressLines(launch.config, tell)
        lines.begin(launch.folder.name, launch.finished, launch.total, workers)
        yield lines.observe
        return
    from hpsearch.library.notebook import LiveSearch  # noqa: PLC0415 - figures, and more

    live = LiveSearch(launch, workers)
    try:
        yield live.observe
    finally:
        live.finish()


def _advising(
    loaded: Loaded, further: Callable[[Event], None], tell: Callable[[str], None]
) -> Callable[[Event], None]:
    """Warns when the trainable does not fit its number of epochs, and passes each event on."""

    def observe(event: Event) -> None:
        if isinstance(event, TrainableChecked):
            advice = loaded.advice(event.by_epoch)
            for warning in [*([advice] if advice else []), *event.suspects]:
                tell(f"warning: {warning}")
        further(event)

    return observe


def refuse_inside_import(source: str) -> None:
    """Refuse to start a search in a worker that imports the file which starts one.

    ``source`` is the call that does it.

    Raises:
        UsageError: always there.
    """
    if is_importing():
        raise UsageError(
            f"{source} was called while a worker imported the file to find the object in it; "
            f"put the call under: if __name__ == '__main__':"
        )


def print_to_stderr(text: str) -> None:
    """Tell a line beside what the script prints."""
    print(printable(text), file=sys.stderr, flush=True)  # noqa: T201 - what it is for


def silent(text: str) -> None:
    """Tell nothing."""
    del text
