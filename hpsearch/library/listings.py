"""What a babysat model is asked for: rows to work with, which show themselves as a table."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from hpsearch.report.text.terminal import NARROWEST

if TYPE_CHECKING:
    from hpsearch.report.sections.model import Table

Row = dict[str, Any]


class Line(Protocol):
    """A drawn line of a terminal."""

    @property
    def plain(self) -> str:
        """Its characters, without colours."""


class Listing(Sequence[Row]):
    """Rows, each a dict; ``repr`` is what the command line prints, and a notebook has a table."""

    def __init__(
        self,
        rows: Sequence[Row],
        lines: Callable[[int], Sequence[Line]],
        table: Callable[[], Table] | None = None,
    ) -> None:
        self._rows, self._lines, self._table = list(rows), lines, table

    def __getitem__(self, place: Any) -> Any:
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __repr__(self) -> str:
        width = max(shutil.get_terminal_size().columns, NARROWEST)
        return "\n".join(line.plain.rstrip() for line in self._lines(width))

    def _repr_html_(self) -> str | None:
        """The table; ``None`` where there is only text, which a notebook then shows."""
        if self._table is None:
            return None
        from hpsearch.report.html.writer import block_element  # noqa: PLC0415

        return block_element(self._table())


class Probe(Listing):
    """What a range test found: a row for each value that was tried for one epoch.

    ``best`` is the value after which the metric on the training set was best, ``None`` if all went
    wrong.
    """

    best: Any = None
