"""A babysat run's ledger, trained again or written down as a config or as commands."""

from __future__ import annotations

from pathlib import Path

from hpsearch.cli.output import give_text, note, say, say_json, wrote
from hpsearch.errors import HpsearchError


def replay_run(root: Path, run: str | None, branch: str | None, as_json: bool, quiet: bool) -> int:
    """Train a run again from its ledger; 0 if every state is the same, 1 if one is not."""
    from hpsearch.panda.opening import find_babysat, setup_of
    from hpsearch.panda.reading import read_lineage
    from hpsearch.panda.replay import branches_to_replay, replay_branch

    folder = find_babysat(root, run or None)
    lineage = read_lineage(folder)
    names = branches_to_replay(lineage, branch)
    setup, notes = setup_of(folder, lineage)
    for text in [] if quiet else notes:
        note(text)
    worst = 0
    for name in names:
        replayed = replay_branch(setup, lineage, name)
        worst = worst or int(replayed.problem is not None)
        if as_json:
            say_json({"event": "replay", **replayed.to_record()})
        else:
            say(replayed.words)
    return worst


def export_branch(
    root: Path, run: str | None, branch: str | None, target: Path, kind: str | None = None
) -> int:
    """Write a branch as a config with a ``schedule``, or as ``commands``; - is stdout.

    Without a ``kind`` the ending of the file decides: .yaml is a schedule.
    """
    from hpsearch.panda.opening import find_babysat
    from hpsearch.panda.reading import read_lineage
    from hpsearch.panda.replay import commands_file
    from hpsearch.panda.schedule import schedule_file
    from hpsearch.store.atomic import write_text

    folder = find_babysat(root, run or None)
    lineage = read_lineage(folder)
    name = branch or lineage.position.branch
    if kind is None:
        kind = "schedule" if target.suffix in (".yaml", ".yml") else "commands"
    if kind == "schedule":
        text = schedule_file(folder, lineage, name, target.stem)
    else:
        text = commands_file(folder, lineage, name)
    if str(target) == "-":
        give_text(text, None)
        return 0
    if target.exists():
        raise HpsearchError(f"{target} is already there; choose another name")
    write_text(target, text)
    wrote(target)
    return 0
