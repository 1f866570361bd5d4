"""Which babysat run a command works on: a new one, one that is there, or a trial of a search.

A run's folder holds its ledger, with its first record, from the moment it appears; a folder with a
ledger is a babysat run. Starting and resuming are different commands, and neither does the other's
work by accident.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.errors import UsageError
from hpsearch.panda.adoption import find_adopted
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.panda import Panda, now
from hpsearch.panda.positions import Start
from hpsearch.panda.training import Training, TrainingSetup
from hpsearch.records import Hparams, Value
from hpsearch.sampling.redraw import middle
from hpsearch.seeds import trial_seed
from hpsearch.space.meanings import meant
from hpsearch.space.repeated import base
from hpsearch.store.atomic import new_folder, sweep
from hpsearch.store.journal import Journal
from hpsearch.store.names import check_name
from hpsearch.store.rundir import RunFolder, find_run, find_runs, next_free_name
from hpsearch.store.sealed import seal

# Reading configs takes as long as everything else together; a resumed run shows its prompt first.
if TYPE_CHECKING:
    from hpsearch.config import Config, Loaded, TrainableConfig


def find_babysat(root: Path, name: str | None = None) -> RunFolder:
    """The babysat run of that name or path; the last changed one for ``None``.

    Raises:
        UsageError: there is none, or it is a search; says what to do.
    """
    if name is None:
        found = next((run for run in find_runs(root) if run.is_babysat), None)
        if found is None:
            raise UsageError(
                f"there is no babysat run in {root}; start one with: hpsearch babysit CONFIG"
            )
        return found
    folder = find_run(root, name)
    if not folder.is_babysat:
        raise UsageError(
            f"{folder.name} is a search, not a babysat run; to babysit its best trial: "
            f"hpsearch babysit --from {folder.name}#best"
        )
    return folder


@contextlib.contextmanager
def start(
    loaded: Loaded, root: Path, command: str, *, name: str | None = None, fresh: bool = False
) -> Iterator[Panda]:
    """A new run of the model that a config declares, locked while the context lasts.

    A searched parameter takes the middle of its range. ``name`` is by default the config's, with
    ``-panda`` after it; ``fresh`` takes the next free one.

    Raises:
        UsageError: the run is there already, or the config, data or trainable cannot be used.
        RunError: the folder cannot be written.
    """
    loaded.check_data()
    config = loaded.config
    folder = _free_folder(root, name or default_name(config.name), fresh, "hpsearch babysit CONFIG")
    setup = declared(config)
    with _created(folder, loaded.text, config, setup, command) as panda:
        yield panda


@contextlib.contextmanager
def adopt(
    source: str,
    root: Path,
    command: str,
    *,
    name: str | None = None,
    fresh: bool = False,
    trainable: TrainableConfig | None = None,
) -> Iterator[Panda]:
    """A new run that begins as a trial of a search: ``RUN#TRIAL`` or ``RUN#best``.

    The trial's own training is still to be done (see :func:`left_to_adopt` beside
    :func:`find_adopted`), which comes to the same states from the trial's settings and seed.
    ``trainable`` is the search's own as this process has it.

    Raises:
        UsageError: there is no such trial, it has no value, or the run is there already.
        RunError: a folder cannot be read or written.
    """
    adopted = find_adopted(source, root)
    searched, result = adopted.searched, adopted.result
    config = _trained_by(adopted.config, trainable)
    trial = result.trial
    folder = _free_folder(
        root, name or adopted.default_name, fresh, f"hpsearch babysit --from {source}"
    )
    # Of several trainings the average is on record, and the first alone is trained again.
    curve = () if result.repeats else result.curves.get(config.metric.name, ())
    setup = _setup(
        config,
        Start(
            trial=trial.index,
            seed=trial.seed,
            hparams=_with_defaults(config, trial.hparams),
            inactive=config.space().inactive(trial.hparams),
            adjustable=(),
            metric=config.metric_record().alone,
            declared=tuple(config.parameters),
            origin={
                "run": searched.name,
                "trial": trial.index,
                "epochs": result.epochs,
                "curve": list(curve),
            },
        ),
    )
    text = searched.config_path.read_text(encoding="utf-8")
    with _created(folder, text, config, setup, command) as panda:
        yield panda


@contextlib.contextmanager
def resume(
    folder: RunFolder, command: str, trainable: TrainableConfig | None = None
) -> Iterator[Panda]:
    """A run that is there, as it was left, locked while the context lasts.

    ``trainable`` is the run's own as this process has it, where no other could find it.

    Raises:
        RunError: the folder is damaged, locked or cannot be written.
    """
    with folder.lock(command), Journal(folder.ledger_path) as journal:
        lineage = Lineage.read(str(folder.ledger_path), journal.records)
        notes: list[str] = []
        panda = Panda(
            folder, journal, lineage, lambda: _setup_of(folder, lineage, notes, trainable)
        )
        panda.notes = notes
        with contextlib.closing(panda):
            yield panda


def setup_of(folder: RunFolder, lineage: Lineage) -> tuple[TrainingSetup, list[str]]:
    """What a run trains, and what a person should know about it.

    Raises:
        UsageError: the config, the data or the trainable cannot be used.
    """
    notes: list[str] = []
    return _setup_of(folder, lineage, notes), notes


def declared(config: Config) -> TrainingSetup:
    """The model that a config declares: searched parameters in the middle of their range."""
    space = config.space()
    hparams = space.decode(middle(space))
    return _setup(
        config,
        Start(
            trial=0,
            seed=trial_seed(config.seed, 0),
            hparams=_with_defaults(config, hparams),
            inactive=space.inactive(hparams),
            adjustable=(),
            metric=config.metric_record().alone,
            declared=tuple(config.parameters),
        ),
    )


@contextlib.contextmanager
def _created(
    folder: RunFolder, text: str, config: Config, setup: TrainingSetup, command: str
) -> Iterator[Panda]:
    """A new folder, once the model is known to be trainable; otherwise nothing is left behind."""
    from hpsearch.training.environment import resolved_text  # noqa: PLC0415
    from hpsearch.training.prepare import with_kernels  # noqa: PLC0415

    training = Training(setup)
    training.state()
    adjustable = tuple(n for n in setup.start.hparams if n in training.adjustable)
    begun = replace(setup.start, adjustable=adjustable)
    named = replace(with_kernels(config), name=folder.name)
    sweep(folder.path.parent)
    with new_folder(folder.path) as path:
        new = RunFolder(path)
        new.config_path.write_bytes(text.encode("utf-8"))
        new.resolved_path.write_bytes(resolved_text(named).encode("utf-8"))
        new.ledger_path.write_bytes(seal(begun.to_record() | {"time": now()}) + b"\n")
    with folder.lock(command), Journal(folder.ledger_path) as journal:
        lineage = Lineage.read(str(folder.ledger_path), journal.records)
        begun_setup = TrainingSetup(setup.spec, lineage.start, setup.epochs)
        with contextlib.closing(
            Panda(folder, journal, lineage, lambda: begun_setup, training)
        ) as panda:
            panda.notes += _thread_notes(config)
            yield panda


def _free_folder(root: Path, name: str, fresh: bool, again: str) -> RunFolder:
    check_name(name)
    folder = RunFolder(root / (next_free_name(root, name) if fresh else name))
    if folder.exists():
        raise UsageError(
            f"{folder.path} holds a run already. Go on with it: hpsearch babysit --resume "
            f"{folder.name}   Or start another beside it: {again} --fresh"
        )
    return folder


def default_name(name: str) -> str:
    """What the babysat run of a config of that name is called where nothing else is said."""
    return name if name.endswith("-panda") else f"{name[:58]}-panda"


def _with_defaults(config: Config, hparams: Hparams) -> dict[str, Value]:
    """Every setting of the network, its defaults included; a user's code has those declared."""
    if config.trainable.kind != "network":
        return dict(hparams)
    from hpsearch.network.hyperparameters import HYPERPARAMETERS  # noqa: PLC0415

    given = meant(hparams, config.space().meanings)
    one_by_one = {name: value for name, value in hparams.items() if base(name) != name}
    lists = set(map(base, one_by_one))
    values = {
        name: given.get(name, each.default)
        for name, each in HYPERPARAMETERS.items()
        if name not in lists
    } | one_by_one
    # A config may say alpha: 1; it is a number all the same, and /3 must not round it.
    return {
        name: float(value)
        if HYPERPARAMETERS[base(name)].kind == "float" and isinstance(value, int)
        else value
        for name, value in values.items()
    }


def _setup(config: Config, begun: Start) -> TrainingSetup:
    from hpsearch.training.prepare import prepare_spec  # noqa: PLC0415

    return TrainingSetup(prepare_spec(config), begun, config.epochs)


def _trained_by(config: Config, trainable: TrainableConfig | None) -> Config:
    return config if trainable is None else replace(config, trainable=trainable)


def _setup_of(
    folder: RunFolder,
    lineage: Lineage,
    notes: list[str],
    trainable: TrainableConfig | None = None,
) -> TrainingSetup:
    """The setup of a run; what has changed since it was started is refused, or noted."""
    from hpsearch.config import load_config  # noqa: PLC0415
    from hpsearch.training.environment import (  # noqa: PLC0415
        changes_since,
        environment,
        recorded_environment,
        refuse_changes,
    )

    config = _trained_by(load_config(folder.resolved_path).config, trainable)
    changes = changes_since(recorded_environment(folder), environment(config))
    advice = "start another run with: hpsearch babysit CONFIG --fresh"
    refuse_changes(folder, changes, advice, code_may_differ=True)
    notes += [
        f"this run was started with {name} {old}, and goes on with {new}: epochs "
        f"trained again may come to other bytes"
        for name, old, new in changes.facts
    ]
    if changes.code:
        notes.append(
            f"{changes.code_line} since this run was started: epochs trained again may come to "
            f"other bytes, and --replay may not come to the same model"
        )
    notes += _thread_notes(config)
    return _setup(config, lineage.start)


def _thread_notes(config: Config) -> list[str]:
    """What to say where a search would use more threads: the last bits depend on their number."""
    if config.run.threads == 1:
        return []
    return [f"run.threads is {config.run.threads} in the config; babysitting trains with 1 thread"]
