"""SVG as text: attribute values and the words of :func:`text` are escaped here."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hpsearch.text import clean

Attribute = str | float | None


def escape(words: str) -> str:
    """Words from anywhere as HTML or SVG text on one line."""
    return html.escape(clean(words))


def coordinate(value: float) -> str:
    """A length in pixels, to a tenth.

    >>> [coordinate(v) for v in (3.0, 0.25, -0.04)]
    ['3', '0.2', '0']
    """
    shown = f"{value:.1f}"
    shown = shown.removesuffix(".0")
    return "0" if shown == "-0" else shown


def tag(name: str, *children: object, **attributes: Attribute) -> str:
    """An element. ``class_`` is ``class``, other underscores are hyphens; ``None`` is left out."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return (
        f"<{name}{shown}/>"
        if not children
        else f"<{name}{shown}>{''.join(map(str, children))}</{name}>"
    )


def _value(value: Attribute) -> str:
    return html.escape(value) if isinstance(value, str) else coordinate(value or 0.0)


def text(words: str, x: float, y: float, class_: str = "", anchor: str = "start") -> str:
    """A text whose ``anchor`` (start, middle, end) is at (x, y)."""
    return tag(
        "text",
        escape(words),
        x=x,
        y=y,
        class_=class_ or None,
        text_anchor=None if anchor == "start" else anchor,
    )


def path(points: Iterable[tuple[float, float]]) -> str:
    """The ``d`` of a line through points."""
    return "M" + "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)


def steps(points: Sequence[tuple[float, float]]) -> str:
    """The ``d`` of a line that goes sideways to each point and then straight to its height."""
    if not points:
        return ""
    moves = "".join(f"H{coordinate(x)}V{coordinate(y)}" for x, y in points[1:])
    return f"M{coordinate(points[0][0])} {coordinate(points[0][1])}{moves}"


@dataclass(frozen=True)
class Figure:
    """A whole picture that scales with the page, in pixels; ``label`` is what it says in words.

    The role is ``group`` for a picture with parts that a reader can work with.
    """

    width: float
    height: float
    label: str
    parts: tuple[str, ...]
    role: str = "img"

    def __str__(self) -> str:
        """The picture as an element of the page."""
        return self.drawn()

    def drawn(self, *behind: str, sized: bool = False) -> str:
        """The SVG element, ``behind`` before all else; ``sized`` for one that stands alone."""
        width, height = coordinate(self.width), coordinate(self.height)
        return tag(
            "svg",
            *behind,
            *self.parts,
            class_="fig",
            viewBox=f"0 0 {width} {height}",
            role=self.role,
            aria_label=clean(self.label),
            xmlns="http://www.w3.org/2000/svg",
            width=width if sized else None,
            height=height if sized else None,
        )


def star(x: float, y: float, radius: float) -> str:
    """The ``d`` of a five-pointed star."""
    points = []
    for corner in range(10):
        angle = math.pi * (corner / 5 - 0.5)
        length = radius if corner % 2 == 0 else radius * 0.42
        points.append((x + length * math.cos(angle), y + length * math.sin(angle)))
    return path(points) + "Z"


def cross(x: float, y: float, radius: float) -> str:
    """The ``d`` of a diagonal cross."""
    r = coordinate(radius)
    d = coordinate(2 * radius)
    return f"M{coordinate(x - radius)} {coordinate(y - radius)}l{d} {d}m0 -{d}l-{d} {d}m{r} 0"
