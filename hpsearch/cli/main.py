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
from hpsearch.errors import HpsearchError
from hpsearch.threads import thread_environment

INTERRUPTED = 130
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
    os.environ.update(thread_environment(1))
    code = run(sys.argv[1:] if arguments is None else arguments)
    # All is said and saved: a late Ctrl-C must not turn the exit code into a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; every error is one message on stderr."""
    try:
        code = hpsearch.main(args=list(arguments), prog_name="hpsearch", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        _drop_output()
        return 0
    except Exception as e:
        if debug_wanted(arguments) and not isinstance(e, click.ClickException):
            raise
        return _explain(e)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    """Print an error as a message, and give its exit code."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    if isinstance(error, click.ClickException):
        context = error.ctx if isinstance(error, click.UsageError) else None
        hint = f"; see '{context.command_path} --help'" if context else ""
        _complain(error.format_message().rstrip(".") + hint)
        return error.exit_code
    if isinstance(error, HpsearchError):
        _complain(error.message)
        return error.exit_code
    if isinstance(error, OSError):
        _drop_output()
        # Writing to what is open already, as stdout is, gives an error that names no file.
        where = error.filename or "the output cannot be written"
        _complain(f"{where}: {error.strerror}" if error.strerror else str(error))
        return HpsearchError.exit_code
    kind = type(error).__name__
    _complain(f"this is a bug in hpsearch: {kind}: {error}; --debug shows where it happened")
    return HpsearchError.exit_code


def _drop_output() -> None:
    """Let nothing complain at shutdown of what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _complain(message: str) -> None:
    for line in message.splitlines():
        click.echo(click.style("error: ", fg="red") + line, err=True)
