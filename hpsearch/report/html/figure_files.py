"""``hpsearch report --figures``: every figure of the page as a file of its own.

A file gets the page's rules with the light theme's colours in place of variables, which only
browsers know, so that editors and converters draw it alike.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from hpsearch.errors import UsageError
from hpsearch.report.analysis.rows import Summary
from hpsearch.report.html.colours import LIGHT
from hpsearch.report.html.figures.curves import curves_figure, inside_figure
from hpsearch.report.html.figures.film import film_figure
from hpsearch.report.html.figures.front import front_figures, hypervolume_figure
from hpsearch.report.html.figures.history import history_figure
from hpsearch.report.html.figures.importance import importance_figure
from hpsearch.report.html.figures.parallel import parallel_figure
from hpsearch.report.html.figures.slices import slice_figures
from hpsearch.report.html.figures.svg import Figure, tag
from hpsearch.report.html.page_files import figure_style
from hpsearch.report.sections.model import PARAMETERS_DRAWN
from hpsearch.store.atomic import make_folders, write_bytes, write_text
from hpsearch.store.disk import disk_errors

FONT = "system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif"
PNG_ZOOM = 2


def all_figures(summary: Summary) -> Iterator[tuple[str, Figure]]:
    """Each figure that the run has, with its file's name, no suffix."""
    drawn: dict[str, Figure | None] = {
        "best-so-far": history_figure(summary),
        "what-mattered": importance_figure(summary),
        "coarse-to-fine": film_figure(summary),
        "parallel": parallel_figure(summary),
        "learning-curves": curves_figure(summary),
        "inside-the-best": inside_figure(summary),
    }
    fronts = front_figures(summary)
    drawn |= {f"front-{number}": figure for number, figure in enumerate(fronts, start=1)}
    drawn["hypervolume"] = hypervolume_figure(summary)
    names = [row.name for row in summary.parameters[:PARAMETERS_DRAWN]]
    slices = slice_figures(summary)
    drawn |= {f"slice-{_file_name(n)}": f for n, f in zip(names, slices, strict=False)}
    yield from ((name, figure) for name, figure in drawn.items() if figure)


def write_figures(summary: Summary, folder: Path, *, png: bool = False) -> list[Path]:
    """Write each figure as SVG, with ``png`` as PNG too; returns the files.

    Raises:
        RunError: the disk is full, read-only …
        UsageError: PNG was asked for, and the package that draws it is not installed.
    """
    with disk_errors(folder, "make the folder"):
        make_folders(folder)
    files = []
    for name, figure in all_figures(summary):
        picture = standalone(figure)
        files.append(folder / f"{name}.svg")
        write_text(files[-1], picture)
        if png:
            files.append(folder / f"{name}.png")
            write_bytes(files[-1], as_png(picture))
    return files


def standalone(figure: Figure) -> str:
    """A figure of the page as a whole SVG document in the light theme's colours."""
    style = tag("style", f"\ntext {{ font-family: {FONT}; }}\n{figure_style()}")
    card = tag("rect", width=figure.width, height=figure.height, fill=LIGHT["card"])
    return figure.drawn(style, card, sized=True) + "\n"


def as_png(picture: str) -> bytes:
    """An SVG document as PNG, twice as large.

    Raises:
        UsageError: the package that draws it is not installed.
    """
    try:
        renderer = importlib.import_module("resvg_py")
    except ImportError as error:
        raise UsageError(
            "PNG figures need a package more: pip install 'hpsearch[png]'; SVG needs none"
        ) from error
    return bytes(renderer.svg_to_bytes(svg_string=picture, zoom=PNG_ZOOM))


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)
