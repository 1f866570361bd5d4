"""The entry point: the command group, and the one place where errors become messages and codes.

Exit codes: 0 done; 1 it ran but nothing succeeded, or a run-time error; 2 wrong usage or config;
130 interrupted with everything saved.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import click

from hpsearch import __version__
from hpsearch.cli.commands import COMMANDS
from hpsearch.cli.options import debug_wanted
from hpsearch.cli.output import complain, remark
from hpsearch.cli.signals import INTERRUPTED, end_when_told
from hpsearch.cli.streams import failure_of, open_streams, reader_left
from hpsearch.errors import HpsearchError
from hpsearch.threads import thread_environment

COMPLETING = "_HPSEARCH_COMPLETE"  # a shell asks, by click's own variable and without arguments
EPILOG = """\b
Start here:
  hpsearch init             write a first config
  hpsearch run config.yaml  search
  hpsearch report           see what was learnt
"""


@click.group(
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(__version__, "-V", "--version", message="hpsearch %(version)s")
def hpsearch() -> None:
    """Search hyperparameters from coarse to fine, each on its proper scale.

    A YAML file declares the space. Trials train in parallel, and the same seed gives the same
    trials, whatever the number of workers and after any crash.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    open_streams()
    end_when_told()
    os.environ.update(thread_environment(1))
    code = _flushed(run(sys.argv[1:] if arguments is None else arguments))
    # All is said and saved: a late Ctrl-C must not turn the exit code into a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; every error is one message on stderr."""
    if not arguments and COMPLETING not in os.environ:
        return _show_help()
    try:
        code = hpsearch.main(args=list(arguments), prog_name="hpsearch", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return 0  # the reader, such as `head`, has seen enough
    except Exception as e:
        if debug_wanted(arguments) and not isinstance(e, click.ClickException):
            import traceback

            remark("".join(traceback.format_exception(e)).rstrip())
            return e.exit_code if isinstance(e, HpsearchError) else HpsearchError.exit_code
        return _explain(e)
    return code if isinstance(code, int) else 0


def _show_help() -> int:
    """What ``hpsearch`` alone prints, in all versions of click: the help, as a wrong usage."""
    context = hpsearch.make_context("hpsearch", [], resilient_parsing=True)
    remark(context.get_help())
    return click.UsageError.exit_code


def _explain(error: Exception) -> int:
    """Print an error as a message, and give its exit code."""
    if isinstance(error, click.ClickException):
        context = error.ctx if isinstance(error, click.UsageError) else None
        hint = f"; see '{context.command_path} --help'" if context else ""
        told = " ".join(error.format_message().split())  # click lists choices on lines of their own
        complain(told.rstrip(".") + hint)
        return error.exit_code
    if isinstance(error, HpsearchError):
        complain(error.message)
        return error.exit_code
    if isinstance(error, OSError):
        named = error.filename and error.strerror
        complain(f"{error.filename}: {error.strerror}" if named else str(error))
        return HpsearchError.exit_code
    kind = type(error).__name__
    complain(f"this is a bug in hpsearch: {kind}: {error}; --debug shows where it happened")
    return HpsearchError.exit_code


def _flushed(code: int) -> int:
    """The exit code once all is written: results that are lost make a success a failure.

    A reader that has seen enough, as `head` has, lost nothing.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    failure = failure_of(sys.stdout)
    if failure is None or reader_left(sys.stdout):
        return code
    complain(f"the output cannot be written: {failure.strerror}")
    return code or HpsearchError.exit_code
