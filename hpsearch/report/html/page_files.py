"""The files of the page: its frame, style and script, as they lie in ``page/``."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files


def page_file(name: str) -> str:
    """The text of one of them."""
    return (files("hpsearch.report.html") / "page" / name).read_text(encoding="utf-8")


def content_hash(text: str) -> str:
    """The hash by which a content security policy allows a style or a script."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
