"""A branch as a schedule: a config that ``hpsearch run`` takes, and can search around.

    trainable: hpsearch.panda.schedule:Scheduled
    parameters:
      schedule_of: runs/digits-panda/resolved.yaml    # what is trained, on what
      schedule: "9: l2=0.001 dropout=0.2; 15: alpha=0.003"
      alpha: 0.01                                     # write {min: …, max: …} to search around it

What stands before a colon is the epoch before which the settings change. One trial of the config
as it is written comes to the branch's own numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.errors import TrainableError, UsageError
from hpsearch.panda.changes import new_value, written
from hpsearch.panda.inner_model import SINCE, InnerModel
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Start, changes_between
from hpsearch.panda.run_facts import SCHEDULE, SCHEDULE_OF, hyperparameters
from hpsearch.panda.training import Training, TrainingSetup
from hpsearch.records import Value
from hpsearch.store.rundir import RunFolder

if TYPE_CHECKING:
    from hpsearch.config import Config

REFERENCE = "hpsearch.panda.schedule:Scheduled"

Steps = dict[int, dict[str, str]]
"""For each epoch before which something changes: the settings as they are written."""


class Scheduled(InnerModel):
    """A model whose settings change at given epochs."""

    def __init__(self, hparams: Mapping[str, Value], seed: int, epochs: int) -> None:
        from hpsearch.config import load_config  # noqa: PLC0415
        from hpsearch.training.prepare import prepare_spec  # noqa: PLC0415

        config = load_config(str(hparams[SCHEDULE_OF])).config
        given = hyperparameters(hparams)
        self._steps = read_steps(str(hparams[SCHEDULE]))
        for name in {name for step in self._steps.values() for name in step}:
            if name not in given:
                raise TrainableError(f"schedule: {name} has no value at the start; declare it")
        metric = config.metric_record().alone
        inactive = tuple(name for name in config.parameters if name not in given)
        start = Start(0, seed, given, inactive, (), metric)
        training = Training(TrainingSetup(prepare_spec(config), start, epochs))
        super().__init__(training, metric.name)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        """One epoch, with what the schedule changes before it."""
        self._change(epoch)
        return super().train_epoch(epoch)

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``save`` gave, with the settings that were in force then."""
        for epoch in range(1, len(state[SINCE]) + 1):
            self._change(epoch)
        super().load(state)

    def _change(self, epoch: int) -> None:
        now = dict(self._training.hparams)
        for name, text in self._steps.get(epoch, {}).items():
            if name not in self._training.adjustable:
                raise TrainableError(f"schedule: {name} cannot change while the model trains")
            now[name] = new_value(name, now[name], f"={text}")
        self._training.adjust(now)


def read_steps(text: str) -> Steps:
    """The steps of a schedule.

    >>> read_steps("9: l2=0.001 dropout=0.2; 15: alpha=0.003")
    {9: {'l2': '0.001', 'dropout': '0.2'}, 15: {'alpha': '0.003'}}

    Raises:
        TrainableError: it cannot be understood.
    """
    steps: Steps = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        epoch, colon, changes = part.partition(":")
        pairs = [pair.partition("=") for pair in changes.split()]
        if not colon or not epoch.strip().isdecimal() or not pairs or not all(p[2] for p in pairs):
            example = "9: l2=0.001 dropout=0.2; 15: alpha=0.003"
            raise TrainableError(f"schedule: {part!r} is not understood; write {example}")
        steps[int(epoch)] = {name: value for name, _, value in pairs}
    return steps


def as_config(config: Config, resolved: Path, lineage: Lineage, branch: str, name: str) -> str:
    """A branch as the text of a config; ``config`` is the run's, at ``resolved``.

    Raises:
        UsageError: the branch has no epochs.
    """
    from hpsearch.config import ParameterConfig, SearchConfig, TrainableConfig, dump  # noqa: PLC0415
    from hpsearch.config.write import fixed_parameters  # noqa: PLC0415

    chain = lineage.chain(lineage.tip(branch))
    if not chain:
        raise UsageError(f"{branch} has no epochs yet; train with: go 5")
    steps, before = [], chain[0].hparams
    for epoch in chain[1:]:
        changes = changes_between(before, epoch.hparams)
        if changes:
            settings = " ".join(f"{n}={written(new)}" for n, (_, new) in changes.items())
            steps.append(f"{epoch.position.epoch}: {settings}")
        before = epoch.hparams
    parameters = {
        SCHEDULE_OF: ParameterConfig(value=str(resolved)),
        SCHEDULE: ParameterConfig(value="; ".join(steps)),
        **fixed_parameters(config, {n: v for n, v in chain[0].hparams.items() if v is not None}),
    }
    # Of the run's own search nothing holds for one trial with the branch's settings.
    search = SearchConfig(strategy="random", max_trials=1, lookahead=1, early_stop="none")
    scheduled = replace(
        config,
        name=name,
        data=None,
        trainable=TrainableConfig(kind="object", reference=REFERENCE),
        epochs=len(chain),
        parameters=parameters,
        constraints=(),
        search=search,
    )
    return dump(scheduled)


def schedule_file(folder: RunFolder, lineage: Lineage, branch: str, name: str) -> str:
    """A branch of a run as the text of a config file, with a word on what to do with it.

    Raises:
        UsageError: the branch is not there, or has no epochs.
    """
    from hpsearch.config import load_config  # noqa: PLC0415

    resolved = folder.resolved_path.resolve()
    config = load_config(resolved).config
    head = (
        f"# {folder.name}, branch {branch}, as a schedule. One trial of it comes to the same:\n"
        f"#   hpsearch run {name}.yaml\n"
        f"# To search around it, give a parameter a range, and search.max_trials and strategy.\n"
    )
    return head + as_config(config, resolved, lineage, branch, name)
