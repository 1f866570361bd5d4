"""A trial of a search that becomes a babysat run: which one, and what is to be trained again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.errors import UsageError
from hpsearch.panda.lineage import Lineage
from hpsearch.records import Metric, TrialResult, what_none_has
from hpsearch.store.rundir import RunFolder, find_run
from hpsearch.text import in_full

if TYPE_CHECKING:
    from hpsearch.config import Config


@dataclass(frozen=True)
class Adopted:
    """A trial of a search that is to be adopted: ``searched`` is the search's folder."""

    searched: RunFolder
    config: Config
    result: TrialResult

    @property
    def default_name(self) -> str:
        """What the babysat run is called where nothing else is said."""
        return f"{self.searched.name[:48]}-{self.result.trial.index}-panda"


def find_adopted(source: str, root: Path) -> Adopted:
    """The trial that ``RUN#TRIAL`` or ``RUN#best`` names.

    Raises:
        UsageError: there is no such trial, or it has no value.
    """
    from hpsearch.config import load_config  # noqa: PLC0415

    origin, _, which = source.rpartition("#")
    if not origin or not which:
        raise UsageError(f"--from {source}: write RUN#TRIAL, as in digits#12, or digits#best")
    searched = find_run(root, origin)
    config = load_config(searched.resolved_path).config
    return Adopted(searched, config, recorded_trial(searched, config, which))


def recorded_trial(folder: RunFolder, config: Config, which: str) -> TrialResult:
    """The result of the trial that ``which`` names, by its index or as ``best``.

    Raises:
        UsageError: there is none, or it has no value.
    """
    if folder.is_babysat:
        raise UsageError(
            f"{folder.name} is a babysat run already; go on with it: "
            f"hpsearch babysit --resume {folder.name}"
        )
    results = folder.results()
    if which == "best":
        return _best(folder, results, config.metric_record())
    found = next((r for r in results if str(r.trial.index) == which), None)
    if found is None:
        raise UsageError(
            f"{folder.name} has no recorded trial {which!r}; there are {len(results)}: "
            f"hpsearch report {folder.name} shows the best of them"
        )
    if found.value is None:
        raise UsageError(
            f"trial {which} of {folder.name} {found.state}: {found.error}; adopt one that has a "
            f"value"
        )
    return found


def _best(folder: RunFolder, results: Sequence[TrialResult], metric: Metric) -> TrialResult:
    """The search's confirmed winner, or the best observed, as its report has it."""
    from hpsearch.search.confirmations import read_confirmation, winner_of  # noqa: PLC0415

    best = winner_of(results, metric, read_confirmation(folder, results, metric))
    if best is None:
        lacks = f"no trial of {folder.name} {what_none_has(results)}"
        raise UsageError(f"{lacks}; there is none to adopt")
    return best.result


def adoption_begins(lineage: Lineage) -> tuple[int, str]:
    """How many epochs of an adopted trial are to be trained first, and the words for it.

    None in a run in which something was done already.
    """
    waiting = left_to_adopt(lineage) if len(lineage.records) == 1 else 0
    origin = lineage.start.origin or {}
    if not waiting:
        return 0, ""
    return waiting, f"training trial {origin['trial']} of {origin['run']} again: {waiting} epochs"


def left_to_adopt(lineage: Lineage) -> int:
    """How many epochs of an adopted trial are still to be trained, if nothing else was done."""
    origin, here = lineage.start.origin, lineage.position
    if origin is None or len(lineage.branches) > 1 or not lineage.at_tip:
        return 0
    return max(int(origin["epochs"]) - here.epoch, 0)


def adoption_note(lineage: Lineage) -> str | None:
    """What to say if the adopted trial, trained again, did not come to the same numbers."""
    origin, metric = lineage.start.origin, lineage.start.metric.name
    if origin is None:
        return None
    for epoch, recorded in zip(lineage.branches["main"].epochs, origin["curve"], strict=False):
        if epoch.hparams != lineage.start.hparams:
            return None
        if epoch.values[metric] != recorded:
            value = in_full(epoch.values[metric])
            return (
                f"trained again, trial {origin['trial']} of {origin['run']} has {metric} {value} "
                f"at epoch {epoch.position.epoch}, and had {in_full(recorded)}: "
                f"its code is itself random, or versions, data or threads have changed"
            )
    return None
