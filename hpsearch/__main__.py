"""``hpsearch`` and ``python -m hpsearch``: here first, so that Ctrl-C is quiet from the start."""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else it is ignored, as in a shell's background
        signal.signal(signal.SIGINT, _leave)
    from hpsearch.cli.main import main as command_line  # noqa: PLC0415 - it takes a while

    signal.signal(signal.SIGINT, before)
    command_line()


def _leave(number: int, frame: object) -> None:
    """End at once: nothing was begun yet, and an import must not be left half done."""
    del number, frame
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
