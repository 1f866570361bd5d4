"""Options that several commands share, and what their values mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hpsearch.store.names import RUNS, RUNS_VARIABLE, usual_runs

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _RunsFolder(click.Path):
    """A folder. An empty word is none: as a path it would be the current folder, unasked."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty; name a folder, '.' for this one", param, ctx)
        return super().convert(value, param, ctx)


class _TrialNumber(click.IntRange):
    """The number of a trial, from 0."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = int(value)
        except ValueError:
            number = -1
        if number < 0:
            self.fail(f"a trial has a number, from 0, as in --trial 12; not {value!r}", param, ctx)
        return number


TRIAL_NUMBER = _TrialNumber(0)

debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show a traceback with an error."
)

runs_option = click.option(
    "--runs",
    "root",
    metavar="DIR",
    envvar=RUNS_VARIABLE,
    default=RUNS,
    show_default=True,
    type=_RunsFolder(file_okay=False, path_type=Path),
    help="The folder that holds the runs.",
)

workers_option = click.option(
    "-w",
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="How many train at once. Default: as the run's config says.",
)
"""Of a command that trains more of a run that is there."""

set_option = click.option(
    "--set",
    "overrides",
    metavar="KEY=VALUE",
    multiple=True,
    help="Override a config value, as in search.max_trials=200. May be repeated.",
)


def config_argument(command: Decorated) -> Decorated:
    """The config file. Whether it is there is for the loader to say: it names near misses."""
    return click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))(command)


def run_argument(command: Decorated) -> Decorated:
    """The name of a run, or its folder; the last changed one if it is not given."""
    return click.argument("run", required=False, shell_complete=_run_names)(command)


def named_run_argument(command: Decorated) -> Decorated:
    """The name of a run, or its folder; it has to be given, since other arguments follow."""
    return click.argument("run", shell_complete=_run_names)(command)


def runs_argument(command: Decorated) -> Decorated:
    """The names of several runs, or their folders."""
    return click.argument(
        "runs", nargs=-1, required=True, metavar="RUN RUN ...", shell_complete=_run_names
    )(command)


def runs_words(root: Path) -> list[str]:
    """What a command needs to be told to find the runs in ``root``: nothing, or ``--runs DIR``."""
    return [] if root == usual_runs() else ["--runs", str(root)]


def _run_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The runs whose names begin with what was typed."""
    from hpsearch.errors import HpsearchError
    from hpsearch.store.rundir import find_runs

    del parameter
    root = context.params.get("root") or usual_runs()
    try:
        return [run.name for run in find_runs(root) if run.name.startswith(incomplete)]
    except HpsearchError:
        return []


def debug_wanted(arguments: Sequence[str]) -> bool:
    """Whether the command line, however far it was understood, asks for tracebacks."""
    return "--debug" in arguments or bool(os.environ.get("HPSEARCH_DEBUG"))
