"""Confirm the winner of a search that is over: the work behind ``hpsearch confirm``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from hpsearch.config import load_config
from hpsearch.engine.pools import planned_workers, pool_of
from hpsearch.engine.scheduler import Interrupted, StopFlag
from hpsearch.errors import UsageError
from hpsearch.predict.final_score import FinalScore
from hpsearch.search.caviar import check_trainable, look_at_data, score_winner
from hpsearch.search.confirm import USUAL_REPEATS, USUAL_TOP, ConfirmEvent, confirm
from hpsearch.search.confirmations import Confirmation, confirmed_winner
from hpsearch.search.publish import publish_confirmed
from hpsearch.search.retest import compared_environment
from hpsearch.store.rundir import RunFolder
from hpsearch.training.environment import data_folder
from hpsearch.training.prepare import prepare_spec


@dataclass(frozen=True)
class ConfirmedRun:
    """What came of it. ``confirmation`` is ``None`` where no trial has a value.

    ``final`` is the winner's score on the test split, if the data have one; ``notes`` is what the
    user should know; ``interrupted`` says that some of it is left.
    """

    confirmation: Confirmation | None
    final: FinalScore | None
    notes: tuple[str, ...]
    interrupted: bool


def confirm_run(
    folder: RunFolder,
    command: str,
    *,
    top: int | None = None,
    repeats: int | None = None,
    workers: int | None = None,
    stop: StopFlag | None = None,
    observe: Callable[[ConfirmEvent], None] = lambda _: None,
) -> ConfirmedRun:
    """Train the best trials of a run on fresh seeds, and publish the confirmed winner.

    ``top`` and ``repeats`` are by default as the run's config says, or 5; ``workers`` the run's, or
    the number of cores. ``command`` is written into the run's lock.

    Raises:
        UsageError: the data have changed since, or what is trained is told from elsewhere.
        RunError: a search is at work on the run, a file is damaged …
        ConfigError, DataError, TrainableError: what the run was started with is gone or wrong.
    """
    config, stop = load_config(folder.resolved_path).config, stop or StopFlag()
    if config.trainable.kind == "told":
        raise UsageError(
            f"{folder.name}: its trials are trained elsewhere and told; ask for trials at the "
            f"best points again to confirm them"
        )
    if config.further:
        raise UsageError(
            f"{folder.name}: a confirmation names one winner, and this search has "
            f"{1 + len(config.further)} goals: no one of its best trials is better than another"
        )
    wanted = config.search.confirm
    top = top or (wanted.top if wanted else USUAL_TOP)
    repeats = repeats or (wanted.repeats if wanted else USUAL_REPEATS)
    with folder.lock(command):
        notes = compared_environment(folder, config)
        results = folder.results()
        width = min(planned_workers(config.run, workers), top)
        spec = prepare_spec(config, data_folder(folder, config))
        known, final = None, None
        with (
            contextlib.closing(pool_of(config.run, width)) as pool,
            contextlib.suppress(Interrupted),
        ):
            check_trainable(config, pool, folder.path, stop, spec)
            look_at_data(folder, config, spec, pool, stop)
            known = confirm(
                folder,
                config,
                results,
                top=top,
                repeats=repeats,
                pool=pool,
                width=width,
                spec=spec,
                stop=stop,
                observe=observe,
            )
            winner = confirmed_winner(known)
            if winner is not None:
                publish_confirmed(folder, config, winner)
                final = score_winner(folder, spec, pool, winner, stop)
    interrupted = stop.level > 0 and (known is None or not known.race.over)
    return ConfirmedRun(known, final, notes, interrupted)
