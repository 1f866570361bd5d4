"""What a notebook's cell shows while it is at work: one output that is drawn anew.

IPython is asked for only where it is running already. The picture is an image, so that its style
touches nothing of the notebook, and so that a notebook that was saved still has it.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hpsearch.library.progress import trials_of
from hpsearch.report.analysis.rows import Importance
from hpsearch.report.html.figures.svg import Figure, escape, tag
from hpsearch.report.live.snapshot import LiveRun, RunningTrial, Snapshot
from hpsearch.search.caviar import Event, TimePassed, TrialFinished
from hpsearch.text import assignments, clock, duration, number, plural

if TYPE_CHECKING:
    from hpsearch.panda.lineage import Lineage
    from hpsearch.records import TrialResult
    from hpsearch.search.open_run import Launch

SHORTEST_PAUSE = 0.5  # seconds between two drawings
COST_FACTOR = 40  # a drawing may take this part of the time
RUNNING_SHOWN = 8
NOT_MEASURED = Importance(None, None, 0, "")
"""In place of what mattered, which takes long to measure and is in no picture here."""


class Output:
    """A place in a cell's output whose content can be changed."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._next = 0.0

    def is_due(self) -> bool:
        """Whether it may be drawn again: often enough to be live, too seldom to cost anything."""
        return time.monotonic() >= self._next

    def show(self, draw: Callable[[], tuple[str, str]]) -> None:
        """Show what ``draw`` gives: HTML, and the same in words for who has no HTML."""
        began = time.monotonic()
        page, words = draw()
        content = {"text/html": page, "text/plain": words}
        if self._handle is None:
            display: Any = import_module("IPython.display").display
            self._handle = display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)
        cost = time.monotonic() - began
        self._next = time.monotonic() + max(SHORTEST_PAUSE, COST_FACTOR * cost)


class LiveSearch:
    """A search under way: how far it is, its best trial, the best so far as a picture."""

    def __init__(self, launch: Launch, workers: int) -> None:
        self._launch, self._workers = launch, workers
        self._run = LiveRun(launch.folder)
        self._output = Output()
        self._results: dict[int, TrialResult] = {
            index: made[-1] for index, made in launch.attempts.results.items()
        }
        self._output.show(self._drawn)

    def observe(self, event: Event) -> None:
        """Take notice of something that happened."""
        if isinstance(event, TrialFinished):
            self._results[event.result.trial.index] = event.result
        if isinstance(event, TrialFinished | TimePassed) and self._output.is_due():
            self._output.show(self._drawn)

    def finish(self) -> None:
        """Show how it ended."""
        self._output.show(self._drawn)

    def _drawn(self) -> tuple[str, str]:
        now = self._run.snapshot()
        head = self._head(now)
        best = _best_words(now)
        bar = tag("progress", "", value=str(now.recorded), max=str(now.max_trials))
        name = tag("b", escape(f"hpsearch run · {now.name}"))
        parts = [tag("div", name, f" {escape(head)} ", bar)]
        parts += [tag("div", escape(best)), picture(self._history())]
        parts += [tag("div", escape(_running_words(each))) for each in now.running[:RUNNING_SHOWN]]
        words = " · ".join(filter(None, [f"hpsearch run {now.name}: {head}", best]))
        return tag("div", *parts), words

    def _head(self, now: Snapshot) -> str:
        states = ", ".join(f"{count} {state}" for state, count in now.counts.items() if count)
        parts = [trials_of(now.recorded, now.max_trials), states]
        if now.recorded < now.max_trials:
            parts.append(plural(self._workers, "worker"))
        if now.elapsed is not None:
            parts.append(clock(now.elapsed))
        if now.eta:
            parts.append(f"about {duration(now.eta)} left")
        return " · ".join(filter(None, parts))

    def _history(self) -> Figure | None:
        from hpsearch.report.analysis.load import view_of  # noqa: PLC0415 - NumPy, and more
        from hpsearch.report.analysis.summary import summarise  # noqa: PLC0415
        from hpsearch.report.html.figures.history import history_figure  # noqa: PLC0415

        view = view_of(self._launch.folder, self._launch.config, list(self._results.values()))
        return history_figure(summarise(view, NOT_MEASURED))


class LiveTraining:
    """A babysat model that trains: where it is, and its curve."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage, self._output, self._words = lineage, Output(), ""

    def say(self, words: str) -> None:
        """Show the words above the curve, if it is time to."""
        self._words = words
        if self._output.is_due():
            self._output.show(self._drawn)

    def finish(self) -> None:
        """Leave the last words; whoever wants the curve asks the model."""
        if self._words:
            self._output.show(lambda: (tag("div", escape(self._words)), self._words))

    def _drawn(self) -> tuple[str, str]:
        from hpsearch.report.html.panda_figure import lineage_figure  # noqa: PLC0415

        figure = picture(lineage_figure(self._lineage))
        return tag("div", tag("div", escape(self._words)), figure), self._words


def picture(figure: Figure | None) -> str:
    """A figure of the page as an image that holds its own style; empty if there is none."""
    if figure is None:
        return ""
    from hpsearch.report.html.figure_files import standalone  # noqa: PLC0415

    data = base64.b64encode(standalone(figure).encode("utf-8")).decode("ascii")
    source = f"data:image/svg+xml;base64,{data}"
    return tag("img", src=source, alt=figure.label, style="max-width:100%;display:block")


def _best_words(now: Snapshot) -> str:
    if not now.best:
        return now.last_failure.error if now.last_failure else ""
    row = now.best[0]
    return f"best {now.metric.name} {number(row.value)}, trial {row.trial}: {_setting(row.hparams)}"


def _running_words(trial: RunningTrial) -> str:
    value = "" if trial.value is None else f", {number(trial.value)}"
    epochs = f"epoch {len(trial.curve)} of {trial.epochs}"
    return f"trial {trial.trial}: {epochs}{value}  {_setting(trial.hparams)}"


def _setting(hparams: Any) -> str:
    return "  ".join(assignments(list(hparams.items())))
