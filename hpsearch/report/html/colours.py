"""The colours of the page and of its figures, by what they are for: ``c0`` best … ``c7`` worst."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT = {
    "page": "#f6f7f8",
    "card": "#ffffff",
    "ink": "#171b21",
    "muted": "#56606d",
    "line": "#e1e5ea",
    "plot": "#fcfcfd",
    "best": "#b83b0b",
    "data": "#0b5fa5",
    "band": "#eef1f4",
    "shadow": "0 1px 2px #1419230f, 0 1px 10px #1419230a",
    "r0": "#0b5fa5",
    "r1": "#b83b0b",
    "r2": "#1a7f37",
    "r3": "#8250df",
    "r4": "#8a6100",
    "r5": "#56606d",
    "c0": "#081d58",
    "c1": "#1d3a8f",
    "c2": "#225ea8",
    "c3": "#1d83b8",
    "c4": "#2fa3ba",
    "c5": "#68b9ae",
    "c6": "#9cbfb4",
    "c7": "#b3bac2",
}
"""The light theme, in which figures stand alone too."""

DARK = {
    "page": "#0e1116",
    "card": "#161b22",
    "ink": "#e9ecf0",
    "muted": "#9aa5b3",
    "line": "#2a323c",
    "plot": "#12171d",
    "best": "#ff9f5a",
    "data": "#7cc4ff",
    "band": "#1b222b",
    "shadow": "none",
    "r0": "#7cc4ff",
    "r1": "#ff9f5a",
    "r2": "#6fdd8b",
    "r3": "#d2a8ff",
    "r4": "#f0d060",
    "r5": "#9aa5b3",
    "c0": "#fde725",
    "c1": "#b8de29",
    "c2": "#73d055",
    "c3": "#3cbb75",
    "c4": "#239a8b",
    "c5": "#2b7a8e",
    "c6": "#38598c",
    "c7": "#4f5478",
}
"""The dark theme."""


def declared(colours: Mapping[str, str]) -> str:
    """The colours as the declarations of CSS variables."""
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
