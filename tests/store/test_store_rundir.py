"""A run's folder: made whole, found again, read by anybody at any time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import RunError, UsageError
from hpsearch.records import State
from hpsearch.store.journal import Journal, read_journal
from hpsearch.store.names import check_name, is_run_name, possible_name
from hpsearch.store.rundir import (
    RunFolder,
    find_run,
    find_runs,
    next_free_name,
)

KillAt = Callable[[Callable[[], object]], Iterator[int]]

FROZEN = Path(__file__).with_name("journal-format-1.jsonl")


def make_run(root: Path, name: str, changed: float = 0.0) -> RunFolder:
    run = RunFolder(root / name)
    run.create(f"name: {name}\n", f"name: {name}\n")
    for path in (run.resolved_path, run.trials_path):
        os.utime(path, (changed, changed))
    return run


# Names.


@pytest.mark.parametrize("name", ["digits", "7", "a.b-c_d", "A" * 64, "digits-2"])
def test_a_good_name_passes(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "-a", "_a", "a/b", "a b", "é", "a\n", "A" * 65]
)
def test_a_bad_name_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(UsageError, match="use 1 to 64 letters, digits, dots, hyphens") as caught:
        check_name(name)
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2


@given(st.text(max_size=80))
def test_a_name_that_is_advised_is_one(wanted: str) -> None:
    assert is_run_name(possible_name(wanted))
    if is_run_name(wanted) and wanted[-1] not in "-._":
        assert possible_name(wanted) == wanted


def test_a_free_name_is_cut_to_fit(tmp_path: Path) -> None:
    longest = "A" * 64
    (tmp_path / longest).mkdir()
    assert next_free_name(tmp_path, longest) == "A" * 62 + "-2"
    for number in range(2, 10):
        (tmp_path / ("A" * 62 + f"-{number}")).touch()
    assert next_free_name(tmp_path, longest) == "A" * 61 + "-10"


def test_free_names_count_from_2(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        names.append(next_free_name(tmp_path, "digits"))
        make_run(tmp_path, names[-1])
    assert names == ["digits", "digits-2", "digits-3"]


# Making a run.


def test_a_new_run_holds_its_texts_and_no_results(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "runs" / "digits")
    assert not run.exists()
    run.create("name: digits  # β\r\n", "name: digits\n")
    assert run.exists()
    assert run.config_path.read_bytes() == "name: digits  # β\r\n".encode()
    assert run.resolved_path.read_bytes() == b"name: digits\n"
    assert run.results() == []
    assert [path.name for path in run.path.parent.iterdir()] == ["digits"]


def test_a_run_is_refused_where_something_stands(tmp_path: Path) -> None:
    run = make_run(tmp_path, "digits")
    with pytest.raises(RunError, match="digits: cannot make the folder: Directory not empty; move"):
        run.create("other", "other")
    assert run.config_path.read_text() == "name: digits\n"
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"file: cannot make the folder: .*; a file stands where"):
        RunFolder(tmp_path / "file").create("a", "b")
    with pytest.raises(UsageError, match="cannot be the name of a run"):
        RunFolder(tmp_path / "not a name").create("a", "b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits", "file"]


@pytest.mark.posix
def test_a_maker_killed_at_any_step_leaves_no_run_or_a_whole_one(
    tmp_path: Path, killed_at_each_step: KillAt
) -> None:
    root = tmp_path / "runs"
    run = RunFolder(root / "digits")
    seen = set()
    for _ in killed_at_each_step(lambda: run.create("config", "resolved")):
        seen.add(run.exists())
        assert [found.name for found in find_runs(root)] == (["digits"] if run.exists() else [])
        if run.exists():
            assert (run.config_path.read_text(), run.results()) == ("config", [])
        else:
            assert not run.path.exists()
        shutil.rmtree(run.path, ignore_errors=True)
    assert seen == {False, True}
    assert [path.name for path in root.iterdir()] == ["digits"]  # what the killed left is gone


CREATE = """
import sys
from pathlib import Path
from hpsearch.errors import RunError
from hpsearch.store.rundir import RunFolder
sys.stdin.read()
try:
    RunFolder(Path(sys.argv[1]) / "digits").create(sys.argv[2], sys.argv[2])
    print("created")
except RunError:
    print("refused")
"""


def test_of_several_makers_at_once_exactly_one_succeeds(tmp_path: Path) -> None:
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE, str(tmp_path), f"maker {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.close()
        maker.stdin = None
    said = [maker.communicate(timeout=60)[0].strip() for maker in makers]
    assert sorted(said) == ["created", "refused", "refused", "refused"]
    run = RunFolder(tmp_path / "digits")
    text = f"maker {said.index('created')}"
    assert (run.config_path.read_text(), run.resolved_path.read_text()) == (text, text)
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


def test_the_paths_are_those_of_the_documentation(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "digits")
    paths = [run.trials_path, run.best_path, run.model_path, run.lock_path]
    paths += [run.log_path(12), run.curve_path(12), run.checkpoint_folder(12)]
    paths += [run.trial_model_path(12), run.trial_folder(12_345)]
    assert [str(path.relative_to(run.path)) for path in paths] == [
        "trials.jsonl",
        "best.yaml",
        "model.npz",
        "lock",
        "trials/0012/log.txt",
        "trials/0012/curve.jsonl",
        "trials/0012/checkpoint",
        "trials/0012/model.npz",
        "trials/12345",
    ]


# Results.


def test_results_of_the_first_format_read_as_they_were_written_by_index(tmp_path: Path) -> None:
    run = make_run(tmp_path, "digits")
    shutil.copy(FROZEN, run.trials_path)
    stopped, done, failed, diverged = run.results()
    assert [r.trial.index for r in (stopped, done, failed, diverged)] == [0, 1, 2, 3]
    assert (stopped.state, stopped.trial.cutoffs) == (State.STOPPED, {1: 0.5, 2: 0.25})
    assert stopped.trial.ranges == {"alpha": (1e-4, 1.0), "optimizer": ("momentum", "adam")}
    assert (done.state, done.value, done.best_epoch) == (State.DONE, 0.0417, 2)
    assert done.trial.hparams["batch_norm"] is True
    assert (failed.state, failed.curves) == (State.FAILED, {})
    assert (diverged.state, diverged.curves) == (State.DIVERGED, {"dev_error": (0.9, None)})
    copy = make_run(tmp_path, "copy")
    with Journal(copy.trials_path) as journal:
        journal.append_all([result.to_record() for result in (done, stopped, diverged, failed)])
    assert copy.trials_path.read_bytes() == FROZEN.read_bytes()


def test_a_trial_recorded_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    run = make_run(tmp_path, "digits")
    one, other, *_ = read_journal(FROZEN)
    with Journal(run.trials_path) as journal:
        journal.append_all([one, other, one])
    with pytest.raises(RunError, match=r"trials.jsonl:3: trial 1 has a result already, in line 1"):
        run.results()


@pytest.mark.parametrize(
    "change",
    [
        {"state": "exploded"},
        {"trial": None},
        {"unit": 3},
        {"unit": ["x"]},
        {"cutoffs": []},
        {"ranges": {"alpha": 1}},
        {"hparams": 7},
    ],
)
def test_a_record_that_is_no_result_is_refused_with_its_line(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    run = make_run(tmp_path, "digits")
    good, bad, *_ = read_journal(FROZEN)
    with Journal(run.trials_path) as journal:
        journal.append_all([good, bad | change])
    with pytest.raises(
        RunError, match=r"trials.jsonl:2: the line is not a trial's result"
    ) as caught:
        run.results()
    assert "\n" not in caught.value.message


# Finding runs.


def test_runs_are_found_the_last_changed_first(tmp_path: Path) -> None:
    make_run(tmp_path, "old", changed=100)
    make_run(tmp_path, "new", changed=300)
    make_run(tmp_path, "b", changed=200)
    make_run(tmp_path, "a", changed=200)
    (tmp_path / "notes").mkdir()
    (tmp_path / "file.txt").touch()
    shutil.copytree(tmp_path / "new", tmp_path / ".hidden.7.tmp")
    assert [run.name for run in find_runs(tmp_path)] == ["new", "a", "b", "old"]
    assert find_run(tmp_path).name == "new"
    with Journal(RunFolder(tmp_path / "old").trials_path) as journal:
        journal.append({"trial": 0})
    assert find_run(tmp_path).name == "old"
    os.utime(tmp_path / "b" / "trials.jsonl", (2**33, 2**33))
    assert find_run(tmp_path).name == "b"


def test_a_run_is_found_by_name_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path / "runs", "digits")
    assert find_run(tmp_path / "runs", "digits") == run
    assert find_run(tmp_path / "elsewhere", str(run.path)) == run
    monkeypatch.chdir(tmp_path)
    assert find_run(Path("elsewhere"), "runs/digits/") == run
    monkeypatch.chdir(run.path)
    assert find_run(Path("runs"), ".").name == "digits"


def test_a_run_that_is_not_there_is_one_helpful_line(tmp_path: Path) -> None:
    for name in (None, "digits"):
        with pytest.raises(
            UsageError, match=r"there are no runs in .*; start one with: hpsearch run"
        ):
            find_run(tmp_path / "runs", name)
    make_run(tmp_path, "digits")
    with pytest.raises(UsageError, match=r"there is no run 'digts' in .*; did you mean digits?"):
        find_run(tmp_path, "digts")
    with pytest.raises(UsageError, match=r"no run 'letters' in .*; hpsearch list shows"):
        find_run(tmp_path, "letters")


def test_a_file_in_place_of_the_runs_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(
        RunError, match="runs: cannot look for runs: Not a directory; a file stands"
    ):
        find_runs(tmp_path / "runs")


def test_a_journal_cut_in_its_first_line_is_no_empty_run(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "r")
    run.create("", "")
    run.trials_path.write_bytes(b'{"format": 1, "trial"')
    assert run.results() == []  # whoever wrote it was stopped, and had told nobody
    run.best_path.write_text("")
    with pytest.raises(RunError, match=r"trials\.jsonl:1: the file was cut within its first line"):
        run.results()
    with pytest.raises(RunError, match="remove best"):
        run.attempts()
