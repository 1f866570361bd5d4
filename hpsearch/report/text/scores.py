"""How good predictions are, as lines of text: the metrics, then which class is taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.predict.network_file import AnyScores
from hpsearch.text import number

MOST_CLASSES = 30
"""A larger matrix has lines too long to read; its largest numbers are listed instead."""

_MOST_MISTAKES = 20
_LONGEST_NAME = 12


def score_lines(scores: AnyScores) -> list[str]:
    """The metrics, a line each."""
    shown = {"rows": f"{scores.rows:,}"}
    shown |= {name: number(value) for name, value in scores.shown().items()}
    widest = max(map(len, shown))
    return [f"{name:{widest}}  {value}" for name, value in shown.items()]


def confusion_lines(classes: Sequence[str], confusion: NDArray[np.integer[Any]]) -> list[str]:
    """The confusion matrix, (classes, classes), labels down and predictions across; 0 is a dot.

    Of more than ``MOST_CLASSES`` classes only the most frequent mistakes are named.
    """
    if len(classes) > MOST_CLASSES:
        return _mistake_lines(classes, confusion)
    names = [_short(name) for name in classes]
    cells = [[str(count) if count else "." for count in row] for row in confusion.tolist()]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    edge = max(map(len, names))
    lines = ["labels down, predictions across:", _row("", edge, names, widths)]
    return lines + [_row(n, edge, row, widths) for n, row in zip(names, cells, strict=True)]


def _row(name: str, edge: int, cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([name.rjust(edge), *padded])


def _mistake_lines(classes: Sequence[str], confusion: NDArray[np.integer[Any]]) -> list[str]:
    wrong = confusion - np.diag(np.diag(confusion))
    largest = np.argsort(-wrong, axis=None, kind="stable")[:_MOST_MISTAKES]
    places = [divmod(int(place), len(classes)) for place in largest]
    lines = [
        f"  {_short(classes[row])} taken for {_short(classes[column])}: {wrong[row, column]}"
        for row, column in places
        if wrong[row, column]
    ]
    return ["the most frequent mistakes:", *lines] if lines else ["no mistakes"]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
