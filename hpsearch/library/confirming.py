"""``Run.confirm``: the best trials of a search again on fresh seeds, from Python."""

from __future__ import annotations

import sys
from pathlib import Path

from hpsearch.config import load_config
from hpsearch.engine.scheduler import StopFlag
from hpsearch.errors import UsageError
from hpsearch.library.arguments import said_in_python
from hpsearch.library.interrupts import stopped_by_interrupt
from hpsearch.library.progress import confirm_lines
from hpsearch.library.searching import print_to_stderr, silent
from hpsearch.search.confirm import ConfirmEvent
from hpsearch.search.confirm_run import confirm_run
from hpsearch.store.rundir import RunFolder
from hpsearch.threads import one_thread


def confirm(
    folder: RunFolder,
    top: int | None,
    repeats: int | None,
    workers: int | None,
    *,
    quiet: bool,
) -> None:
    """Confirm a run, as ``hpsearch confirm`` does.

    Raises:
        HpsearchError: as ``hpsearch.search.confirm_run.confirm_run``; or a number is too small.
        KeyboardInterrupt: it was interrupted; everything is saved.
    """
    for name, value, least in (("top", top, 1), ("repeats", repeats, 2), ("workers", workers, 1)):
        if value is not None and value < least:
            raise UsageError(f"{name} must be {least} or more, not {value}")
    metric = load_config(folder.resolved_path).config.metric_record()
    tell, stop = silent if quiet else print_to_stderr, StopFlag()

    def observe(event: ConfirmEvent) -> None:
        for line in confirm_lines(event, metric):
            tell(line)

    command = f"Run.confirm in {Path(sys.argv[0] or sys.executable).name}"
    with said_in_python(), one_thread(), stopped_by_interrupt(stop, tell):
        done = confirm_run(
            folder, command, top=top, repeats=repeats, workers=workers, stop=stop, observe=observe
        )
    for note in done.notes:
        tell(f"note: {note}")
    if done.interrupted:
        raise KeyboardInterrupt("interrupted with everything saved: the same call goes on")
