"""The list of runs."""

import json
from dataclasses import replace

from synthetic_runs import made_up_run, write_run

from hpsearch.report.text.runs import run_lines, run_rows, runs_json
from hpsearch.store.rundir import RunFolder, find_runs


def runs(tmp_path):
    write_run(tmp_path / "whole", made_up_run(200))
    write_run(tmp_path / "half", made_up_run(100))
    broken = write_run(tmp_path / "broken", made_up_run(3))
    broken.trials_path.write_text("{}\n")
    return sorted(find_runs(tmp_path), key=lambda run: run.name)


def test_states_and_counts(tmp_path):
    folders = runs(tmp_path)
    with RunFolder(tmp_path / "half").lock("hpsearch run"):
        rows = run_rows(folders, now=RunFolder(tmp_path / "half").changed_at() + 100)
    assert [(r.name, r.state, r.trials, r.max_trials) for r in rows] == [
        ("broken", "damaged", 0, None),
        ("half", "running", 100, 200),
        ("whole", "complete", 200, 200),
    ]
    assert rows[1].age == 100
    best = min(r.value for r in made_up_run(200).results if r.value is not None)
    assert rows[2].best == best
    assert "broken" in rows[0].problem
    assert run_rows(folders[1:2], 0)[0].state == "unfinished"


def test_lines_fit_and_json_has_a_schema(tmp_path):
    rows = run_rows(runs(tmp_path), now=1e10)
    for width in (40, 60, 120):
        assert max(line.cell_len for line in run_lines(rows, width)) <= width
    value = json.loads(runs_json([replace(row, age=1.0) for row in rows]))
    assert value["schema"] == 1
    assert [run["name"] for run in value["runs"]] == ["broken", "half", "whole"]
