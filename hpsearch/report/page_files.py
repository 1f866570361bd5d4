"""The files of the page: its frame, style and script, as they lie in ``page/``."""

from __future__ import annotations

from importlib.resources import files


def page_file(name: str) -> str:
    """The text of one of them."""
    return (files("hpsearch.report") / "page" / name).read_text(encoding="utf-8")
