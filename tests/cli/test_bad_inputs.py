"""Wrong inputs of every kind: one clear line, the right exit code, and nothing written."""

import os
from pathlib import Path

import pytest

from tests.shell import Shell

GOOD = """data: {path: data.csv, target: label}
epochs: 2
parameters:
  alpha: {min: 1e-4, max: 1, scale: log}
search: {max_trials: 2}
"""
ROWS = "a,b,label\n" + "".join(f"{i},{i % 7}.5,{'xy'[i % 2]}\n" for i in range(40))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", GOOD)
    shell.write("data.csv", ROWS)
    return shell


def check(shell: Shell, code: int, *said: str, arguments: tuple[str, ...] = ()) -> None:
    done = shell("run", *(arguments or ("config.yaml",)), "-q")
    assert done.code == code, done
    assert len(done.err.splitlines()) == 1, done.err
    for words in said:
        assert words in done.err
    assert "Traceback" not in done.err
    assert not (shell.folder / "runs" / "config").exists()


def test_the_good_ones_are_good(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-q").code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("min: 1e-4", "min: 0", "config.yaml:4:16: parameters.alpha.min"),
        ("min: 1e-4, max: 1", "min: 2, max: 1", "config.yaml:4:"),
        ("scale: log", "scale: 1-beta", "parameters.alpha"),
        ("scale: log", "scale: lgo", "did you mean log"),
        ("alpha:", "alhpa:", "did you mean alpha"),
        ("epochs: 2", "epohcs: 2", "did you mean epochs"),
        ("epochs: 2", "epochs: two", "epochs: must be a whole number"),
        ("epochs: 2", "epochs: 2\nepochs: 3", "config.yaml:3:1"),
        ("epochs: 2", "epochs:\t2\n\tx: 1", "tab"),
        ("parameters:", "parameters:\n  optimizer: {values: [adam, adamw]}", "adamw"),
        ("target: label", "target: lable", "did you mean"),
        ("path: data.csv", "path: date.csv", "data.csv"),
        ("max_trials: 2", "max_trials: 0", "1 or more"),
        ("max_trials: 2", "strategy: anneal", "must be one of"),
    ],
)
def test_configs(shell: Shell, old: str, new: str, said: str) -> None:
    assert old in GOOD
    shell.write("config.yaml", GOOD.replace(old, new, 1))
    check(shell, 2, said)


@pytest.mark.parametrize(
    "content", ["", "# nothing but a comment\n", "just text\n", "- a\n- list\n"]
)
def test_config_files_without_a_config(shell: Shell, content: str) -> None:
    shell.write("config.yaml", content)
    check(shell, 2, "config.yaml")


def test_all_errors_of_a_file_at_once(shell: Shell) -> None:
    shell.write("config.yaml", "epohcs: 2\ndata: digits\nparameters:\n  alhpa: 1\nseed: -1\n")
    done = shell("run", "config.yaml")
    assert done.code == 2
    places = [line.split()[1] for line in done.err.splitlines()]
    assert places == ["config.yaml:1:1:", "config.yaml:4:3:", "config.yaml:5:7:"]


def test_a_config_that_is_not_there(shell: Shell) -> None:
    check(shell, 2, "confg.yaml", "did you mean config.yaml", arguments=("confg.yaml",))
    check(shell, 2, "folder", arguments=(".",))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("config.yaml", "--set", "search.max_trial=3"), "max_trials"),
        (("config.yaml", "--set", "epochs"), "--set"),
        (("config.yaml", "--set", "epochs=x"), "--set epochs=x"),
        (("config.yaml", "--workers", "0"), "--workers"),
        (("config.yaml", "--wrokers", "1"), "--workers"),
        (("config.yaml", "--name", "../up"), "error: --name: '../up' cannot"),
        (("config.yaml", "--name", "a b"), "write --name a-b"),
        (("config.yaml", "--name", ""), "--name: '' cannot"),
        (("config.yaml", "--set", "name=a b"), "--set name=a b: name: 'a b' cannot"),
        (("config.yaml", "--address", ""), "--address is empty"),
        ((), "CONFIG"),
    ],
)
def test_options(shell: Shell, arguments: tuple[str, ...], said: str) -> None:
    done = shell("run", *arguments)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_an_unknown_command(shell: Shell) -> None:
    done = shell("rnu", "config.yaml")
    assert done.code == 2
    assert "rnu" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "data.csv"),
        ("a,b,label\n", "data.csv"),
        (ROWS.replace("3,3.5", "3,three"), "data.csv:5"),
        (ROWS.replace("3,3.5", "3,nan"), "b"),
        (ROWS.replace("3,3.5", "3,"), "b"),
        (ROWS.replace("3,3.5", "3,3.5,9"), "data.csv:5"),
        (ROWS.replace(",y\n", ",x\n"), "two classes or more are needed"),
        ("\x00\x01\x02binary", "data.csv"),
    ],
)
def test_data(shell: Shell, rows: str, said: str) -> None:
    shell.write("data.csv", rows)
    check(shell, 2, said)


def test_runs_that_are_not_there(shell: Shell) -> None:
    for command in (("report",), ("report", "nothing")):
        done = shell(*command)
        assert done.code == 2
        assert "hpsearch run" in done.err
    assert shell("list").code == 0
    shell("run", "config.yaml", "-q")
    assert "did you mean config" in shell("report", "cnofig").err


def test_a_folder_of_runs_that_cannot_be_written(shell: Shell) -> None:
    shell.write("runs", "a file is in the way")
    done = shell("run", "config.yaml", "-q")
    assert done.code in (1, 2)
    assert len(done.err.splitlines()) == 1
    assert "runs" in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into read-only folders")
def test_a_read_only_folder(shell: Shell) -> None:
    (shell.folder / "runs").mkdir(mode=0o555)
    check(shell, 1, "runs", "Permission denied")


def test_a_damaged_journal_is_refused_with_its_line(shell: Shell) -> None:
    shell("run", "config.yaml", "-q")
    journal = shell.folder / "runs/config/trials.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0].replace(b'"round"', b'"rounb"') + lines[1])
    for command in (("run", "config.yaml", "-q"), ("report", "config")):
        done = shell(*command)
        assert done.code == 1
        assert "trials.jsonl:1" in done.err
        assert len(done.err.splitlines()) == 1
    assert "damaged" in shell("list").out
