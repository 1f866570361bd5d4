"""One model of a screen, two writers."""

from typing import get_args

from hpsearch.report.html import writer as page
from hpsearch.report.sections.model import (
    Block,
    Caption,
    Cell,
    Column,
    Look,
    Report,
    Section,
    Sentence,
    Table,
    texts,
)
from hpsearch.report.text import writer as terminal

TABLE = Table(
    "What came of it",
    (
        Column("long head", texts(["a", "b<"], Look.NAME), short="head"),
        Column("value", (Cell("0.1", Look.BEST), Cell("-", Look.NOTHING)), numbers=True),
        Column("why", texts(["for a reason that takes a lot of room", ""]), drop=1),
    ),
)
REPORT = Report(
    command="report",
    title="one & two",
    facts=("2 runs", "loss"),
    sections=(
        Section("Learnt", (Sentence("What it means."),), short="learnt"),
        Section("Alone", (Caption("How to read nothing."),), short="alone"),
        Section("Table", (Caption("A table."), TABLE)),
    ),
)


def test_every_kind_of_block_has_a_writer():
    assert terminal._DRAWN.keys() | page._ELEMENTS.keys() == set(get_args(Block))


def test_in_a_terminal_captions_and_their_headings_stay_out():
    assert [line.plain for line in terminal.report_lines(REPORT, 80)] == [
        "hpsearch report · one & two   2 runs, loss",
        "",
        "learnt",
        "What it means.",
        "",
        "head  value  why",
        "a       0.1  for a reason that takes a lot of room",
        "b<",
    ]
    narrow = [line.plain for line in terminal.report_lines(REPORT, 30)]
    assert narrow[:2] == ["hpsearch report · one & two", "2 runs, loss"]
    assert narrow[-2] == "a       0.1  for a reason tha…"


def test_in_a_page_every_section_has_its_heading():
    shown = page.report_page(REPORT)
    assert "<h1>one &amp; two</h1>" in shown
    assert '<p class="sub">2 runs · loss</p>' in shown
    assert '<h2>Learnt</h2><p class="cap">What it means.</p>' in shown
    assert '<th scope="row">b&lt;</th><td>-</td><td class="t"></td>' in shown
    assert "Alone" not in shown
    assert 'aria-label="What came of it"' in shown
