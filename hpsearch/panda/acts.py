"""What a person does to a babysat model that takes more than one step of the engine.

The prompt and ``hpsearch.babysit`` both do it through these functions, and differ only in how they
tell what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpsearch.errors import UsageError
from hpsearch.panda.advice import no_setting
from hpsearch.panda.changes import changes_of, refuse_fixed, signs_told, win_over_schedule
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.panda import Panda
from hpsearch.panda.positions import Epoch, Position, changes_between, describe_changes
from hpsearch.panda.probe import Tried, probe, steepest
from hpsearch.records import Hparams, Value, train_counterpart
from hpsearch.space.averages import change_of_steps
from hpsearch.text import number

if TYPE_CHECKING:
    from hpsearch.panda.fork import Graft

ALWAYS_SHOWN = ("alpha", "l2", "dropout", "batch_size")
"""The network's settings worth a place, besides those declared or changed."""


@dataclass(frozen=True)
class Changed:
    """What a change of settings came to: ``name: [old, new]``, from epoch ``before`` on.

    ``effective`` is what a schedule makes of the settings in that epoch; only what differs.
    """

    changes: dict[str, list[Value]]
    before: int
    effective: Hparams


@dataclass(frozen=True)
class Probed:
    """What a range test found, and the value after which the training metric was best."""

    name: str
    results: tuple[Tried, ...]
    best: Tried | None


def change(panda: Panda, pairs: Sequence[tuple[str, str]], why: str = "") -> Changed:
    """Change settings as they are written: (name, ``/3``) pairs.

    Raises:
        UsageError: a setting is not there, cannot change, or not to this value.
    """
    lineage = panda.lineage
    for name, _ in pairs:
        if name not in lineage.hparams:
            raise no_setting(name, lineage.hparams)
    changes = changes_of(lineage, pairs)
    refuse_fixed(lineage, changes, str(panda.folder.resolved_path))
    try:
        changes = win_over_schedule(panda, changes, pairs)
        changed = panda.set(changes, why)
    except UsageError as e:
        raise UsageError(e.message + signs_told(lineage, pairs)) from e
    effective = panda.effective() if changed else {}
    return Changed(changed, lineage.position.epoch + 1, effective)


def try_values(
    panda: Panda,
    name: str,
    stop: Callable[[], bool],
    observe: Callable[[Tried], None],
) -> Probed:
    """Put a setting to a range test, and what it found on record; ``observe`` sees each value.

    Raises:
        HpsearchError: the setting cannot be probed, or the model cannot be made.
    """
    results: list[Tried] = []
    for tried in probe(panda, name, stop):
        results.append(tried)
        observe(tried)
    if results:
        panda.record_probe(name, [tried.to_record() for tried in results])
    return Probed(name, tuple(results), steepest(results, panda.lineage.start.metric.goal.loss))


def begin_graft(panda: Panda, source: str) -> Graft:
    """Go where a trial of a forked search began, with its settings; its epochs are then to train.

    Raises:
        UsageError: there is no such trial, or it was not forked from this run.
    """
    from hpsearch.panda.fork import grafted  # noqa: PLC0415 - it knows configs, which take long

    graft = grafted(panda.lineage, panda.folder, source)
    panda.back(graft.at)
    panda.set(graft.changes, f"grafted {source}")
    return graft


def graft_note(lineage: Lineage, graft: Graft, source: str) -> str | None:
    """What to say if the grafted trial, trained here, did not come to its numbers."""
    metric = lineage.start.metric.name
    curve = [epoch.values[metric] for epoch in lineage.chain()][graft.at.epoch :]
    if tuple(curve) == graft.curve[: len(curve)]:
        return None
    return f"{source} had other numbers: versions may have changed"


def epoch_words(epoch: Epoch, metric: str) -> str:
    """A finished epoch on one line: where, how far, and the metric on both sets."""
    names = [name for name in (train_counterpart(metric, list(epoch.values)), metric) if name]
    values = "  ".join(f"{name} {number(epoch.values[name])}" for name in names)
    return f"{epoch.position} of {epoch.target}  {values}"


def change_words(done: Changed) -> list[str]:
    """What a change came to, a line for each setting."""
    lines = describe_changes(done.changes) or ["nothing changes: that is what it is already"]
    lines += [
        f"{name} {words}"
        for name, (old, new) in done.changes.items()
        if (words := change_of_steps(name, old, new))
    ]
    return lines + [
        f"{name} is {number(done.effective[name])} in the next epoch, after its schedule"
        for name in done.changes
        if name in done.effective
    ]


def place_words(lineage: Lineage) -> str:
    """Where the model stands after a move, and what the next training does."""
    settings = ", ".join(f"{n} {number(lineage.hparams[n])}" for n in settings_shown(lineage))
    goes = f"continues {lineage.position.branch}" if lineage.at_tip else "begins a new branch"
    return f"at {lineage.position}, with {settings or 'its settings'}. The next go {goes}."


def save_words(name: str, position: Position) -> str:
    """That a state is kept under a name."""
    return f"{position} is kept as {name}: back {name} returns to it"


def settings_shown(lineage: Lineage) -> list[str]:
    """The adjustable settings worth a place: declared, changed, or of general interest."""
    start = lineage.start
    worth = {*start.declared, *changes_between(start.hparams, lineage.hparams), *ALWAYS_SHOWN}
    return [name for name in start.adjustable if name in worth]


def effective_here(panda: Panda) -> Hparams:
    """What a schedule makes of the settings, where that can be told without training."""
    last = panda.lineage.epoch(panda.lineage.position)
    scheduled = last is not None and bool(last.effective) and panda.is_near
    return panda.effective() if panda.is_ready or scheduled else {}


def branch_rows(lineage: Lineage) -> list[dict[str, Any]]:
    """A row for each branch: its name, where it came from, its epochs, its best value."""
    rows = []
    for branch in lineage.branches.values():
        best = lineage.best(branch.epochs)
        rows.append(
            {
                "name": branch.name,
                "from": str(branch.base) if branch.base else None,
                "first": branch.first,
                "last": branch.tip.epoch,
                "best": best.values[lineage.start.metric.name] if best else None,
            }
        )
    return rows
