"""The list of runs."""

import json
from dataclasses import asdict, replace

import pytest
from synthetic_runs import made_up_run, write_run

from hpsearch.errors import RunError
from hpsearch.report.analysis.load import load_run
from hpsearch.report.analysis.runs import run_rows
from hpsearch.report.export.tables import dump_rows
from hpsearch.report.text.run_list import run_lines
from hpsearch.store.journal import read_journal
from hpsearch.store.rundir import RunFolder, find_runs
from hpsearch.store.sealed import seal


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
    value = json.loads(dump_rows("runs", [asdict(replace(row, age=1.0)) for row in rows]))
    assert value["schema"] == 1
    assert [run["name"] for run in value["runs"]] == ["broken", "half", "whole"]


def test_more_trials_than_asked_for_are_all_of_them(tmp_path):
    row = replace(run_rows(runs(tmp_path), now=1e10)[2], max_trials=60)
    [_, line] = run_lines([row], 80)
    assert "200/200" in line.plain


def test_one_bad_folder_never_hides_the_others(tmp_path, monkeypatch):
    write_run(tmp_path / "whole", made_up_run(3))
    impossible = write_run(tmp_path / "impossible", made_up_run(3))
    record = {"kind": "undo"}
    (impossible.path / "ledger.jsonl").write_bytes(seal(record) + b"\n")
    shut = write_run(tmp_path / "shut", made_up_run(3))
    changed = write_run(tmp_path / "changed", made_up_run(3))
    [first, *rest] = read_journal(changed.trials_path)
    lines = [seal(each) for each in ({**first, "value": [1]}, *rest)]
    changed.trials_path.write_bytes(b"\n".join(lines) + b"\n")
    is_file = type(tmp_path).is_file

    def locked(path):
        if path.parent == shut.path:
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(type(tmp_path), "is_file", locked)
    rows = {row.name: row for row in run_rows(find_runs(tmp_path), 0)}
    assert {name: row.state for name, row in rows.items()} == {
        "changed": "damaged",
        "impossible": "damaged",
        "shut": "damaged",
        "whole": "unfinished",
    }
    assert "trials.jsonl:1: the line is not a trial's result" in rows["changed"].problem
    assert "ledger.jsonl:1: the line is not a record of a babysat run" in rows["impossible"].problem
    assert "Permission denied" in rows["shut"].problem


def test_trials_of_another_search_are_refused(tmp_path):
    run = write_run(tmp_path / "run", made_up_run(3))
    run.resolved_path.write_text(
        "trainable: {command: run.sh}\nmetric: {name: loss}\nparameters: {a: {min: 0, max: 1}}\n"
    )
    with pytest.raises(RunError, match=r"trial 0 varies .* they are of different runs"):
        load_run(run)
