"""What a screen is made of, for the writer of a terminal and for that of a page alike.

    Report ─ Section ┬ Caption              a sentence that explains, where there is room for it
                     ├ Table                columns of cells
                     ├ Listing              a heading with lines below it
                     ├ Settings, Repeat     what a page alone has room for
                     ├ Standing             what a terminal alone needs
                     └ Progress, Curve,     figures: the facts that they are drawn from
                       Branches, Ledger

A section says what is shown and what it means (the best one, what is unlike the others); how that
looks is the writer's: a colour, a pattern of dashes, bold letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from hpsearch.panda.lineage import Lineage
from hpsearch.records import Hparams
from hpsearch.report.analysis.compare import Compared
from hpsearch.report.analysis.rows import Span


class Look(Enum):
    """What a cell is, beside its text."""

    PLAIN = "plain"
    NAME = "name"  # what its row is about
    BEST = "best"
    ALIKE = "alike"  # as in all columns
    UNLIKE = "unlike"
    BETTER = "better"
    WORSE = "worse"
    NOTE = "note"
    NOTHING = "nothing"  # stands for what there is none of


@dataclass(frozen=True)
class Cell:
    """A text of a table. ``run`` is the place of the run that it names, which has a colour."""

    text: str
    look: Look = Look.PLAIN
    run: int | None = None


@dataclass(frozen=True)
class Column:
    """One column. ``short`` is its head in a terminal, if not ``head``.

    Where it is narrow, those with the highest ``drop`` leave first. ``run`` is the run whose
    column it is.
    """

    head: str
    cells: tuple[Cell, ...]
    numbers: bool = False
    drop: int = 0
    short: str | None = None
    run: int | None = None


@dataclass(frozen=True)
class Strips:
    """A column of small pictures: a part of an axis inside the whole; ``None`` draws nothing."""

    spans: tuple[Span | None, ...]
    drop: int = 0


@dataclass(frozen=True)
class Table:
    """Columns of equal length, the first with what each row is about."""

    caption: str
    columns: tuple[Column | Strips, ...]


@dataclass(frozen=True)
class Caption:
    """A sentence that explains what is below it."""

    text: str


@dataclass(frozen=True)
class Listing:
    """Lines below a heading: a run, and what is told of its ``subject``.

    Where the section's title names the subject, the heading does not.
    """

    run: int
    name: str
    subject: str
    told: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """The best so far of several runs, against trials, epochs and seconds."""

    compared: Compared


@dataclass(frozen=True)
class Curve:
    """The curve of a babysat model, with what changed on the way."""

    lineage: Lineage


@dataclass(frozen=True)
class Standing:
    """Where a babysat run stands and its best epoch, with the settings that were ever changed."""

    lineage: Lineage
    settings: tuple[str, ...]


@dataclass(frozen=True)
class Branches:
    """The branches of a babysat run."""

    lineage: Lineage


@dataclass(frozen=True)
class Ledger:
    """Everything that was done to a babysat run."""

    lineage: Lineage


@dataclass(frozen=True)
class Settings:
    """All settings with their values."""

    values: Hparams


@dataclass(frozen=True)
class Repeat:
    """The command that makes it again, and the versions and machine it was made with."""

    command: str
    facts: Mapping[str, str]


Block = (
    Caption | Table | Listing | Progress | Curve | Standing | Branches | Ledger | Settings | Repeat
)


@dataclass(frozen=True)
class Section:
    """One part of a screen. ``short`` is its heading in a terminal; mostly none is needed."""

    title: str
    blocks: tuple[Block, ...]
    short: str = ""


@dataclass(frozen=True)
class Report:
    """A whole screen: its command, what it is about, and a line of facts.

    ``brief`` is what a terminal says of both, beside the command.
    """

    command: str
    title: str
    facts: str
    brief: str
    sections: tuple[Section, ...]


def texts(values: list[str], look: Look = Look.PLAIN) -> tuple[Cell, ...]:
    """The cells of a column of one look."""
    return tuple(Cell(value, look) for value in values)
