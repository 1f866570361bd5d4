"""``hpsearch report`` on a babysat run."""

from __future__ import annotations

from pathlib import Path

from hpsearch.cli.output import give_lines, give_text, wrote
from hpsearch.store.rundir import RunFolder


def write_page(folder: RunFolder, output: Path | None) -> None:
    """Write the page of a babysat run: report.html in its folder, or ``output``."""
    from hpsearch.panda.reading import read_lineage
    from hpsearch.report.html.writer import report_page
    from hpsearch.report.sections.babysat import babysat_report
    from hpsearch.store.atomic import write_text
    from hpsearch.training.environment import recorded_environment

    path = output or folder.path / "report.html"
    report = babysat_report(folder.name, read_lineage(folder), recorded_environment(folder))
    write_text(path, report_page(report))
    wrote(path)


def report_babysat(folder: RunFolder, style: str, timing: bool, output: Path | None) -> None:
    """Show or write the report of a babysat run; the styles are those of ``--format``."""
    from hpsearch.panda.reading import read_lineage
    from hpsearch.report.export.epoch_tables import as_csv, as_json, as_markdown
    from hpsearch.report.sections.babysat import babysat_report
    from hpsearch.report.text.writer import report_lines

    lineage = read_lineage(folder)
    writers = {"csv": as_csv, "json": as_json, "md": as_markdown}
    if style in writers:
        give_text(writers[style](lineage, timing=timing), output)
    else:
        report = babysat_report(folder.name, lineage)
        give_lines(lambda width: report_lines(report, width), output)
