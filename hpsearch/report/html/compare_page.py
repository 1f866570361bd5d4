"""``hpsearch compare --html``: several runs on one page that needs nothing else."""

from __future__ import annotations

from string import Template

from hpsearch.report.analysis.compare import Agreement, Compared, ComparedRun
from hpsearch.report.html.figures.progress import progress_figures, run_style
from hpsearch.report.html.figures.svg import escape, tag
from hpsearch.report.html.page_files import content_hash, page_file, page_style
from hpsearch.space import Number
from hpsearch.text import duration, number, numbers, plural, span


def compare_html(compared: Compared) -> str:
    """The whole page."""
    style = page_style()
    policy = (
        f"default-src 'none'; style-src 'sha256-{content_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    figures = progress_figures(compared)
    caption = (
        "On one scale. Epochs and training time are those of all trials together:"
        " what the search cost, not how long it took."
    )
    sections = [
        _section("Runs", _runs(compared)),
        _section(
            "Best so far", tag("p", caption, class_="cap"), tag("div", *figures, class_="slices")
        )
        if figures
        else "",
        _section("Best settings", _settings(compared)),
        _section("Where they agree", _agreements(compared)),
        _section("What differed in the configs", *_differences(compared)),
    ]
    names = " · ".join(run.name for run in compared.runs)
    return Template(page_file("plain.html")).substitute(
        command="compare",
        policy=policy,
        style=style,
        title=escape(names),
        facts=escape(f"{plural(len(compared.runs), 'run')}, {compared.metric.name}"),
        sections="".join(sections),
    )


def _section(title: str, *content: str) -> str:
    return tag("section", tag("h2", title), *content, class_="card c12")


def _table(caption: str, heads: list[str], rows: list[list[str]]) -> str:
    """A table of finished cells; the first of each row is its heading."""
    head = tag("tr", *(tag("th", h, scope="col") for h in heads))
    body = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    ]
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", table, class_="wide plain", tabindex="0", role="region", aria_label=caption)


def _key(place: int) -> str:
    """A short stroke in a run's colour and pattern."""
    line = tag("path", d="M0 5H26", class_=f"run {run_style(place)}")
    return tag("svg", line, viewBox="0 0 26 10", class_="key", aria_hidden="true")


def _runs(compared: Compared) -> str:
    metric = escape(compared.metric.name)
    heads = ["run", f"best {metric}", "at trial", "trials", "epochs", "training"]
    bests = [run.summary.best for run in compared.runs]
    values = numbers(best.value if best else None for best in bests)
    rows = []
    for place, (run, best, value) in enumerate(zip(compared.runs, bests, values, strict=True)):
        trials = run.summary.trials
        rows.append(
            [
                f"{_key(place)} {escape(run.name)}",
                value,
                f"#{best.trial}" if best else "-",
                f"{len(trials):,}",
                f"{sum(t.epochs for t in trials):,}",
                duration(run.summary.seconds),
            ]
        )
    return _table("Runs", heads, rows)


def _settings(compared: Compared) -> str:
    heads = [
        "hyperparameter",
        *(f"{_key(k)} {escape(run.name)}" for k, run in enumerate(compared.runs)),
    ]
    rows = []
    for name in compared.hyperparameters:
        bests = [run.summary.best for run in compared.runs]
        texts = [number(best.hparams.get(name)) if best else "-" for best in bests]
        same = len(set(texts)) == 1
        rows.append([escape(name), *(escape(t) if same else tag("b", escape(t)) for t in texts)])
    return _table("Best settings, in bold where they differ", heads, rows)


def _agreements(compared: Compared) -> str:
    if not compared.agreements:
        return tag("p", "The runs searched different parameters.", class_="cap")
    rows = [[escape(a.parameter.name), escape(_told(a))] for a in compared.agreements]
    return _table(
        "Ranges that all runs searched last", ["hyperparameter", "searched last by all"], rows
    )


def _told(agreement: Agreement) -> str:
    if agreement.span is None:
        return "apart"
    values = agreement.span.values
    if isinstance(agreement.parameter, Number):
        return span(values[0], values[-1])
    return ", ".join(number(value) for value in values)


def _differences(compared: Compared) -> list[str]:
    first = escape(compared.runs[0].name)
    return [_difference(run, first) for run in compared.runs[1:]]


def _difference(run: ComparedRun, first: str) -> str:
    name = tag("b", escape(run.name))
    if not run.differs:
        return tag("p", name, f": the same config as {first}")
    lines = tag("ul", *(tag("li", tag("code", escape(line))) for line in run.differs))
    return tag("p", name, f", unlike {first}:") + lines
