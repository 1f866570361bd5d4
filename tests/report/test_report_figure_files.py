"""Figures as files of their own."""

import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from synthetic_runs import made_up_run

from hpsearch.errors import UsageError
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.html.colours import DARK, LIGHT
from hpsearch.report.html.figure_files import all_figures, standalone, write_figures
from hpsearch.report.html.figures.history import history_figure

SUMMARY = summarise(made_up_run(60))


def test_every_figure_becomes_a_file(tmp_path):
    files = write_figures(SUMMARY, tmp_path / "a" / "figures")
    assert [f.name for f in files][:3] == [
        "best-so-far.svg",
        "what-mattered.svg",
        "coarse-to-fine.svg",
    ]
    assert len(files) == 13
    for file in files:
        ET.fromstring(file.read_text(encoding="utf-8"))


def test_a_file_has_colours_and_no_variables():
    picture = standalone(history_figure(SUMMARY))
    assert "var(" not in picture
    assert "$" not in picture
    assert f".p.c0 {{ fill: {LIGHT['c0']};" in picture
    assert f".pl.s7 {{ fill: none; stroke: {LIGHT['c7']};" in picture
    assert 'width="780" height="310"' in picture


def test_both_themes_have_every_colour():
    assert DARK.keys() <= LIGHT.keys()
    assert LIGHT.keys() - DARK.keys() == set()


def test_a_run_without_trials_has_no_figures(tmp_path):
    assert write_figures(summarise(made_up_run(0)), tmp_path) == []


def test_names_cannot_leave_the_folder():
    view = made_up_run(30)
    row = SUMMARY.parameters[0]
    odd = replace(row, parameter=replace(row.parameter, name="../a/b"))
    odd_trials = tuple(replace(t, hparams={**t.hparams, "../a/b": 1}) for t in SUMMARY.ranked)
    summary = replace(SUMMARY, view=view, parameters=(odd,), ranked=odd_trials)
    assert "slice-.._a_b" in [name for name, _ in all_figures(summary)]


def test_png(tmp_path):
    pytest.importorskip("resvg_py")
    files = write_figures(SUMMARY, tmp_path, png=True)
    png = next(f for f in files if f.name == "best-so-far.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    # The header's width and height: twice 780 x 310.
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (1560, 620)


def test_png_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(UsageError, match=r"pip install 'hpsearch\[png\]'"):
        write_figures(SUMMARY, tmp_path, png=True)
