"""``hpsearch audit`` (or ``retest --audit``): stopped trials to the end, the record as it was."""

import json
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.records import State, Trial, TrialResult
from hpsearch.search.audit import Audit, Audited
from hpsearch.seeds import audit_order
from hpsearch.store.journal import read_journal
from hpsearch.store.rundir import RunFolder
from tests.shell import Shell

CONFIG = """
name: own
seed: 18
trainable: objective.py:train
metric: loss
epochs: 4
parameters:
  w: {min: 0, max: 10}
search: {strategy: random, max_trials: 60, lookahead: 2, early_stop: bold}
run: {workers: 2}
"""
# Whoever has w > 7 is far behind after the first epoch. Above 9.5 it would have reached 0.
OBJECTIVE = """
import sys, time

def train(w):
    print("w is", w)
    for epoch in range(4):
        time.sleep(PAUSE)
        if w <= 7:
            yield {"loss": 1 + w / 10 + 1 / (1 + epoch)}
        else:
            yield {"loss": 9 - epoch if w <= 9.5 or epoch < 3 else 0.0}
"""


def objective(pause: float = 0.0) -> str:
    return OBJECTIVE.replace("PAUSE", str(pause))


def searched(folder: Path, config: str = CONFIG) -> Shell:
    shell = Shell(folder)
    shell.write("objective.py", objective())
    shell.write("config.yaml", config)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    return shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return searched(tmp_path)


def run_folder(shell: Shell) -> RunFolder:
    return RunFolder(shell.folder / "runs" / "own")


def audited(shell: Shell) -> list[int]:
    return [record["trial"] for record in read_journal(run_folder(shell).audit_path)]


def stopped(shell: Shell) -> dict[int, float]:
    """The stopped trials and their w."""
    records = shell.records("own")
    return {r["trial"]: r["hparams"]["w"] for r in records if r["state"] == "stopped"}


def state_of(folder: Path) -> dict[str, bytes]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p): p.read_bytes() for p in files if p.name != "audit.jsonl"}


def test_stopped_trials_that_would_have_won_are_found(shell: Shell) -> None:
    before = state_of(shell.folder / "runs")
    behind = stopped(shell)
    missed = sorted(trial for trial, w in behind.items() if w > 9.5)
    assert len(missed) >= 2
    done = shell("retest", "own", "--audit", "all")
    assert done.code == 0, done.out + done.err
    assert f"All of them were trained to the end afterwards: {len(missed)} beat" in done.out
    assert "beat the winner's 1.2" in done.out.replace("\n", " ")
    assert f"the best, trial {missed[0]}, reached 0" in done.out
    assert f"trial {missed[0]}: stopped after 1 epoch at loss 9; to the end loss 0\n" in done.out
    assert "every number of every epoch is the recorded one" in done.out
    assert sorted(audited(shell)) == sorted(behind)
    assert state_of(shell.folder / "runs") == before
    assert not list(run_folder(shell).path.glob(".*"))


@pytest.mark.slow
def test_an_audit_goes_on_and_trains_nobody_twice(shell: Shell) -> None:
    first = shell("retest", "own", "--audit", "2")
    assert first.code == 0, first.err
    two = audited(shell)
    assert len(two) == 2
    assert first.err.count("trial ") == 2
    again = shell("audit", "own", "-n", "2", "-w", "1")
    assert again.err == ""
    assert again.out == first.out
    assert "2 of them, drawn at random, were trained to the end" in again.out
    assert "So with 95 % confidence at most " in again.out
    more = shell("retest", "own", "--audit", "5", "-w", "1")
    assert more.code == 0, more.err
    assert audited(shell)[:2] == two
    assert len(set(audited(shell))) == 5
    assert (
        audited(shell)[2:] == audit_order(18, list(stopped(shell)))[2:5]
    )  # one worker keeps the order


def test_nothing_was_stopped(tmp_path: Path) -> None:
    shell = searched(tmp_path, CONFIG.replace("bold", "none"))
    done = shell("retest", "own", "--audit")
    assert (done.code, done.err) == (0, "")
    assert done.out == "early stopping stopped none of the 60 trials of own\n"
    assert not run_folder(shell).audit_path.exists()


def test_a_search_at_work_is_left_alone(shell: Shell) -> None:
    with run_folder(shell).lock("hpsearch run config.yaml"):
        done = shell("retest", "own", "--audit")
    assert done.code == 1
    assert "the search is at work; audit it when it has ended" in done.err
    assert len(done.err.splitlines()) == 1


def test_code_that_has_changed_is_found_out(shell: Shell) -> None:
    shell.write("objective.py", objective().replace('{"loss": ', '{"loss": 0.5 + '))
    done = shell("retest", "own", "--audit", "3")
    assert done.code == 1
    assert done.out.count("not as recorded: loss from epoch 1 on: ") == 3
    assert "random numbers" in done.out
    assert "3 audited trials (trials " in done.out
    assert "did not repeat the recorded curve" in done.out


@pytest.mark.slow
def test_code_that_fails_now_says_nothing_of_what_was_recorded(shell: Shell) -> None:
    shell.write("objective.py", "def train(w):\n    raise ValueError('broken')\n    yield 1\n")
    done = shell("retest", "own", "--audit", "2")
    assert done.code == 1
    assert done.out.count("failed, so it is not kept: ValueError: broken") == 2
    assert "random numbers" not in done.out  # what it says of a difference does not explain this
    assert audited(shell) == []
    shell.write("objective.py", objective())
    assert shell("retest", "own", "--audit", "2").code == 0
    assert len(audited(shell)) == 2


def test_code_that_is_gone_is_told_once(shell: Shell) -> None:
    (shell.folder / "objective.py").unlink()
    done = shell("retest", "own", "--audit", "2")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "objective.py" in done.err
    assert audited(shell) == []


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_what_was_audited_before_the_end_is_kept(shell: Shell, number: signal.Signals) -> None:
    shell.write("objective.py", objective(0.3))
    before = state_of(shell.folder / "runs")
    process = shell.start("retest", "own", "--audit", "5", "-w", "1")
    shell.wait_for(lambda: len(audited(shell)) >= 1, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    kept = audited(shell)
    assert 1 <= len(kept) < 5
    if number != signal.SIGKILL:
        assert process.returncode == 130, err
        assert f"interrupted with {len(kept)} of 5 kept; the same command goes on" in err
        assert "Early stopping ended" in out
    shell.no_process_left(process)
    shell.write("objective.py", objective())
    assert shell("retest", "own", "--audit", "5", "-w", "1").code == 0
    assert audited(shell)[: len(kept)] == kept
    assert audited(shell) == audit_order(18, list(stopped(shell)))[:5]
    assert state_of(shell.folder / "runs") == before


def test_what_an_earlier_audit_kept_outside_the_sample_is_not_counted() -> None:
    # As after a search went on: trials 1 to 3 were all there was to audit, and now 4 and 5 are
    # drawn before 1.
    results = [TrialResult(Trial(i, i, {}, ()), State.DONE, 1.0, 1, 4, {}) for i in range(6)]
    audited = tuple(Audited(result, result) for result in results[1:4])
    done = Audit(stopped=(1, 2, 3, 4, 5), chosen=(4, 5, 1), audited=audited)
    assert (done.kept, done.left) == (1, 2)
    failed = Audit(done.stopped, done.chosen, audited, failed=(results[4],))
    assert (failed.kept, failed.left) == (1, 1)


def test_a_damaged_record_of_the_audit_is_refused_with_its_line(shell: Shell) -> None:
    assert shell("retest", "own", "--audit", "2").code == 0
    path = run_folder(shell).audit_path
    path.write_bytes(path.read_bytes().replace(b'"done"', b'"dune"', 1))
    done = shell("retest", "own", "--audit", "2")
    assert done.code == 1
    assert "audit.jsonl:1: the line is damaged" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["own", "--audit", "few"], "'few' is neither a number nor 'all'"),
        (["own", "--audit", "2.5"], "'2.5' is neither a number nor 'all'"),
        (["own", "--audit", "0"], "audit 1 trial or more, or 'all'"),
        (["--audit", "own"], "RUN comes first: hpsearch retest RUN --audit"),
        (["own"], "choose one: --trial N trains trial N again"),
        (["own", "--trial", "1", "--audit"], "choose one"),
        (["own", "--audit", "2", "-o", "x"], "goes with --trial N"),
        (["own", "--trial", "1", "-w", "2"], "-w goes with --audit"),
    ],
)
def test_what_is_asked_wrongly(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], told: str
) -> None:
    shell = Shell(tmp_path_factory.getbasetemp())
    made = RunFolder(shell.folder / "runs" / "own")
    if not made.exists():
        made.create(CONFIG, CONFIG)
    done = shell("retest", *words)
    assert done.code == 2
    assert told in done.err
    assert len(done.err.splitlines()) == 1


@given(st.integers(0, 99), st.sets(st.integers(0, 500), max_size=30), st.integers(0, 30))
def test_a_sample_does_not_depend_on_who_else_was_stopped(
    seed: int, trials: set[int], count: int
) -> None:
    order = audit_order(seed, sorted(trials))
    assert sorted(order) == sorted(trials)
    some = sorted(trials)[:count]
    assert audit_order(seed, some) == [trial for trial in order if trial in some]


def test_every_stopped_trial_is_drawn_as_often() -> None:
    # 10 trials, 400 seeds: the first place goes to each about 40 times, deviation 6.
    firsts = [audit_order(seed, range(10))[0] for seed in range(400)]
    assert all(16 < firsts.count(trial) < 64 for trial in range(10))


def test_the_record_is_sealed_lines_like_the_trials(shell: Shell) -> None:
    assert shell("retest", "own", "--audit", "1").code == 0
    [line] = run_folder(shell).audit_path.read_text().splitlines()
    record = json.loads(line)
    assert list(record) == list(shell.records("own")[0])
    assert record["cutoffs"] == {}
    assert record["epochs"] == 4
