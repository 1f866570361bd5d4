"""The page without a browser: its parts, its size, its sentences."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_runs import METRIC, SPACE, made_up_run, result

from hpsearch.records import Goal, Metric, State
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.html.figures.curves import curves_figure, inside_figure
from hpsearch.report.html.figures.film import film_figure, shown_rounds
from hpsearch.report.html.figures.history import history_figure
from hpsearch.report.html.figures.importance import importance_figure
from hpsearch.report.html.figures.parallel import axis_facts, parallel_figure
from hpsearch.report.html.figures.plot import drawn_trials
from hpsearch.report.html.figures.slices import slice_figures
from hpsearch.report.html.figures.svg import coordinate, path, steps, tag, text
from hpsearch.report.html.figures.ticks import Tick, apart, parameter_ticks, round_values
from hpsearch.report.html.html_page import as_html
from hpsearch.space import LINEAR, LOG, ONE_MINUS, Choice, Number, Scale, Space

SUMMARY = summarise(made_up_run(200))
WHOLE_FIGURES = [
    history_figure,
    importance_figure,
    film_figure,
    parallel_figure,
    curves_figure,
    inside_figure,
]


def figures(summary):
    return [f for f in [*(draw(summary) for draw in WHOLE_FIGURES), *slice_figures(summary)] if f]


def marks(figure, trial):
    return [e for e in ET.fromstring(str(figure)).iter() if e.get("data-t") == str(trial)]


def test_text_and_attributes_are_escaped():
    assert text("<b>&", 1, 2) == '<text x="1" y="2">&lt;b&gt;&amp;</text>'
    assert tag("a", class_="x", data_t='"<', n=None) == '<a class="x" data-t="&quot;&lt;"/>'


def test_lines():
    assert coordinate(-0.01) == "0"
    assert path([(0, 1), (2.25, 3)]) == "M0 1L2.2 3"
    assert steps([(0, 1), (2, 3)]) == "M0 1H2V3"


def test_every_figure_is_well_formed_and_says_what_it_shows():
    drawn = figures(SUMMARY)
    assert len(drawn) == 13
    for figure in drawn:
        root = ET.fromstring(str(figure))
        assert root.get("aria-label")
        assert root.get("role") in ("img", "group")


def test_the_best_trial_is_a_star_and_a_stopped_one_a_ring():
    history = history_figure(SUMMARY)
    (best,) = marks(history, SUMMARY.best.trial)
    assert best.get("class") == "star"
    stopped = next(row for row in SUMMARY.trials if row.state is State.STOPPED)
    (ring,) = marks(history, stopped.trial)
    assert ring.get("class").startswith("pr ")


def test_colour_is_rank():
    history = history_figure(SUMMARY)
    second, worst = SUMMARY.ranked[1].trial, SUMMARY.ranked[-1].trial
    assert marks(history, second)[0].get("class").endswith(" c0")
    assert marks(history, worst)[0].get("class").endswith(" c7")


def test_a_mark_stands_where_its_values_are():
    space = Space((Number("a", low=1e-4, high=1.0, scale=LOG),))
    results = [
        result(i, v, {"a": a}, space)
        for i, (a, v) in enumerate([(1e-4, 0.1), (1e-2, 0.2), (1.0, 0.3)])
    ]
    (figure,) = slice_figures(summarise(RunView("r", space, METRIC, results)))
    # 1e-2 is half of the way from 1e-4 to 1; 0.2 half of the way from 0.1 to 0.3.
    (mark,) = marks(figure, 1)
    assert (mark.get("cx"), mark.get("cy")) == ("209", "85")


def test_marks_of_one_value_lie_side_by_side():
    space = Space((Choice("c", values=("x", "y")),))
    results = [result(i, 0.1 + i / 100, {"c": "x"}, space) for i in range(9)]
    (figure,) = slice_figures(summarise(RunView("r", space, METRIC, results)))
    places = {e.get("cx") for e in ET.fromstring(str(figure)).iter() if e.get("cx")}
    assert len(places) == 8  # the ninth is the star, a path


@pytest.mark.parametrize(
    ("scale", "low", "high", "expected"),
    [
        (LINEAR, 0, 10, [0, 2, 4, 6, 8, 10]),
        (LOG, 1e-4, 1, [1e-4, 1e-3, 1e-2, 0.1, 1]),
        (LOG, 0.03, 0.63, [0.05, 0.1, 0.2, 0.5]),
        (ONE_MINUS, 0.9, 0.9999, [0.9, 0.99, 0.999, 0.9999]),
        (LINEAR, 5, 5, [5]),
    ],
)
def test_round_values(scale, low, high, expected):
    assert round_values(scale, low, high, 7) == pytest.approx(expected)


@given(
    st.sampled_from([LINEAR, LOG, ONE_MINUS]),
    st.floats(1e-6, 0.999),
    st.floats(1e-6, 0.999),
    st.integers(2, 9),
)
def test_round_values_lie_inside_and_are_not_too_many(scale, one, other, most):
    low, high = min(one, other), max(one, other)
    values = round_values(scale, low, high, most)
    assert all(low <= v <= high for v in values)
    assert values == sorted(values)
    assert len(values) <= most + 1


def test_ticks_of_a_window_are_placed_within_it():
    alpha = SPACE.by_name["alpha"]
    ticks = parameter_ticks(alpha, alpha.encode(1e-3), alpha.encode(0.1))
    assert [(t.label, round(t.at, 6)) for t in ticks if t.label in ("0.001", "0.01", "0.1")] == [
        ("0.001", 0.0),
        ("0.01", 0.5),
        ("0.1", 1.0),
    ]
    assert [t.label for t in parameter_ticks(SPACE.by_name["layers"])] == list("12345")
    assert parameter_ticks(SPACE.by_name["optimizer"])[0].label == "sgd"


def test_labels_do_not_stand_in_each_other():
    ticks = [Tick(at, str(at)) for at in (0.5, 0.0, 0.04, 0.52, 1.0)]
    assert [tick.at for tick in apart(ticks, 0.1)] == [0.0, 0.5, 1.0]


def test_of_many_trials_the_best_and_a_sample_are_drawn():
    summary = summarise(made_up_run(1200, epochs=3))
    drawn = drawn_trials(summary)
    assert 300 < len(drawn) <= 500
    ranks = [row.rank for row in drawn][::-1]
    assert ranks[: len(drawn) // 2] == list(range(1, len(drawn) // 2 + 1))
    assert ranks == sorted(set(ranks))
    assert ranks[-1] > 0.98 * len(summary.ranked)
    assert f"{len(drawn)} of {len(summary.ranked):,} trials are drawn" in as_html(summary)
    assert "trials are drawn" not in as_html(SUMMARY)


def test_under_a_megabyte_with_many_trials_and_parameters():
    space = Space(tuple(Number(f"a_long_parameter_name_{i}") for i in range(30)))
    rng = np.random.default_rng(0)
    curves = {"dev_error": tuple(rng.random(150)), "train_error": tuple(rng.random(150))}
    results = []
    for i in range(600):
        point = {p.name: float(rng.random()) for p in space.parameters}
        results.append(result(i, float(rng.random()), point, space, curves=curves, epochs=150))
    page = as_html(summarise(RunView("wide", space, METRIC, results)))
    assert len(page.encode()) < 1_000_000
    assert "18 more are in the table" in page


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_trial(count):
    page = as_html(summarise(made_up_run(count)))
    assert ("no trial has a value yet" in page) == (count == 0)


def test_all_failed():
    view = made_up_run(30)
    bad = [
        replace(r, state=State.FAILED, value=None, best_epoch=None, curves={}, error="<boom>")
        for r in view.results
    ]
    page = as_html(summarise(replace(view, results=bad)))
    assert "no trial has a value yet" in page
    assert "30 trials failed or diverged" in page
    assert "&lt;boom&gt;" in page
    assert "<boom>" not in page


def test_hundreds_of_kinds_of_failure_are_not_hundreds_of_lines():
    bad = [
        result(
            i,
            None,
            SPACE.decode([i / 200] * 7),
            state=State.FAILED,
            error=f"{chr(0x4E00 + i)} {'x' * 5000}",
            curves={},
        )
        for i in range(200)
    ]
    page = as_html(summarise(RunView("bad", SPACE, METRIC, bad)))
    assert len(page) < 100_000
    assert "and 150 more kinds of failure" in page


@pytest.mark.parametrize("values", [(-3.0, 0.0, 2.0), (0.5, 0.9, 0.99), (1e300, -1e300, 0.0)])
@pytest.mark.parametrize("goal", Goal)
def test_a_metric_of_any_sign_and_goal(values, goal):
    results = [
        result(i, v, SPACE.decode([0.1 + 0.3 * i] * 7), curves={"score": (v, None, v)}, epochs=3)
        for i, v in enumerate(values)
    ]
    summary = summarise(RunView("r", SPACE, Metric("score", goal), results))
    assert all(ET.fromstring(str(figure)) is not None for figure in figures(summary))
    assert "nan" not in as_html(summary)


def test_better_is_higher_on_the_parallel_metric_axis():
    for goal, ends in ((Goal.MINIMIZE, ["3", "1"]), (Goal.MAXIMIZE, ["1", "3"])):
        results = [result(i, v, SPACE.decode([0.5] * 7)) for i, v in enumerate((1.0, 3.0))]
        summary = summarise(RunView("r", SPACE, Metric("score", goal), results))
        marks_ = axis_facts(summary)[-1]["marks"]
        assert [marks_[0], marks_[-1]] == ends


def test_a_scale_more_needs_no_more_in_the_page_or_its_script():
    root = Scale("sqrt", "√", np.sqrt, np.square, above=0.0)
    space = Space((Number("a", low=1.0, high=9.0, scale=root),))
    results = [result(i, 0.1 + a, {"a": a}, space) for i, a in enumerate((1.0, 4.0, 9.0))]
    summary = summarise(RunView("r", space, METRIC, results))
    # Half of the way from 1 to 3, squared.
    assert axis_facts(summary)[0]["marks"][::100] == ["1", "4", "9"]
    (figure,) = slice_figures(summary)
    assert ">a, √ scale<" in str(figure)
    assert "</html>" in as_html(summary)


def test_fewer_than_two_numeric_parameters_have_no_film():
    space = Space((Number("a"), Choice("c", values=("x", "y"))))
    results = [
        result(i, 0.1 * i, {"a": 0.1 * i, "c": "x"}, space, round=1 + i // 5) for i in range(10)
    ]
    summary = summarise(RunView("r", space, METRIC, results))
    assert film_figure(summary) is None
    assert "A film strip needs two numeric parameters" in as_html(summary)


def test_of_many_rounds_four_are_shown():
    summary = summarise(made_up_run(120, rounds=9))
    assert [row.round for row in shown_rounds(summary)] == [1, 4, 6, 9]
    assert str(film_figure(summary)).count("rl2") == 4


def test_a_box_in_the_film_is_the_rounds_range():
    figure = ET.fromstring(str(film_figure(SUMMARY)))
    boxes = [e for e in figure.iter() if e.get("class") == "box"]
    # The first panel is 300 pixels wide; round 2 searched half of alpha's axis, round 3 a quarter.
    widths = [float(e.get("width")) for e in boxes[:3]]
    assert widths == pytest.approx([150, 75, 37.5], abs=0.11)


def round_rows(summary):
    """The table of rounds, row by row, as the page has it."""
    table = re.search(r"<caption>Rounds</caption>.*?<tbody>(.*?)</tbody>", as_html(summary))[1]
    return [re.findall(">([^<]+)<", row) for row in table.split("<tr>")[1:]]


def test_the_table_of_rounds_has_their_numbers_and_the_ranges_that_changed():
    first, second, *_ = round_rows(SUMMARY)
    assert first[:5] == ["1", "50", "0.0384", "0.147", "1e-5 – 1"]
    assert second[4] == "1.14e-4 – 0.036"
    assert len(first) == 4 + 6


def test_of_many_rounds_the_first_and_the_last_are_in_the_table():
    rounds = [row[0] for row in round_rows(summarise(made_up_run(200, rounds=20)))]
    assert rounds == ["1", *map(str, range(10, 21))]


def test_a_caption_alone_makes_no_card():
    page = as_html(summarise(made_up_run(0)))
    assert "Parallel coordinates" not in page
    assert "Parallel coordinates" in as_html(SUMMARY)


def test_curves_break_where_a_number_was_not_finite():
    curve = (0.5, None, 0.3, 0.2)
    one = result(
        0, 0.2, SPACE.decode([0.5] * 7), curves={"dev_error": curve}, epochs=4, best_epoch=4
    )
    figure = curves_figure(summarise(RunView("r", SPACE, METRIC, [one])))
    (line,) = marks(figure, 0)
    assert line.get("d").count("M") == 2


def test_the_policy_names_the_hashes_of_style_and_script():
    page = as_html(SUMMARY)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "default-src 'none'" in policy
    assert policy.count("sha256-") == 2
    assert "unsafe" not in policy
    assert " style=" not in page
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_the_data_of_the_script():
    page = as_html(SUMMARY)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page)[1])
    assert data["ranked"] == len(SUMMARY.ranked)
    assert [axis["name"] for axis in data["axes"]] == [
        *(row.name for row in SUMMARY.parameters),
        "dev_error",
    ]
    rank, heights = data["trials"][str(SUMMARY.best.trial)]
    assert (rank, heights[-1]) == (1, 1)
    alpha = SUMMARY.best.hparams["alpha"]
    near = data["axes"][0]["marks"][round(heights[0] * 200)]
    # A step of the axis, five decades in 200, is 6 %; the nearest mark is half a step away.
    assert float(near) == pytest.approx(alpha, rel=0.04)


def test_a_name_cannot_end_the_script_data():
    space = Space((Choice("</script><b>", values=("x", "y")),))
    results = [result(i, 0.1 * i, {"</script><b>": "x"}, space) for i in range(3)]
    page = as_html(summarise(RunView("r", space, METRIC, results)))
    data = json.loads(re.search(r'id="data">(.*?)</script>', page)[1])
    assert data["axes"][0]["name"] == "</script><b>"


def test_the_config_is_shown_as_it_was_written():
    view = replace(made_up_run(3), config="a: 1\n  b: '<x>'\n", facts={"numpy": "2"})
    page = as_html(summarise(view))
    assert "a: 1\n  b: '&lt;x&gt;'\n" in page
    assert "<dt>numpy</dt><dd>2</dd>" in page
    assert "hpsearch run configs/signs.yaml" in page
