"""What a run shows of its best trial: ``best.yaml`` and ``model.npz``.

They follow the best observed trial while a search is at work, and the confirmed winner from when
there is one. All of it can be derived from the journals and the models beside them, and is put
right whenever a search or a confirmation starts or ends.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from hpsearch.config import Config, best_config
from hpsearch.engine.worker import tidy
from hpsearch.errors import RunError
from hpsearch.records import Metric, TrialResult
from hpsearch.search.confirmations import Winner
from hpsearch.search.front import Front
from hpsearch.store.atomic import make_durable, sweep, write_bytes, write_text
from hpsearch.store.disk import disk_errors
from hpsearch.store.names import possible_name
from hpsearch.store.rundir import RunFolder
from hpsearch.store.system import replace_file
from hpsearch.text import number, plural


def keep_model(folder: RunFolder, index: int) -> None:
    """Force the model that a worker wrote for a trial, if it did, to the disk."""
    source = folder.trial_model_path(index)
    with disk_errors(source, "keep the best model"):
        if source.exists():
            make_durable(source)


def publish_observed(folder: RunFolder, config: Config, best: TrialResult) -> None:
    """Show the best trial of the search: write ``best.yaml`` and move its model to its place."""
    write_text(folder.best_path, best_config(config, best, folder.name))
    source = folder.trial_model_path(best.trial.index)
    with disk_errors(source, "publish the best model"):
        if source.exists():
            replace_file(source, folder.model_path)


def publish_front(folder: RunFolder, config: Config, front: Front) -> None:
    """Write a config for the best trial in each goal but the first, and one for the knee."""
    for goal, path in front_paths(folder, front.metric).items():
        best = front.ends.get(goal)
        if best is not None:
            what, ending = f"The trial with the best {goal}", f"-{path.stem}"
            text = best_config(config, best, folder.name, what=what, ending=ending)
            write_text(path, text)
    if front.knee is not None:
        what = "The knee of the front, nearest to the best of all goals at once,"
        text = best_config(config, front.knee, folder.name, what=what, ending="-knee")
        write_text(folder.knee_path, text)


def front_paths(folder: RunFolder, metric: Metric) -> dict[str, Path]:
    """Of each goal but the first the config of its best trial, such as ``best-parameters.yaml``."""
    paths: dict[str, Path] = {}
    for goal in metric.further:
        path = folder.path / f"best-{possible_name(goal.name)}.yaml"
        number = 2
        while path in paths.values():
            path = folder.path / f"best-{possible_name(goal.name)}-{number}.yaml"
            number += 1
        paths[goal.name] = path
    return paths


def publish_confirmed(folder: RunFolder, config: Config, winner: Winner) -> None:
    """Show the confirmed winner, with its best model of those trained on fresh seeds.

    The model of the best observed trial is kept beside the candidates': the search may go on.

    Raises:
        RunError: a model that the journal tells of is gone; the disk is full …
    """
    observed, kept = folder.observed_model_path, folder.confirmed_model_path(winner.trial)
    with disk_errors(kept, "publish the confirmed model"):
        if folder.model_path.exists() or observed.exists():
            if not kept.exists():
                raise RunError(
                    f"{kept}: the model of the confirmed winner is missing; restore it from a "
                    f"copy, or remove {folder.confirm_path.name} and confirm again"
                )
            if not observed.exists():
                write_bytes(observed, folder.model_path.read_bytes())
            write_bytes(folder.model_path, kept.read_bytes())
    write_text(folder.best_path, best_config(config, winner.result, folder.name, _known(winner)))


def _known(winner: Winner) -> str:
    """How the winner's value is known, for ``best.yaml``."""
    assert winner.standing is not None
    error = winner.standing.error
    spread = "" if error is None else f" ± {number(error, 2)}"
    seeds = plural(len(winner.standing.values), "fresh seed")
    return f"{number(winner.value)}{spread}, the mean over {seeds}"


def withdraw_confirmed(folder: RunFolder) -> None:
    """Put the model of the best observed trial back in its place, if another was shown."""
    observed = folder.observed_model_path
    with disk_errors(observed, "put the best model back"):
        if observed.exists():
            replace_file(observed, folder.model_path)


def observed_model(folder: RunFolder) -> Path:
    """Where the model of the best observed trial is, if the run has one."""
    observed = folder.observed_model_path
    return observed if observed.exists() else folder.model_path


def clear(folder: RunFolder, index: int) -> None:
    """Remove what a recorded trial no longer needs: all but a log that says something."""
    trial = folder.trial_folder(index)
    if trial.exists():
        shutil.rmtree(folder.checkpoint_folder(index), ignore_errors=True)
        with contextlib.suppress(OSError, RunError):  # it is in nobody's way
            folder.trial_model_path(index).unlink(missing_ok=True)
            folder.replicates_path(index).unlink(missing_ok=True)
            sweep(trial)  # of a worker that was killed while it wrote
        tidy(folder, index)
