"""``hpsearch report`` on a babysat run."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.store.rundir import RunFolder


def write_page(folder: RunFolder, output: Path | None) -> None:
    """Write the page of a babysat run: report.html in its folder, or ``output``."""
    from hpsearch.launch import recorded_environment
    from hpsearch.panda.opening import read_lineage
    from hpsearch.report.panda_page import as_html
    from hpsearch.store.atomic import write_text

    path = output or folder.path / "report.html"
    write_text(path, as_html(folder.name, read_lineage(folder), recorded_environment(folder)))
    click.echo(f"wrote {path}", err=True)


def report_babysat(folder: RunFolder, style: str, timing: bool, output: Path | None) -> None:
    """Show or write the report of a babysat run; the styles are those of ``--format``."""
    from rich.console import Console

    from hpsearch.panda.opening import read_lineage
    from hpsearch.report.glyphs import for_console
    from hpsearch.report.panda_report import as_csv, as_json, as_markdown, report_lines
    from hpsearch.store.atomic import write_text

    lineage = read_lineage(folder)
    writers = {"csv": as_csv, "json": as_json, "md": as_markdown}
    if style in writers:
        text = writers[style](lineage, timing=timing)
    else:
        console = Console(highlight=False, record=output is not None, quiet=output is not None)
        for line in for_console(report_lines(folder.name, lineage, console.width), console):
            console.print(line, soft_wrap=True)
        if output is None:
            return
        text = console.export_text()
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
        click.echo(f"wrote {output}", err=True)
