"""The pictures and tables of a babysat run, and what each change did."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from hpsearch.panda.effects import effects
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Start
from hpsearch.panda.probe import Tried
from hpsearch.records import Goal, Metric
from hpsearch.report.export.epoch_tables import as_csv, as_json, as_markdown
from hpsearch.report.sections.babysat import babysat_report, branch_table, ledger_table
from hpsearch.report.text.glyphs import for_console
from hpsearch.report.text.panda_chart import chart_lines
from hpsearch.report.text.panda_lines import probe_lines, status_lines
from hpsearch.report.text.writer import block_lines, report_lines


def lineage(
    *steps: object, goal: Goal = Goal.MINIMIZE, names: tuple[str, str] = ("train_e", "dev_e")
) -> Lineage:
    """A lineage from a script: a float is an epoch's metric, a dict a change, a text a move."""
    start = Start(0, 1, {"alpha": 0.1, "l2": 0.0}, (), ("alpha", "l2"), Metric(names[1], goal))
    found = Lineage.read("ledger", [start.to_record()])
    for step in steps:
        here = found.position
        if isinstance(step, dict):
            changes = {n: [found.hparams[n], v] for n, v in step.items() if n != "why"}
            why = step.get("why", "")
            record = {"kind": "set", "at": str(here), "before": here.epoch + 1}
            found.apply(record | {"changes": changes, "why": why})
        elif isinstance(step, str):
            found.apply({"kind": "move", "at": step})
        else:
            if not found.at_tip:
                name = found.free_branch_name()
                found.apply({"kind": "branch", "name": name, "at": str(here), "target": 99})
            assert isinstance(step, float)
            value = step if math.isfinite(step) else None
            at = f"{found.position.branch}@{here.epoch + 1}"
            values = {names[0]: None if value is None else value / 2, names[1]: value}
            found.apply(
                {
                    "kind": "epoch",
                    "at": at,
                    "target": 99,
                    "values": values,
                    "effective": {},
                    "sha256": "0" * 64,
                    "seconds": 1.5,
                }
            )
    return found


STORY = (
    0.5,
    0.4,
    0.3,
    {"alpha": 0.01, "why": "it jumps"},
    0.2,
    0.1,
    "main@2",
    {"l2": 1e-4},
    0.35,
    0.45,
)


def test_what_each_change_did() -> None:
    alpha, l2 = effects(lineage(*STORY))
    # Before alpha: (0.5 + 0.4 + 0.3) / 3; after it: (0.2 + 0.1) / 2.
    assert (str(alpha.at), alpha.why) == ("main@4", "it jumps")
    assert (alpha.before, alpha.after) == (pytest.approx(0.4), pytest.approx(0.15))
    # Before l2: (0.5 + 0.4) / 2; after it: (0.35 + 0.45) / 2.
    assert (str(l2.at), l2.why) == ("b1@3", "")
    assert (l2.before, l2.after) == (pytest.approx(0.45), pytest.approx(0.4))
    assert [e.better(lineage(*STORY)) for e in (alpha, l2)] == [True, True]
    worse = lineage(0.5, {"alpha": 1.0}, 0.7, goal=Goal.MINIMIZE)
    better = lineage(0.5, {"alpha": 1.0}, 0.7, goal=Goal.MAXIMIZE)
    assert [effects(each)[0].better(each) for each in (worse, better)] == [False, True]


def test_five_epochs_at_most_and_only_until_the_next_change() -> None:
    many = lineage(*[1.0] * 5, *[2.0] * 5, {"alpha": 1.0}, 3.0, 4.0, {"alpha": 2.0}, 5.0)
    first, second = effects(many)
    assert (first.before, first.after) == (2.0, 3.5)
    # 2, 2, 2, 3 and 4 before the second.
    assert (second.before, second.after) == (pytest.approx(2.6), 5.0)


def test_a_change_without_an_epoch_did_nothing() -> None:
    assert effects(lineage(0.5, {"alpha": 0.2}, {"alpha": 0.1}, 0.4, {"l2": 0.5})) == []
    unknown = effects(lineage({"alpha": 0.2}, math.nan))
    assert [(e.before, e.after, e.better(lineage())) for e in unknown] == [(None, None, None)]


SCREENS = {
    "nothing yet": (),
    "one epoch": (0.5,),
    "all the same": (0.5, 0.5, 0.5),
    "not finite": (0.5, math.nan, 0.4, math.nan),
    "only not finite": (math.nan, math.nan),
    "a story": STORY,
    "negative": (-1.0, -2.0, {"alpha": 0.2}, 0.0),
    "many changes": tuple(x for n in range(30) for x in ({"alpha": n / 7 + 1}, 1.0 / (n + 1))),
    "markup": (0.5, {"alpha": 2.0, "why": "[red]\x1b[31m<script>"}, 0.4),
}


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("steps", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_screen_fits_its_width(steps: tuple[object, ...], goal: Goal, width: int) -> None:
    found = lineage(*steps, goal=goal)
    lines = [
        *report_lines(babysat_report("run", found), width),
        *status_lines(found, {}, ["alpha"], width),
    ]
    assert max(line.cell_len for line in lines) <= width
    assert all(c.isprintable() for line in lines for c in line.plain)
    console = Console(width=width, quiet=True)
    for line in lines:
        console.print(line)


def test_the_chart_marks_what_changed_and_shows_other_branches() -> None:
    lines = [line.plain for line in chart_lines(lineage(*STORY), 80)]
    assert lines[0].startswith(" dev_e ")
    assert "other branches" in lines[0]
    assert "l2 1e-4" in lines[1]
    assert sum("┆" in line for line in lines) > 6
    assert lines[-1].split() == ["epoch", "1", "3", "5"]
    assert len({len(line) for line in lines[2:-1]}) == 1
    assert chart_lines(lineage(), 80) == []
    assert chart_lines(lineage(0.5), 20) == []


def test_the_chart_draws_where_the_numbers_are() -> None:
    """A falling line begins at the top left and ends at the bottom right."""
    lines = [line.plain for line in chart_lines(lineage(4.0, 3.0, 2.0, 1.0, names=("x", "y")), 60)]
    body = [line.split("┤")[-1].split("│")[-1] for line in lines[1:-1]]
    dots = [[c for c, glyph in enumerate(line) if glyph != " "] for line in body]
    assert dots[0][0] == 0
    assert dots[-1][-1] == len(body[-1]) - 1
    assert all(min(above) <= min(below) for above, below in pairwise(dots))


def test_the_tree_and_the_log() -> None:
    tree = [line.plain for line in block_lines(branch_table(lineage(*STORY)), 100)]
    assert "main" in tree[1]
    assert tree[1].split()[-4:] == ["0.1", "5", "the", "start"]
    assert tree[2].startswith("b1 (here)")
    assert tree[2].endswith("main@2")
    log = [line.plain for line in block_lines(ledger_table(lineage(*STORY)), 100)]
    assert sum("trained" in line for line in log) == 3  # one line for each stretch of epochs
    assert any("alpha 0.1 -> 0.01  # it jumps" in line for line in log)


def test_a_probe_with_values_that_were_not_finite() -> None:
    results = [Tried(0.01, 0.5, 0.6), Tried(0.1, 0.3, 0.7), Tried(1.0, None, None)]
    lines = [line.plain for line in probe_lines(lineage(0.5), "alpha", results, 90)]
    assert "> 0.1" in lines[2]
    assert "not finite" in lines[3]
    assert "best on what it trains on: alpha 0.1" in lines[4]


def test_the_tables() -> None:
    found = lineage(*STORY, math.nan)
    csv = as_csv(found, timing=False).splitlines()
    assert csv[0] == "branch,epoch,train_e,dev_e,alpha,l2,sha256"
    assert csv[1] == f"main,1,0.25,0.5,0.1,0.0,{'0' * 64}"
    assert csv[-1] == f"b1,5,,,0.1,0.0001,{'0' * 64}"
    epochs = json.loads(as_json(found))["epochs"]
    assert len(epochs) == 8
    assert epochs[0]["seconds"] == 1.5
    assert epochs[-1]["dev_e"] is None
    assert as_markdown(found).splitlines()[1].startswith("| --- |")


def test_the_prompt_and_the_report_need_no_unicode(tmp_path: Path) -> None:
    with (tmp_path / "out.txt").open("w", encoding="ascii") as file:
        console = Console(file=file, width=80)
        for line in for_console(report_lines(babysat_report("run", lineage(*STORY)), 80), console):
            console.print(line)
    assert "best" in (tmp_path / "out.txt").read_text(encoding="ascii")
