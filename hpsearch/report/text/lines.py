"""Lines and columns of a screen: fixed widths, no wrapping, whole columns dropped where narrow.

A screen is a list of lines (``rich.text.Text``), none wider than the screen, so that its height
is known before it is drawn. Text from outside enters as ``Text``, never as markup: ``[red]`` in a
name stays ``[red]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, chop_cells
from rich.text import Text

from hpsearch.portable import printable
from hpsearch.report.text.glyphs import LABEL

GAP = 2
WIDEST_CHARACTER = 2  # cells


@dataclass
class TextColumn:
    """One column. Those with the highest ``drop`` leave first, together; 0 never leaves."""

    header: str
    cells: Sequence[Text] = field(default_factory=list)
    right: bool = False
    drop: int = 0

    @property
    def width(self) -> int:
        """The width of its widest cell, in character cells."""
        return max([cell_len(self.header), *(cell.cell_len for cell in self.cells)], default=0)


def piece(text: str, style: str = "") -> Text:
    """Text from anywhere as one piece of a line, whatever control characters it holds."""
    return Text(printable(text, keep=""), style=style)


def cells(texts: Iterable[str], style: str = "") -> list[Text]:
    """The cells of a column in one style."""
    return [piece(text, style) for text in texts]


def join(*parts: str | tuple[str, str] | Text) -> Text:
    """One line from pieces: plain strings, (string, style) pairs, or finished text."""
    line = Text(no_wrap=True, end="")
    for part in parts:
        if isinstance(part, Text):
            line.append_text(part)
        elif isinstance(part, tuple):
            line.append_text(piece(*part))
        else:
            line.append_text(piece(part))
    return line


def truncate(line: Text, width: int) -> Text:
    """The line cut to a width, with an ellipsis where something is missing."""
    if line.cell_len > width:
        line = line.copy()
        line.truncate(width, overflow="ellipsis")
    return line


def justify(left: Text, right: Text, width: int) -> Text:
    """One piece at each end of a line; the right one is left out where there is no room."""
    room = width - left.cell_len - right.cell_len
    return join(left, " " * room, right) if room >= GAP else truncate(left, width)


def table(columns: Sequence[TextColumn], width: int, gap: int = GAP) -> list[Text]:
    """A head line and one line for each row, no wider than ``width``."""
    kept = [c for c in columns if c.width]
    while not fits(kept, width, gap):
        most = max(c.drop for c in kept)
        if most == 0:
            break
        kept = [c for c in kept if c.drop != most]
    rows = max((len(c.cells) for c in kept), default=0)
    lines = [_row(kept, [Text(c.header, style=LABEL) for c in kept], gap)]
    for row in range(rows):
        cells_here = [c.cells[row] if row < len(c.cells) else Text() for c in kept]
        lines += [_row(kept, cells_here, gap)]
    return [truncate(line, width) for line in lines]


def fits(columns: Sequence[TextColumn], width: int, gap: int = GAP) -> bool:
    """Whether a table has room for these columns; half of it is enough for a long last one."""
    widths = [c.width for c in columns if c.width]
    widths[-1:] = [min(last, width // 2) for last in widths[-1:]]
    return sum(widths) + gap * (len(widths) - 1) <= width


def sentence(text: str, width: int, style: str = "") -> list[Text]:
    """Words on as many lines as they need; one that is wider than a line goes on in the next."""
    words = (printable(word, keep="") for word in text.split())
    parts = [part for word in words for part in chop_cells(word, max(width, WIDEST_CHARACTER))]
    return wrap(cells(parts, style), width, gap=1)


def labelled(
    label: str, text: str, width: int, style: str = "", label_style: str = LABEL
) -> list[Text]:
    """A sentence beside its label, or below it where the label takes half of the width."""
    start = cell_len(label)
    if width < 2 * start:
        return [truncate(piece(label.rstrip(), label_style), width), *sentence(text, width, style)]
    return beside([piece(label, label_style)], sentence(text, width - start, style), start)


def beside(left: Sequence[Text], right: Sequence[Text], start: int) -> list[Text]:
    """Two blocks side by side, the right one from column ``start``."""
    lines = []
    for row in range(max(len(left), len(right))):
        piece = left[row] if row < len(left) else Text()
        other = right[row] if row < len(right) else Text()
        lines.append(join(piece, " " * (start - piece.cell_len), other) if other else piece)
    return lines


def wrap(pieces: Sequence[Text], width: int, gap: int = GAP) -> list[Text]:
    """Pieces one after the other, on as many lines as they need."""
    lines: list[Text] = []
    for piece in pieces:
        if lines and lines[-1].cell_len + gap + piece.cell_len <= width:
            lines[-1] = join(lines[-1], " " * gap, piece)
        else:
            lines.append(truncate(piece, width))
    return lines


def _row(columns: Sequence[TextColumn], row: Sequence[Text], gap: int) -> Text:
    line = Text(no_wrap=True, end="")
    for number, (column, cell) in enumerate(zip(columns, row, strict=True)):
        space = " " * (column.width - cell.cell_len)
        if number:
            line.append(" " * gap)
        line.append_text(join(space, cell) if column.right else join(cell, space))
    line.rstrip()
    return line
