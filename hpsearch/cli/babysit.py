"""``hpsearch babysit``: babysit one model."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from hpsearch.cli.babysit_options import (
    OldSpelling,
    Opening,
    Step,
    old_spelling,
    opening_options,
    step_options,
)
from hpsearch.cli.options import debug_option, runs_option
from hpsearch.cli.output import warn
from hpsearch.cli.signals import INTERRUPTED
from hpsearch.cli.streams import stdout_to_stderr
from hpsearch.errors import HpsearchError, UsageError
from hpsearch.portable import join_command

if TYPE_CHECKING:
    from hpsearch.cli.babysit_talk import Talk
    from hpsearch.panda.panda import Panda


@click.command()
@opening_options
@step_options
@old_spelling
@click.option("--tui", is_flag=True, help="The whole screen in place of the prompt.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, hints and notes.")
@click.option("--json", "as_json", is_flag=True, help="Print events, one JSON object a line.")
@runs_option
@debug_option
def babysit(
    opening: Opening,
    step: Step,
    old: OldSpelling,
    tui: bool,
    quiet: bool,
    as_json: bool,
    root: Path,
) -> int:
    """Babysit one model: train, look, change, go back, branch.

    CONFIG starts a run: fixed parameters as they are, searched ones in the middle of their range.
    Every epoch and every change is on record at once; leave when you like and --resume. With
    --epochs, --set, --back or --note it does one step and ends; commands can come through a pipe.

    To train a run again from its ledger: hpsearch replay; to take a branch elsewhere: hpsearch
    export --to schedule.

    \b
    Example:
      hpsearch babysit config.yaml
      hpsearch babysit --resume --back best --set "alpha /3" --epochs 10
      printf 'go 10\\nalpha /3\\ngo 10\\n' | hpsearch babysit config.yaml
    """
    _check_what(opening.config, opening.resume, opening.source, old.replay)
    if old.replay is not None:
        from hpsearch.cli.babysit_replay import replay_run

        return replay_run(root, old.replay or None, old.branch, as_json, quiet)
    if old.export is not None:
        from hpsearch.cli.babysit_replay import export_branch

        return export_branch(root, opening.resume or None, old.branch, old.export)
    if old.branch is not None:
        raise click.UsageError("--branch goes with --replay or --export; at the prompt: switch B")
    if opening.resume is not None and (opening.name or opening.fresh):
        raise click.UsageError("--name and --fresh start a run, and --resume goes on with one")
    overrides, changes = _sort_sets(step.sets, may_override=opening.config is not None)
    lines = step.lines(changes)
    if tui:
        _check_screen(lines, as_json)
    with contextlib.ExitStack() as stack:
        # What the user's own code prints must not come between the objects.
        out = stack.enter_context(stdout_to_stderr()) if as_json else None
        panda = stack.enter_context(_opened(opening, overrides, root))
        if tui:
            from hpsearch.cli.babysit_tui import run_screen

            run_screen(panda)
            return 0
        return _converse(panda, lines, out, quiet)


def _check_what(*what: object) -> None:
    """Exactly one thing to work on must be named."""
    given = [w for w in what if w is not None]
    if not given:
        raise click.UsageError(
            "say what to raise: a CONFIG starts a run, --resume goes on with the last one, "
            "--from RUN#best adopts a trial"
        )
    if len(given) > 1:
        raise click.UsageError(
            "CONFIG, --resume, --from and --replay are different jobs; choose one"
        )


def _check_screen(step: Sequence[str], as_json: bool) -> None:
    """The whole screen needs a terminal, and Textual."""
    from importlib.util import find_spec

    if step or as_json:
        raise click.UsageError("--tui is a screen to work at; leave out --json and the one step")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("--tui needs a terminal; leave it out to read commands from a pipe")
    if find_spec("textual") is None:
        raise UsageError("--tui needs Textual: pip install 'hpsearch[tui]'")


def _sort_sets(sets: Sequence[str], may_override: bool) -> tuple[list[str], list[str]]:
    """What overrides the config of a new run (KEY=VALUE), and what is a change of a setting."""
    overrides: list[str] = []
    changes: list[str] = []
    for text in sets:
        match = re.match(r"([A-Za-z_][\w.-]*)=", text)
        if match and may_override:
            from hpsearch.config import TOP_LEVEL

            key = match[1]
            of_config = "." in key or key in TOP_LEVEL
            overrides.append(text if of_config else f"parameters.{text}")
        elif match and "." in match[1]:
            raise UsageError(
                f"--set {text}: the config of a run is fixed; start another with CONFIG"
            )
        else:
            changes.append(text)
    return overrides, changes


@contextlib.contextmanager
def _opened(which: Opening, overrides: Sequence[str], root: Path) -> Iterator[Panda]:
    """The run to work on."""
    from hpsearch.panda import opening
    from hpsearch.store.rundir import RunFolder

    command = join_command(["hpsearch", *sys.argv[1:]])
    if which.resume is not None:
        with opening.resume(opening.find_babysat(root, which.resume or None), command) as panda:
            yield panda
    elif which.source is not None:
        with opening.adopt(
            which.source, root, command, name=which.name, fresh=which.fresh
        ) as panda:
            yield panda
    else:
        config = which.config
        assert config is not None
        from hpsearch.config import load_config

        if not config.exists() and RunFolder(root / config).is_babysat:
            raise UsageError(
                f"{config} is a run; go on with it: hpsearch babysit --resume {config}"
            )
        loaded = load_config(config, overrides)
        with opening.start(loaded, root, command, name=which.name, fresh=which.fresh) as panda:
            for warning in loaded.warnings:
                warn(warning)
            yield panda


def _converse(panda: Panda, step: Sequence[str], json_to: TextIO | None, quiet: bool) -> int:
    """One step, a script from a pipe, or the prompt; the exit code."""
    from hpsearch.cli.babysit_prompt import Prompt
    from hpsearch.cli.babysit_talk import Talk
    from hpsearch.panda.adoption import adoption_begins
    from hpsearch.panda.grammar import Go
    from hpsearch.panda.interrupts import Interrupts

    interrupts = Interrupts(lambda: panda.interruptible)
    talk = Talk(panda, interrupts, json_to=json_to, quiet=quiet)
    with interrupts.handled():
        epochs, words = adoption_begins(panda.lineage)
        if epochs:
            talk.remark(words)
            talk.do(Go(epochs))
        if step:
            return _script(talk, step, "")
        if not sys.stdin.isatty():
            return _script(talk, _lines_of_stdin(), "line ")
        _welcome(talk)
        Prompt(talk).run()
    return 0


def _script(talk: Talk, lines: Sequence[str] | Iterator[str], where: str) -> int:
    """Carry out lines until one fails or Ctrl-C: empty ones and comments do nothing."""
    for number, line in enumerate(lines, start=1):
        try:
            leaving = talk.line(line)
        except HpsearchError as error:
            if not where:
                raise
            raise type(error)(f"{where}{number}: {error.message}") from error
        if talk.interrupts.ever:
            again = f"hpsearch babysit --resume {talk.panda.folder.name}"
            talk.remark(f"interrupted with everything saved; go on with: {again}")
            return INTERRUPTED
        if leaving:
            break
    return 0


def _lines_of_stdin() -> Iterator[str]:
    """The lines as they come, so that a program can hold a conversation."""
    yield from iter(sys.stdin.readline, "")


def _welcome(talk: Talk) -> None:
    """What a person sees first."""
    lineage = talk.lineage
    epochs = sum(1 for _ in lineage.all_epochs())
    state = f"{epochs} epochs on record" if epochs else "a new model"
    talk.remark(
        f"{talk.panda.folder.path}: {state}. Enter trains 5 epochs, help lists the commands."
    )
    talk.status()
    if lineage.unfinished > 0:
        talk.remark(
            f"the last training was cut short {lineage.unfinished} epochs before its end: "
            f"go {lineage.unfinished} finishes it"
        )
