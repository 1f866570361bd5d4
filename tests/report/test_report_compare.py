"""Comparing runs."""

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console
from synthetic_runs import CONFIG, METRIC, made_up_run, result

from hpsearch.config import load_text
from hpsearch.errors import UsageError
from hpsearch.records import Goal, Metric, State
from hpsearch.report.analysis.compare import compare, progress, shared_axis
from hpsearch.report.analysis.rows import RunView, Span
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.html.figures.progress import progress_figures
from hpsearch.report.html.writer import report_page
from hpsearch.report.sections.compare import compare_report
from hpsearch.report.text.terminal import print_lines
from hpsearch.report.text.writer import report_lines
from hpsearch.space import LOG, Choice, Number, Space


def config(text=CONFIG):
    return load_text(text, "config.yaml", Path("/nowhere"), "config").config


SAME = config()
OTHER = config(CONFIG.replace("seed: 3", "seed: 4").replace("max: 1.0", "max: 0.1"))
VIEWS = [made_up_run(100), replace(made_up_run(60, seed=4), name="<other> [red]")]
COMPARED = compare(VIEWS, [SAME, OTHER])

SMALL = Space((Number("alpha", low=0.01, high=1.0, scale=LOG), Choice("opt", values=("a", "b"))))


def small(name, values, ranges, space=SMALL):
    results = [
        result(
            i,
            v,
            {"alpha": 0.1, "opt": "a"},
            space,
            epochs=2,
            seconds=3.0,
            ranges=ranges,
            state=State.FAILED if v is None else State.DONE,
        )
        for i, v in enumerate(values)
    ]
    return RunView(name, space, METRIC, results)


def text(lines):
    return "\n".join(line.plain for line in lines)


def test_progress_worked_by_hand():
    found = progress(summarise(small("r", [None, 0.5, 0.7, 0.2], {})))
    # The failed first trial cost 2 epochs and 3 seconds, and gave nothing.
    assert found["trials"].spent == (2, 3, 4)
    assert found["trials"].best == (0.5, 0.5, 0.2)
    assert found["epochs"].spent == (4, 6, 8)
    assert found["seconds"].spent == (6, 9, 12)


def test_ranges_meet_or_lie_apart():
    one = small("one", [0.1, 0.2], {"alpha": (0.01, 0.1), "opt": ("a", "b")})
    two = small("two", [0.1, 0.2], {"alpha": (0.05, 0.5), "opt": ("b",)})
    three = small("three", [0.1, 0.2], {"alpha": (0.2, 0.5), "opt": ("a",)})
    alpha, opt = compare([one, two], [SAME, SAME]).agreements
    assert alpha.span.values == pytest.approx((0.05, 0.1))
    assert opt.span == Span(0, 1, ("b",))
    assert [a.span for a in compare([one, two, three], [SAME] * 3).agreements] == [None, None]


def test_parameters_on_other_axes_are_not_compared():
    other = Space((Number("alpha", low=0.01, high=1.0), Choice("opt", values=("a", "c"))))
    found = compare([small("one", [0.1], {}), small("two", [0.1], {}, other)], [SAME, SAME])
    assert found.agreements == ()


def test_differences_of_the_configs():
    assert COMPARED.runs[0].differs == ()
    told = " ".join(COMPARED.runs[1].differs)
    assert "seed: 3 -> 4" in told
    assert "parameters.alpha.max: 1.0 -> 0.1" in told


def test_runs_of_other_metrics_and_single_runs_are_refused():
    other = replace(VIEWS[1], metric=Metric("dev_error", Goal.MAXIMIZE))
    with pytest.raises(UsageError, match="compare runs of one metric"):
        compare([VIEWS[0], other], [SAME, SAME])
    with pytest.raises(UsageError, match="at least two runs"):
        compare(VIEWS[:1], [SAME])


@pytest.mark.parametrize("width", [60, 80, 108, 140])
def test_lines_fit_and_tell_everything(width):
    lines = report_lines(compare_report(COMPARED), width)
    assert max(line.cell_len for line in lines) <= width
    shown = text(lines)
    for words in ("best so far by epochs", "seed: 3 -> 4", "<other> [red]", "searched last by all"):
        assert words in shown
    best = [run.summary.best.value for run in COMPARED.runs]
    assert f"{min(best):.4g}"[:5] in shown


def test_many_runs_and_ascii():
    views = [replace(made_up_run(12, seed=s), name=f"run-{s}") for s in range(9)]
    compared = compare(views, [SAME] * 9)
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_lines(report_lines(compare_report(compared), 80), Console(file=file, width=80))
    file.flush()
    shown = file.buffer.getvalue().decode("ascii")
    assert "run-8" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert len(progress_figures(compared)) == 3


def test_runs_without_a_value():
    compared = compare([made_up_run(0), made_up_run(0)], [SAME, SAME])
    assert shared_axis(compared) is None
    assert "best so far" not in text(report_lines(compare_report(compared), 80))
    assert progress_figures(compared) == []
    assert "Best so far" not in report_page(compare_report(compared))


def test_one_axis_for_all_and_it_leaves_out_the_first_trials():
    axis = shared_axis(COMPARED)
    bests = [run.progress["trials"].best for run in COMPARED.runs]
    assert axis.low == min(b[-1] for b in bests)
    assert axis.high == max(b[len(b) // 20] for b in bests)


def test_figures_and_page():
    figures = progress_figures(COMPARED)
    assert len(figures) == 3
    for figure in figures:
        lines = [
            e for e in ET.fromstring(str(figure)).iter() if "run" in e.get("class", "").split()
        ]
        assert [e.get("class") for e in lines] == ["run r0", "run r1"]
    page = report_page(compare_report(COMPARED))
    assert "&lt;other&gt; [red]" in page
    assert "<other>" not in page
    assert "default-src 'none'" in page
    assert " style=" not in page
