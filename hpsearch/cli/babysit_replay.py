"""A babysat run's ledger, trained again or written down as a config or as commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.cli.output import give_text, note, say, say_json, wrote
from hpsearch.errors import HpsearchError
from hpsearch.text import plural

if TYPE_CHECKING:
    from hpsearch.panda.lineage import Lineage
    from hpsearch.store.rundir import RunFolder


def replay_run(root: Path, run: str | None, branch: str | None, as_json: bool, quiet: bool) -> int:
    """Train a run again from its ledger; 0 if every state is the same, 1 if one is not."""
    from hpsearch.panda.opening import find_babysat, setup_of
    from hpsearch.panda.reading import read_lineage
    from hpsearch.panda.replay import branches_to_replay, replay

    folder = find_babysat(root, run or None)
    lineage = read_lineage(folder)
    names = branches_to_replay(lineage, branch)
    setup, notes = setup_of(folder, lineage)
    for text in [] if quiet else notes:
        note(text)
    worst = 0
    for name in names:
        count, last, problem = 0, None, None
        for replayed in replay(setup, lineage, name):
            if replayed.problem is None:
                count, last = count + 1, replayed.epoch
            problem = replayed.problem
        worst = worst or int(problem is not None)
        facts = {
            "event": "replay",
            "branch": name,
            "epochs": count,
            "same": problem is None,
            "sha256": last.sha256 if last else None,
            "problem": problem,
        }
        if as_json:
            say_json(facts)
        elif problem is None:
            told = f", sha256 {last.sha256}" if last else ""
            say(f"{name}: {plural(count, 'epoch')} trained again, every state the same{told}")
        else:
            say(f"{name}: the first {count} epochs are the same, then {problem}")
    return worst


def export_branch(
    root: Path, run: str | None, branch: str | None, target: Path, kind: str | None = None
) -> int:
    """Write a branch as a config with a ``schedule``, or as ``commands``; - is stdout.

    Without a ``kind`` the ending of the file decides: .yaml is a schedule.
    """
    from hpsearch.panda.opening import find_babysat
    from hpsearch.panda.reading import read_lineage
    from hpsearch.panda.replay import as_commands
    from hpsearch.store.atomic import write_text

    folder = find_babysat(root, run or None)
    lineage = read_lineage(folder)
    name = branch or lineage.position.branch
    if kind is None:
        kind = "schedule" if target.suffix in (".yaml", ".yml") else "commands"
    if kind == "schedule":
        text = _schedule(folder, lineage, name, target.stem)
    else:
        text = (
            f"# {folder.name}, branch {name}, as commands. They raise it again:\n"
            f"#   hpsearch babysit {folder.resolved_path} --fresh < this file\n"
        ) + as_commands(lineage, name)
    if str(target) == "-":
        give_text(text, None)
        return 0
    if target.exists():
        raise HpsearchError(f"{target} is already there; choose another name")
    write_text(target, text)
    wrote(target)
    return 0


def _schedule(folder: RunFolder, lineage: Lineage, branch: str, name: str) -> str:
    from hpsearch.config import load_config
    from hpsearch.panda.schedule import as_config

    resolved = folder.resolved_path.resolve()
    config = load_config(resolved).config
    head = (
        f"# {folder.name}, branch {branch}, as a schedule. One trial of it comes to the same:\n"
        f"#   hpsearch run {name}.yaml\n"
        f"# To search around it, give a parameter a range, and search.max_trials and strategy.\n"
    )
    return head + as_config(config, resolved, lineage, branch, name)
