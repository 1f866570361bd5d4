"""What a screen is made of, for the writer of a terminal and for that of a page alike.

    Report ─ Section ┬ Sentence             what was learnt
                     ├ Caption              how to read what is below it, where there is room
                     ├ Facts                the few numbers that come first
                     ├ Table                columns of cells
                     ├ Failures             groups of failed trials
                     ├ Listing              a heading with lines below it
                     ├ Settings, Repeat     what a page alone has room for
                     ├ Status               what a terminal alone needs
                     └ Plot, Progress, Curve   figures: the facts that they are drawn from

A section says what is shown and what it means (the best one, what is unlike the others); how that
looks is the writer's: a colour, a pattern of dashes, bold letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from hpsearch.panda.lineage import Lineage
from hpsearch.records import Hparams
from hpsearch.report.analysis.axis import ValueAxis
from hpsearch.report.analysis.compare import Compared
from hpsearch.report.analysis.rows import Curve as Values
from hpsearch.report.analysis.rows import Quartiles, Span, Summary
from hpsearch.text import plural

PARAMETERS_DRAWN = 12
"""A figure shows the parameters that mattered most; all of them are in the table of trials."""


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

    Where it is narrow, those with the highest ``drop`` leave first, after every head became its
    ``narrow`` one. ``run`` is the run whose column it is.
    """

    head: str
    cells: tuple[Cell, ...]
    numbers: bool = False
    drop: int = 0
    short: str | None = None
    narrow: str | None = None
    run: int | None = None
    page_only: bool = False


@dataclass(frozen=True)
class Strips:
    """A column of small pictures: a part of an axis inside the whole; ``None`` draws nothing."""

    spans: tuple[Span | None, ...]
    drop: int = 0


@dataclass(frozen=True)
class Boxes:
    """A column of box plots on one axis; ``None`` draws nothing."""

    head: str
    quartiles: tuple[Quartiles | None, ...]
    axis: ValueAxis
    drop: int = 0


@dataclass(frozen=True)
class Sparklines:
    """A column of learning curves, each as wide as its share of ``epochs``, if that is given."""

    curves: tuple[Values, ...]
    axis: ValueAxis
    epochs: int | None = None
    drop: int = 0
    width: int = 14


Pictures = Strips | Boxes | Sparklines
AnyColumn = Column | Pictures


@dataclass(frozen=True)
class Table:
    """Columns of equal length, the first with what each row is about.

    ``trials`` has the trial of each row, where rows are trials: the page's script filters them.
    """

    caption: str
    columns: tuple[AnyColumn, ...]
    trials: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """What was learnt; it is shown everywhere."""

    text: str


@dataclass(frozen=True)
class Caption:
    """How to read what is below it: shown where there is room, and never alone."""

    text: str


@dataclass(frozen=True)
class Fact:
    """A number that comes first, with its name and where it comes from."""

    name: str
    value: str
    detail: str
    look: Look = Look.PLAIN


@dataclass(frozen=True)
class Facts:
    """The few numbers that come first, and the settings of the best trial."""

    facts: tuple[Fact, ...]
    settings: Hparams


@dataclass(frozen=True)
class FailureGroup:
    """``head`` counts its trials and says how they ended; ``trials`` has their numbers.

    ``shared`` is what they alone have in common, empty where nothing is.
    """

    head: str
    error: str
    shared: str
    trials: tuple[int, ...]


@dataclass(frozen=True)
class Failures:
    """Failed and diverged trials by kind; ``hint`` says where to look further, in a terminal."""

    title: str
    groups: tuple[FailureGroup, ...]
    hint: str = ""

    def left_out(self, shown: int) -> str:
        """What is said below the first ``shown`` groups; empty where there are no more."""
        hidden = len(self.groups) - shown
        return f"and {plural(hidden, 'more kind')} of failure" if hidden > 0 else ""


class PlotKind(Enum):
    """The figures of a search."""

    BEST_SO_FAR = "best so far"
    IMPORTANCE = "importance"
    ROUNDS = "rounds"
    PARAMETERS = "parameters"
    PARALLEL = "parallel"
    CURVES = "curves"
    INSIDE = "inside"
    FRONT = "front"
    HYPERVOLUME = "hypervolume"


@dataclass(frozen=True)
class Plot:
    """A figure of a search; a terminal draws some of them."""

    kind: PlotKind
    summary: Summary


@dataclass(frozen=True)
class Listing:
    """Lines below a heading: a run's name, and what the lines are."""

    run: int
    name: str
    text: str
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
class Status:
    """Where a babysat run stands and its best epoch, with the settings that were ever changed."""

    lineage: Lineage
    settings: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """All settings with their values."""

    values: Hparams


@dataclass(frozen=True)
class Repeat:
    """The command that makes it again, the versions and machine it was made with, its config."""

    command: str | None
    facts: Mapping[str, str]
    config: str | None = None


Block = (
    Sentence
    | Caption
    | Facts
    | Table
    | Failures
    | Listing
    | Plot
    | Progress
    | Curve
    | Status
    | Settings
    | Repeat
)


@dataclass(frozen=True)
class Section:
    """One part of a screen, ``width`` of 12 columns wide in a page.

    ``short`` is its heading in a terminal; mostly none is needed.
    """

    title: str
    blocks: tuple[Block, ...]
    short: str = ""
    width: int = 12


@dataclass(frozen=True)
class Report:
    """A whole screen: its command, what it is about, and the facts beside that."""

    command: str
    title: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]


def texts(values: Iterable[str], look: Look = Look.PLAIN) -> tuple[Cell, ...]:
    """The cells of a column of one look."""
    return tuple(Cell(value, look) for value in values)
