"""Ctrl-C in a script or a notebook's cell: what runs may finish, what is done is kept.

The command line's own way, see ``hpsearch.cli.signals``, ends the process in the end. Here it is
the user's: nothing is ended but the search.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

from hpsearch.engine.scheduler import StopFlag

TRIALS_FINISH = "letting the running trials finish; interrupt again to stop now"
STOPPED = "stopping now"


def stopped(message: str) -> KeyboardInterrupt:
    """The interrupt that ends a call once all is saved; the message says how to go on.

    IPython shows the message alone: where in hpsearch it was raised tells nobody anything.
    """
    interrupt = KeyboardInterrupt(message)
    vars(interrupt)["_render_traceback_"] = lambda: [f"KeyboardInterrupt: {message}"]
    return interrupt


@contextlib.contextmanager
def stopped_by_interrupt(stop: StopFlag, tell: Callable[[str], None]) -> Iterator[None]:
    """Let the first interrupt finish what runs, the second stop now, and a third be Python's own.

    Python hears of them in its main thread alone; elsewhere nothing changes.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        stop.raise_level()
        tell(TRIALS_FINISH if stop.level < StopFlag.NOW else STOPPED)
        if stop.level >= StopFlag.NOW:
            signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
