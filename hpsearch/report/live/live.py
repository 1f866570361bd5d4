"""The live screen of a run, on the terminal's alternate screen.

The search calls :meth:`LiveScreen.refresh` as often as it likes. A redraw happens at most 4 times
a second, and later after an expensive one, so that drawing takes at most 1/40 of one core.
"""

from __future__ import annotations

import time

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from hpsearch.errors import HpsearchError
from hpsearch.report.live.live_lines import live_lines
from hpsearch.report.live.snapshot import LiveRun, Snapshot
from hpsearch.report.text.glyphs import for_console
from hpsearch.store.rundir import RunFolder

SHORTEST_PAUSE = 0.25  # seconds between two redraws
COST_FACTOR = 40


class LiveView:
    """What rich draws: the last snapshot, at the size that the terminal has now."""

    def __init__(self, workers: int | None, title: str = "hpsearch run") -> None:
        self.workers = workers
        self.title = title
        self.snapshot: Snapshot | None = None
        self.message = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the screen, without a line end after the last one."""
        if self.snapshot is None:
            return
        width, height = options.max_width, options.height or console.size.height
        lines = live_lines(
            self.snapshot, width, height, self.workers, self.message, title=self.title
        )
        yield Text("\n", end="").join(for_console(lines, console))


class LiveScreen:
    """Draws a run until it is stopped. ``title`` and ``workers`` are what the first line says.

    ``run`` is what is looked at, if it is not the folder as :class:`LiveRun` sees it. A folder
    that cannot be read does not end the search: the reason becomes the message.

    Raises:
        RunError, ConfigError: the folder cannot be read at the start.
    """

    def __init__(
        self,
        folder: RunFolder,
        workers: int | None,
        console: Console | None = None,
        *,
        title: str = "hpsearch run",
        run: LiveRun | None = None,
    ) -> None:
        self._run = run or LiveRun(folder)
        self._view = LiveView(workers, title)
        self._console = console or Console(stderr=True, highlight=False)
        self._live = Live(
            self._view,
            console=self._console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._next = 0.0
        self._urgent = False

    @property
    def snapshot(self) -> Snapshot:
        """What is drawn; there is something from :meth:`start` on."""
        assert self._view.snapshot is not None
        return self._view.snapshot

    def start(self) -> None:
        """Enter the alternate screen and draw."""
        self._view.snapshot = self._run.snapshot()
        self._live.start()
        self.refresh()

    def stop(self) -> None:
        """Leave the alternate screen; a second time does nothing."""
        self._live.stop()

    def refresh(self, urgent: bool = True) -> None:
        """Read and draw, if it is time to; what was urgent and came too soon is drawn later.

        Args:
            urgent: something happened; else only the clock moved, and one redraw a second is
                enough.
        """
        now = time.monotonic()
        self._urgent = self._urgent or urgent
        if now < self._next + (0.0 if self._urgent else 1.0 - SHORTEST_PAUSE):
            return
        try:
            self._view.snapshot = self._run.snapshot()
        except HpsearchError as error:
            self._view.message = error.message
        self._live.refresh()
        self._urgent = False
        cost = time.monotonic() - now
        self._next = now + max(SHORTEST_PAUSE, COST_FACTOR * cost)

    def say(self, text: str) -> None:
        """Show a message at the next call of ``refresh``; safe in a signal handler."""
        self._view.message = text
        self._urgent = True
        self._next = 0.0
