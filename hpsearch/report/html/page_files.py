"""The files of the page: its frame, style and script, as they lie in ``page/``.

Styles are templates: ``$card`` is a variable in the page, which has two themes, and a colour in a
figure that stands alone, since only browsers know variables.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from string import Template

from hpsearch.report.html.colours import DARK, LIGHT, declared

RANKS = 8
"""Colours by rank: ``c0`` for the best eighth of the trials … ``c7``."""


def page_file(name: str) -> str:
    """The text of one of them."""
    return (files("hpsearch.report.html") / "page" / name).read_text(encoding="utf-8")


def page_style() -> str:
    """The style of a page."""
    variables = {name: f"var(--{name})" for name in LIGHT} | {"mark": "var(--mark)", "which": ""}
    style = Template(page_file("style.css")).substitute(light=declared(LIGHT), dark=declared(DARK))
    drawn = page_file("figures.css") + page_file("marks.css")
    return style + Template(drawn).substitute(variables)


def figure_style() -> str:
    """The style of a figure that stands alone, in the light theme."""
    marks = Template(page_file("marks.css"))
    ranked = [
        marks.substitute(LIGHT, mark=LIGHT[f"c{rank}"], which=f".{kind}{rank}")
        for rank in range(RANKS)
        for kind in "cs"
    ]
    # The marks come first, so that a rule for one of them (.s0.pl) still wins.
    return "".join(ranked) + Template(page_file("figures.css")).substitute(LIGHT)


def content_hash(text: str) -> str:
    """The hash by which a content security policy allows a style or a script."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
