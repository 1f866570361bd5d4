"""``hpsearch run --fork`` from outside: a search around a babysat model, and the way back."""

from pathlib import Path

import pytest

from tests.cli.test_babysit import DIGITS, ledger, piped, states
from tests.shell import Shell

SPACE = DIGITS.replace("layers: 1\n", "layers: 1\n  dropout: {min: 0, max: 0.5}\n")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", DIGITS)
    shell.write("space.yaml", SPACE.replace("name: digits", "name: space"))
    assert piped(shell, "go 12\nalpha /2\ngo 4\n", "config.yaml", "-q").code == 0
    return shell


@pytest.mark.slow
def test_a_fork_is_a_search_and_its_best_is_grafted_back(shell: Shell) -> None:
    # Epoch 8 has no checkpoint any more: every worker trains it again.
    command = ("run", "space.yaml", "--fork", "digits-panda@8", "-q")
    done = shell(*command, "-w", "2")
    assert done.code == 0, done.err
    assert "hidden_units cannot change while a model trains; it stays 16" in done.err
    records = shell.records("space-fork")
    assert len({record["hparams"]["dropout"] for record in records}) == 3
    assert {record["hparams"]["hidden_units"] for record in records} == {16}
    assert {record["hparams"]["fork_at"] for record in records} == {"main@8"}
    assert shell(*command, "-w", "1", "--name", "again").code == 0
    assert shell.table("again") == shell.table("space-fork")
    best = min(records, key=lambda record: record["value"])
    grafted = piped(shell, "graft space-fork#best\n", "--resume", "digits-panda")
    assert grafted.code == 0, grafted.err
    assert "warning" not in grafted.err
    branch = [r for r in ledger(shell) if r["kind"] == "epoch" and r["at"].startswith("b1@")]
    assert [r["values"]["dev_error"] for r in branch] == best["curves"]["dev_error"]
    assert list(states(shell))[-1] == "b1@12"
    assert shell("babysit", "--replay", "digits-panda").code == 0


@pytest.mark.slow
def test_where_a_fork_begins_is_no_hyperparameter(shell: Shell) -> None:
    done = shell("run", "space.yaml", "--fork", "digits-panda@16", "-w", "1")
    assert done.code == 0, done.err
    assert "fork_at" in shell.records("space-fork")[0]["hparams"]
    shown = [done.out, done.err, shell("preview", "runs/space-fork/resolved.yaml").out]
    shown += [shell("retest", "space-fork", "--trial", "0").err]
    for options in (
        (),
        ("--trial", "0"),
        ("--format", "csv"),
        ("--format", "json"),
        ("--top", "2"),
    ):
        shown.append(shell("report", "space-fork", *options).out)
    shown.append(shell("watch", "space-fork").out)
    assert all(shown)
    assert not [text for text in shown if "fork_" in text]


def test_what_cannot_be_forked(shell: Shell) -> None:
    for arguments, said in {
        ("space.yaml", "--fork", "digits-panda"): "write RUN@EPOCH",
        ("space.yaml", "--fork", "digits-panda@99"): "epochs 0 to 16, not 99",
        ("space.yaml", "--fork", "nothing@3"): "there is no run 'nothing'",
    }.items():
        refused = shell("run", *arguments)
        assert refused.code == 2
        assert said in refused.err
    shell.write("fixed.yaml", DIGITS.replace("{min: 1e-3, max: 1e-1, scale: log}", "0.1"))
    refused = shell("run", "fixed.yaml", "--fork", "digits-panda@3")
    assert refused.code == 2
    assert "no parameter of the config can vary after a fork" in refused.err
    refused = piped(shell, "graft digits-panda#1\n", "--resume", "digits-panda")
    assert refused.code == 2
    assert not list(shell.folder.glob("runs/*fork*"))


@pytest.mark.slow
def test_a_branch_exported_as_a_schedule_is_run_and_searched_around(shell: Shell) -> None:
    assert shell("babysit", "--resume", "--export", "found.yaml").code == 0
    done = shell("run", "found.yaml", "-q")
    assert done.code == 0, done.err
    trained = [r["values"]["dev_error"] for r in ledger(shell) if r["kind"] == "epoch"]
    assert shell.records("found")[0]["curves"]["dev_error"] == trained
    around = shell(
        "run",
        "found.yaml",
        "-q",
        "--name",
        "around",
        "--set",
        "search.max_trials=3",
        "--set",
        "parameters.hidden_units={min: 8, max: 32, type: int}",
    )
    assert around.code == 0, around.err
    assert len({record["hparams"]["hidden_units"] for record in shell.records("around")}) == 3
