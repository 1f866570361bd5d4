"""What Python shows data with: a page in a notebook, a DataFrame where pandas is installed."""

from __future__ import annotations

import html
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from hpsearch.errors import UsageError

PAGE_HEIGHT = 720  # pixels of a notebook that a page takes


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this; IPython in a terminal has none."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def page_frame(title: str, page: str) -> str:
    """A whole page as an element of a notebook's output."""
    style = f"width:100%;height:{PAGE_HEIGHT}px;border:0"
    return (
        f'<iframe title="{html.escape(title, quote=True)}" style="{style}" '
        f'sandbox="allow-scripts" srcdoc="{html.escape(page, quote=True)}"></iframe>'
    )


def data_frame(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """A table as a pandas DataFrame.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        pandas: Any = import_module("pandas")
    except ImportError as e:
        raise UsageError(
            "to_pandas needs pandas, which is not installed; install it with: pip install pandas"
        ) from e
    return pandas.DataFrame(rows, columns=header)
