"""Pictures out of characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from hpsearch.records import Goal
from hpsearch.report.analysis.axis import value_axis
from hpsearch.report.analysis.rows import Span
from hpsearch.report.text.charts import LINE, POINTS, DotChart, bar, box, density, spark, strip
from hpsearch.report.text.glyphs import as_ascii
from hpsearch.report.text.lines import TextColumn, beside, cells, join, justify, table, wrap

AXIS = value_axis([0.0, 8.0], Goal.MINIMIZE)


def test_a_bar_in_eighths():
    assert bar(1.0, 4).plain == "████"
    assert bar(0.5, 4).plain == "██"
    assert bar(0.53125, 4).plain == "██▏"  # 17 eighths of 32
    assert bar(0.0, 4).plain == "▏"  # nothing is still seen


def test_a_curve_falls_and_leaves_a_gap_for_what_is_not_finite():
    assert spark((8.0, 4.0, None, 0.0), AXIS, 4).plain == "█▅ ▁"
    assert spark((), AXIS, 4).plain == ""
    # Two of eight epochs fill a quarter of eight characters.
    assert spark((8.0, 0.0), AXIS, 8, epochs=8).plain == "█▁"


@given(st.lists(st.none() | st.floats(0, 8), max_size=50), st.integers(1, 30), st.integers(1, 60))
def test_a_curve_never_is_wider_than_its_room(curve, width, epochs):
    assert spark(curve, AXIS, width, epochs).cell_len <= width


def test_density_counts_good_trials_and_marks_the_best():
    marks = [(0.1, 0.0), (0.35, 0.1), (0.35, 0.2), (0.6, 0.9)]
    line = density(marks, 0.1, 5)
    assert line.plain == "◆▆·▁·"


def test_a_strip_shows_the_range_inside_the_whole():
    assert strip(Span(0.25, 0.5, (1, 2)), 0.4, 8).plain == "├──━◆━───┤"
    assert strip(Span(0.0, 1.0, (1, 2)), None, 3).plain == "├━━━┤"


def test_a_box_plot():
    assert box((0, 2, 4, 6, 7.9), AXIS, 8).plain == "──━━┃━━─"


def test_dots_of_a_chart():
    chart = DotChart(2, 1)
    chart.dot(chart.column(0.0), chart.row(0.0), POINTS)  # lower left
    chart.dot(chart.column(1.0), chart.row(1.0), POINTS)  # upper right
    assert [line.plain for line in chart.lines()] == ["⡀⠈"]
    chart.dot(0, 0, LINE)  # the line wins the cell
    assert [line.plain for line in chart.lines()] == ["⠁⠈"]
    assert [as_ascii(line).plain for line in chart.lines()] == [".."]


def test_steps_go_right_and_then_down():
    chart = DotChart(2, 1)
    chart.steps([0.0, 0.99], [1.0, 0.0])
    assert [line.plain for line in chart.lines()] == ["⠉⢹"]
    assert [as_ascii(line).plain for line in chart.lines()] == ["-+"]


def test_columns_leave_together_and_the_last_one_is_cut():
    columns = [
        TextColumn("name", cells(["abcdef"])),
        TextColumn("low", cells(["1"]), drop=2),
        TextColumn("high", cells(["2"]), drop=2),
        TextColumn("x", cells(["3"]), right=True, drop=1),
    ]
    assert [line.plain for line in table(columns, 30)] == [
        "name    low  high  x",
        "abcdef  1    2     3",
    ]
    assert table(columns, 19)[0].plain == "name    x"
    assert table(columns, 4)[1].plain == "abc…"


def test_pieces_flow_and_spread():
    assert [t.plain for t in wrap(cells(["aa", "bb", "cc"]), 6)] == ["aa  bb", "cc"]
    assert justify(Text("left"), Text("right"), 12).plain == "left   right"
    assert justify(Text("left"), Text("right"), 10).plain == "left"


def test_blocks_beside_each_other():
    lines = beside([Text("a")], [Text("b"), Text("c")], 4)
    assert [line.plain for line in lines] == ["a   b", "    c"]


@pytest.mark.parametrize("text", ["[red]x[/red]", "\x1b[31mx", "a\nb", "\t"])
def test_text_from_outside_stays_text(text):
    line = join(text, (text, "bold"))
    assert line.plain.isprintable()
    assert len(line.plain) == 2 * len(text)


def test_wide_characters_become_one_ascii_character_each():
    assert as_ascii(Text("α 名 é")).plain == "a ? e"


def test_each_sign_has_its_ascii_twin():
    assert as_ascii(Text("−0.045 2×3 ±1 ★○ ≥≤ 1–2 wor…")).plain == "-0.045 2x3 ~1 *o >< 1-2 wor~"
