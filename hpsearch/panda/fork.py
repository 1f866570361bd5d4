"""The bridge to a search: many variations, each beginning as one state of a babysat model.

A forked search is an ordinary search whose trainable is :class:`Fork`. Where it begins stands in
its config as fixed parameters, so everything that a search promises holds for it: the same trials
for any number of workers, nothing lost, other configs refused. A trial's epoch 1 is the epoch
after the fork, with the random streams of the babysat run; so grafting a trial back as a branch
(:func:`grafted`) comes to the trial's own numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.errors import RunError, UsageError
from hpsearch.panda.adoption import recorded_trial
from hpsearch.panda.checkpoints import Checkpoints
from hpsearch.panda.inner_model import InnerModel
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.opening import (
    find_babysat,
    setup_of,
)
from hpsearch.panda.positions import Epoch, Position
from hpsearch.panda.reading import read_lineage
from hpsearch.panda.restoring import nearest_checkpoint, train_again
from hpsearch.panda.run_facts import FORK_AT, FORK_RUN, FORK_SHA256
from hpsearch.panda.training import TrainingSetup
from hpsearch.records import TrialResult, Value
from hpsearch.store.rundir import RunFolder, find_run

if TYPE_CHECKING:
    from hpsearch.config import Loaded

REFERENCE = "hpsearch.panda.fork:Fork"


class Fork(InnerModel):
    """A babysat model from a position on, with some of its settings changed."""

    def __init__(self, hparams: Mapping[str, Value]) -> None:
        folder, at = Path(str(hparams[FORK_RUN])), Position.parse(str(hparams[FORK_AT]))
        setup, chain = _source(folder, at, str(hparams[FORK_SHA256]))
        training, done = nearest_checkpoint(setup, chain, Checkpoints(folder / "checkpoints"), [])
        for epoch in chain[done:]:
            train_again(training, epoch)
        varied = {n: hparams[n] for n in setup.start.adjustable if n in hparams}
        training.adjust({**training.hparams, **varied})
        super().__init__(training, setup.start.metric.name, [epoch.values for epoch in chain])


@dataclass(frozen=True)
class Graft:
    """What makes a trial of a forked search a branch: where, which settings, how many epochs."""

    at: Position
    changes: dict[str, Value]
    epochs: int
    curve: tuple[float | None, ...]


def forked(
    loaded: Loaded, where: str, root: Path, *, named: bool = False
) -> tuple[Loaded, list[str]]:
    """The config of a search that varies a babysat model, and what a person should know about it.

    ``where`` is ``RUN@EPOCH``, ``RUN@best``, ``RUN@b1@8`` … Parameters of the config that cannot
    change while the model trains keep the value that it has. Unless the run was ``named``, it is
    called as the config, with ``-fork`` after it.

    Raises:
        UsageError: there is no such run or epoch, or nothing of the config can vary.
    """
    from hpsearch.config import Loaded, ParameterConfig, TrainableConfig, dump  # noqa: PLC0415

    name, at, place = where.partition("@")
    if not at or not place:
        raise UsageError(f"--fork {where}: write RUN@EPOCH, as in digits-panda@12 or …@best")
    folder = find_babysat(root, name)
    lineage = read_lineage(folder)
    position = lineage.resolve(place)
    epoch = lineage.epoch(position)
    has = epoch.hparams if epoch else lineage.start.hparams
    config, notes, parameters = loaded.config, [], {}
    for key, parameter in config.parameters.items():
        if key not in has:
            raise UsageError(f"{folder.name} has no setting {key!r}; take it out of parameters")
        if key in lineage.start.adjustable:
            parameters[key] = parameter
            continue
        parameters[key] = ParameterConfig(value=has[key], when=parameter.when)
        if parameter.searched:
            notes.append(f"{key} cannot change while a model trains; it stays {has[key]}")
    if not any(parameter.searched for parameter in parameters.values()):
        able = ", ".join(lineage.start.adjustable) or "nothing"
        raise UsageError(f"no parameter of the config can vary after a fork; what can: {able}")
    origin = {
        FORK_RUN: str(folder.path.resolve()),
        FORK_AT: str(epoch.position if epoch else position),
        FORK_SHA256: epoch.sha256 if epoch else "untrained",
    }
    parameters |= {key: ParameterConfig(value=value) for key, value in origin.items()}
    new = replace(
        config,
        name=config.name if named else f"{config.name[:59]}-fork",
        data=None,
        trainable=TrainableConfig(kind="object", reference=REFERENCE),
        parameters=parameters,
    )
    return Loaded(new, dump(new), loaded.warnings), notes


def grafted(lineage: Lineage, folder: RunFolder, source: str) -> Graft:
    """What to do in a babysat run to have a trial of a search that was forked from it.

    ``source`` is ``RUN#TRIAL`` or ``RUN#best``; ``folder`` is the babysat run's.

    Raises:
        UsageError: there is no such trial, or it was not forked from this run.
    """
    searched, result = _forked_trial(folder.path.parent, source)
    hparams = result.trial.hparams
    origin = hparams.get(FORK_RUN)
    if origin is None or Path(str(origin)) != folder.path.resolve():
        raise UsageError(
            f"{searched.name} was not forked from {folder.name}; see hpsearch run --fork"
        )
    at = Position.parse(str(hparams[FORK_AT]))
    changes = {n: hparams[n] for n in lineage.start.adjustable if n in hparams}
    curve = result.curves.get(lineage.start.metric.name, ())
    return Graft(at, changes, result.epochs, curve)


def _forked_trial(root: Path, source: str) -> tuple[RunFolder, TrialResult]:
    from hpsearch.config import load_config  # noqa: PLC0415

    name, _, which = source.rpartition("#")
    if not name or not which:
        raise UsageError(
            f"graft {source}: write RUN#TRIAL, as in digits-fork#12, or digits-fork#best"
        )
    searched = find_run(root, name)
    config = load_config(searched.resolved_path).config
    return searched, recorded_trial(searched, config, which)


@lru_cache(maxsize=4)
def _source(path: Path, at: Position, sha256: str) -> tuple[TrainingSetup, tuple[Epoch, ...]]:
    """What is forked, read once in each process however many trials begin there."""
    folder = RunFolder(path)
    if not folder.is_babysat:
        raise RunError(f"{path}: the babysat run that this search was forked from is gone")
    lineage = read_lineage(folder)
    chain = lineage.chain(at)
    if (chain[-1].sha256 if chain else "untrained") != sha256:
        raise RunError(f"{path}: {at} is not the state that this search was forked from")
    setup, _ = setup_of(folder, lineage)
    return setup, tuple(chain)
