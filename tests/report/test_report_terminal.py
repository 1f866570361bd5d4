"""The report in the terminal: exact text for small runs, properties for the rest."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text
from synthetic_runs import METRIC, made_up_run, result

from hpsearch.records import Goal, Metric, State
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.text.selection import search_lines
from hpsearch.report.text.terminal import print_lines
from hpsearch.space import LOG, Choice, Number, Space

SMALL = Space((Number("alpha", low=0.01, high=1.0, scale=LOG), Choice("opt", values=("a", "b"))))
VALUES = {"empty": 0, "one": 1, "few": 12, "many": 60, "whole": 200}
SUMMARIES = {name: summarise(made_up_run(count)) for name, count in VALUES.items()}


def small_run(values=(0.3, 0.1, 0.2), metric=METRIC, space=SMALL):
    alphas = [0.01, 0.1, 1.0]
    results = [
        result(i, v, {"alpha": alphas[i % 3], "opt": "ab"[i % 2]}, space, seconds=1.5)
        for i, v in enumerate(values)
    ]
    return RunView("tiny", space, metric, results, max_trials=4, seed=1)


def printed(summary, width=80, encoding="utf-8", **options):
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    print_lines(search_lines(summary, width), Console(file=file, width=width, **options))
    file.flush()
    return file.buffer.getvalue().decode(encoding)


EXACT = """\
hpsearch report · tiny   3 of 4 trials in 1 round,
4.5 s of training

best dev_error 0.1
trial #1, round 1, epoch 1, observed once
alpha=0.1  opt=b

best so far   ━ best   · every trial
0.3 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⢹
    │                           ⢸
    │                           ⢸
    │                           ⢸
0.2 ┤                           ⢸                          ⠐
    │                           ⢸
    │                           ⢸
    │                           ⢸
0.1 ┤                           ⢸⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
    └───────────────────────────────────────────────────────
     trial 0                                               2

parameter        good trials          last range  best
alpha      0.01  ▁·······◆······▁  1  0.01 – 1     0.1
opt              a ◆b                 a, b           b
What mattered is not known: not enough trials: 3 have a
value, 20 are needed.

   trial  dev_error  alpha  opt  epochs  sec
1  #1         0.100    0.1  b         1  1.5
2  #2         0.200      1  a         1  1.5
3  #0         0.300   0.01  a         1  1.5
"""


def test_exact_text_of_a_tiny_run():
    assert printed(summarise(small_run()), 60) == EXACT


@pytest.mark.parametrize("name", SUMMARIES)
@pytest.mark.parametrize("width", [60, 61, 79, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(name, width):
    for line in search_lines(SUMMARIES[name], width):
        assert line.cell_len <= width, line.plain


def test_a_terminal_that_is_too_narrow_loses_nothing():
    file = io.StringIO()
    lines = [Text("train it again, alone: hpsearch retest digits --trial 12"), Text("1234567 " * 9)]
    print_lines(lines, Console(file=file, width=20))
    assert file.getvalue().splitlines() == [line.plain for line in lines]


@pytest.mark.parametrize("name", SUMMARIES)
def test_ascii_where_the_encoding_has_no_more(name):
    text = printed(SUMMARIES[name], 100, "ascii")
    assert text.isascii()
    unicode = printed(SUMMARIES[name], 100)
    assert [len(line) for line in text.splitlines()] == [len(s) for s in unicode.splitlines()]


def test_only_the_sixteen_named_colours():
    text = printed(SUMMARIES["whole"], 120, force_terminal=True, color_system="truecolor")
    assert "\x1b[36m" in text  # cyan, as a number of the palette
    assert "38;2" not in text
    assert "38;5" not in text


def test_text_from_outside_is_not_markup():
    text = printed(SUMMARIES["whole"], 120)
    assert "3 failed: [red]MemoryError[/red] <script>" in text


def test_columns_leave_by_width_and_the_metric_stays():
    wide, narrow = (printed(SUMMARIES["whole"], width) for width in (130, 60))
    assert "epochs" in wide
    assert "  sec" in wide
    assert "  sec" not in narrow
    for text in (wide, narrow):
        assert "trial  dev_error" in text


def test_what_mattered_stands_first():
    text = printed(SUMMARIES["whole"], 120)
    names = [line.split()[0] for line in text.splitlines() if "–" in line and "%" in line]
    assert names[0] == "alpha"


def test_all_failed_says_so():
    view = made_up_run(10)
    failed = [replace(r, state=State.FAILED, value=None, error="boom") for r in view.results]
    text = printed(summarise(replace(view, results=failed)))
    assert "no trial has a value yet" in text
    assert "10 failed: boom" in text
    assert "hpsearch report signs-6 --failed lists them" in text


def test_a_maximised_metric_at_and_below_zero():
    run = small_run((-0.5, 0.0, -2.0), Metric("score", Goal.MAXIMIZE))
    text = printed(summarise(run))
    assert "best score 0, trial #1" in text


def test_more_than_twelve_parameters():
    space = Space(tuple(Number(f"p{i}") for i in range(20)))
    results = [result(i, i / 9, {f"p{j}": i / 9 for j in range(20)}, space) for i in range(10)]
    for width in (60, 120):
        lines = search_lines(summarise(RunView("wide", space, METRIC, results)), width)
        assert max(line.cell_len for line in lines) <= width


def test_nothing_but_constants():
    results = [result(0, 0.1, {}, Space(()))]
    text = printed(summarise(RunView("fixed", Space(()), METRIC, results)))
    assert "best dev_error 0.1" in text
    assert "parameter" not in text


@settings(max_examples=30)
@given(
    name=st.text(min_size=1, max_size=20),
    values=st.lists(
        st.none() | st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=8
    ),
    goal=st.sampled_from(Goal),
    width=st.integers(60, 130),
)
def test_any_values_and_names(name, values, goal, width):
    space = Space(
        (Number("alpha", low=0.01, high=1.0, scale=LOG), Choice(name + "x", values=("a", name)))
    )
    results = [
        result(i, v, {"alpha": 0.1, name + "x": name}, space, error=name, state=State.FAILED)
        if v is None
        else result(i, v, {"alpha": 0.1, name + "x": "a"}, space)
        for i, v in enumerate(values)
    ]
    view = RunView(name, space, Metric(name, goal), results)
    for line in search_lines(summarise(view), width):
        assert line.cell_len <= width
        assert line.plain.isprintable()
