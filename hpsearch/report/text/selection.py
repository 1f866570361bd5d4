"""Some of a run's trials in place of all: the failed ones, the best few, or a single one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from hpsearch.errors import UsageError
from hpsearch.records import ranked_results
from hpsearch.report.analysis.failures import FAILED
from hpsearch.report.analysis.rows import RunView, Summary
from hpsearch.report.sections.search import search_report
from hpsearch.report.sections.trials import failed_report, top_report
from hpsearch.report.text.trial_view import trial_lines
from hpsearch.report.text.writer import report_lines
from hpsearch.search.proposals import Reasons

TOP_TRIALS = 8
"""Trials in the table of a report."""


@dataclass(frozen=True)
class Selection:
    """Which trials of a run are wanted: those that failed, the ``top`` best, one, or all.

    Raises:
        UsageError: more than one of these is asked for.
    """

    failed: bool = False
    top: int | None = None
    trial: int | None = None

    def __post_init__(self) -> None:
        if self.failed + (self.top is not None) + (self.trial is not None) > 1:
            raise UsageError("--failed, --top and --trial choose different trials; give one")

    @property
    def is_all(self) -> bool:
        """Whether every trial is wanted."""
        return self == Selection()

    def of(self, view: RunView) -> RunView:
        """The view with these trials alone, by index, or the best first.

        Raises:
            UsageError: the one trial is not recorded.
        """
        if self.failed:
            return replace(view, results=[r for r in view.results if r.state in FAILED])
        if self.top is not None:
            return replace(view, results=ranked_results(view.results, view.metric)[: self.top])
        if self.trial is not None:
            return replace(view, results=[view.result(self.trial)])
        return view

    def lines(
        self,
        summary: Summary,
        width: int,
        log: Callable[[int], Sequence[str]],
        why: Reasons | None = None,
    ) -> list[Text]:
        """What the terminal shows of them; ``log`` gives the end of a trial's log.

        ``why`` has the reasons for the point of the one trial.

        Raises:
            UsageError: the one trial is not recorded.
        """
        if self.failed:
            return report_lines(failed_report(summary), width)
        if self.top is not None:
            return report_lines(top_report(summary, self.top), width)
        if self.trial is not None:
            return trial_lines(summary, self.trial, width, log(self.trial), why)
        return search_lines(summary, width)


def search_lines(summary: Summary, width: int) -> list[Text]:
    """The report on all trials."""
    return report_lines(search_report(summary, summary.ranked[:TOP_TRIALS]), width)
