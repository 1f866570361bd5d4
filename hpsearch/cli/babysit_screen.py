"""What ``hpsearch babysit`` draws: the one file of it that knows rich.

Importing rich takes as long as starting Python, and the first prompt has nothing to draw: so this
file is imported when the first picture is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from hpsearch.panda.compare import Comparison
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.probe import Tried
from hpsearch.records import Hparams
from hpsearch.report.sections.babysat import branch_table, ledger_table
from hpsearch.report.text import panda_lines
from hpsearch.report.text.lines import wrap
from hpsearch.report.text.panda_chart import chart_lines
from hpsearch.report.text.terminal import print_lines
from hpsearch.report.text.writer import block_lines


class Screen:
    """Stdout, and pictures that fit it."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def show(self, lines: Sequence[Text]) -> None:
        """Print the lines."""
        print_lines(lines, self.console)

    def status(self, lineage: Lineage, effective: Hparams, names: Sequence[str]) -> None:
        """Where the model stands, and its best."""
        self.show(panda_lines.status_lines(lineage, effective, names, self.console.width))

    def after_go(self, lineage: Lineage, effective: Hparams, names: Sequence[str]) -> None:
        """The chart, where somebody looks at it, and the status."""
        if self.console.is_terminal:
            self.show(chart_lines(lineage, self.console.width))
        self.status(lineage, effective, names)

    def everything(self, lineage: Lineage, effective: Hparams, names: Sequence[str]) -> None:
        """The chart, the status, and all settings."""
        self.show(chart_lines(lineage, self.console.width))
        self.status(lineage, effective, names)
        pieces = panda_lines.settings_pieces(lineage.hparams, effective, list(lineage.hparams))
        self.show([Text("all settings", style="dim"), *wrap(pieces, self.console.width)])

    def tree(self, lineage: Lineage) -> None:
        """The branches."""
        self.show(block_lines(branch_table(lineage), self.console.width))

    def log(self, lineage: Lineage) -> None:
        """Everything that was done."""
        self.show(block_lines(ledger_table(lineage), self.console.width))

    def diff(self, lineage: Lineage, comparison: Comparison) -> None:
        """Two branches side by side."""
        self.show(panda_lines.diff_lines(lineage, comparison, self.console.width))

    def probe(self, lineage: Lineage, name: str, results: Sequence[Tried]) -> None:
        """What an epoch with each value came to."""
        self.show(panda_lines.probe_lines(lineage, name, results, self.console.width))

    def help(self, topic: str | None) -> None:
        """The commands."""
        self.show(panda_lines.help_lines(topic, self.console.width))
