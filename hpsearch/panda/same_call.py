"""For Python, where a cell is run again: the same call goes on with the run that it once started.

What is started and what is there are compared first: a run of another model is refused, with the
differences.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.errors import UsageError
from hpsearch.panda.adoption import find_adopted
from hpsearch.panda.opening import (
    adopt,
    default_name,
    resume,
    start,
)
from hpsearch.panda.panda import Panda
from hpsearch.panda.reading import read_lineage
from hpsearch.store.rundir import RunFolder
from hpsearch.training.reference import OF_PROCESS

if TYPE_CHECKING:
    from hpsearch.config import Config, Loaded, TrainableConfig


def start_or_resume(
    loaded: Loaded, root: Path, command: str, *, name: str | None, fresh: bool
) -> tuple[Path, AbstractContextManager[Panda]]:
    """The model that a config declares, and its folder where there is one to go on with.

    Raises:
        UsageError: the run that is there is of another model.
    """
    folder = RunFolder(root / (name or default_name(loaded.config.name)))
    if fresh or not folder.is_babysat:
        return folder.path, start(loaded, root, command, name=name, fresh=fresh)
    loaded.check_data()
    _refuse_other_model(folder, loaded.config)
    return folder.path, resume(folder, command, loaded.config.trainable)


def adopt_or_resume(
    source: str,
    root: Path,
    command: str,
    *,
    name: str | None,
    fresh: bool,
    trainable: TrainableConfig | None,
) -> tuple[Path, AbstractContextManager[Panda]]:
    """A trial of a search, ``RUN#TRIAL``, as a babysat run, and its folder likewise.

    Raises:
        UsageError: there is no such trial, or the run that is there began as another.
    """
    adopted = find_adopted(source, root)
    _refuse_other_trainable(adopted.searched, adopted.config, trainable)
    folder = RunFolder(root / (name or adopted.default_name))
    if fresh or not folder.is_babysat:
        given = {"name": name, "fresh": fresh, "trainable": trainable}
        return folder.path, adopt(source, root, command, **given)  # type: ignore[arg-type]
    origin = read_lineage(folder).start.origin or {}
    begun = (origin.get("run"), origin.get("trial"))
    if begun != (adopted.searched.name, adopted.result.trial.index):
        was = f"trial {begun[1]} of {begun[0]}" if origin else "no trial of a search"
        raise UsageError(
            f"{folder.path} holds a run already, which began as {was}; start another beside it "
            f"with --fresh or --name NEW"
        )
    return folder.path, resume(folder, command, trainable)


def resume_with(
    folder: RunFolder, command: str, trainable: TrainableConfig | None
) -> AbstractContextManager[Panda]:
    """A run that is there, with its trainable as this process has it, where no file holds it.

    Raises:
        UsageError: the run trains something else.
    """
    from hpsearch.config import load_config  # noqa: PLC0415

    if trainable is not None:
        config = load_config(folder.resolved_path).config
        _refuse_other_trainable(folder, config, trainable)
    return resume(folder, command, trainable)


def _refuse_other_trainable(
    folder: RunFolder, config: Config, given: TrainableConfig | None
) -> None:
    if given is None or given.reference == config.trainable.reference:
        return
    its = config.trainable.reference.removeprefix(f"{OF_PROCESS}:") or config.trainable.kind
    raise UsageError(
        f"train: {folder.path} trains {its}, not {given.reference.removeprefix(f'{OF_PROCESS}:')}"
    )


def _refuse_other_model(folder: RunFolder, given: Config) -> None:
    """Refuse a config whose model is not the run's; how it would be searched does not matter."""
    from hpsearch.config import load_config  # noqa: PLC0415
    from hpsearch.search.open_run import refuse_other_config  # noqa: PLC0415
    from hpsearch.training.prepare import with_kernels  # noqa: PLC0415

    begun = load_config(folder.resolved_path).config
    now = with_kernels(given, begun)
    refuse_other_config(folder, begun, replace(now, search=begun.search, run=begun.run))
