"""``hpsearch run`` from outside: files, going on, refusing, exit codes. Real processes."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from hpsearch.config import load_config, recorded_facts, recorded_text
from tests.shell import TIMEOUT, Shell, children_of, is_worker

QUADRATIC = """
name: quadratic
trainable: objective.py:cost
metric: {name: J, goal: minimize}
parameters:
  w: {min: -10, max: 20, step: 0.1}
search: {max_trials: 12, lookahead: 4}
run: {workers: 2}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", QUADRATIC)
    shell.write("objective.py", "def cost(w):\n    return w**2 - 10*w + 25\n")
    return shell


def test_a_search_from_nothing_to_its_files(shell: Shell) -> None:
    done = shell("run", "config.yaml")
    assert done.code == 0, done.err
    run = shell.folder / "runs" / "quadratic"
    assert (run / "config.yaml").read_text() == QUADRATIC
    lines = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
    assert sorted(line["trial"] for line in lines) == list(range(12))
    best = min(lines, key=lambda line: (line["value"], line["trial"]))
    assert yaml.safe_load((run / "best.yaml").read_text())["parameters"] == best["hparams"]
    assert f"trial {best['trial']}" in done.out
    for written in ("trials.jsonl", "best.yaml"):
        assert f"wrote runs/quadratic/{written}" in done.out
    assert not (run / "trials" / "0000").exists(), "a silent trial leaves no folder"
    assert "12/12 trials" in done.err


def test_the_best_is_itself_runnable(shell: Shell) -> None:
    shell("run", "config.yaml")
    best = shell.folder / "runs" / "quadratic" / "best.yaml"
    again = shell("run", str(best))
    assert again.code == 0, again.err
    assert "1/1 trial in" in again.out
    assert ": 1 trial, " in again.err
    assert "warning" not in again.err


def test_the_same_command_again_says_that_it_is_complete(shell: Shell) -> None:
    first = shell("run", "config.yaml")
    before = shell.table("quadratic")
    again = shell("run", "config.yaml")
    assert again.code == 0
    assert shell.table("quadratic") == before
    assert first.out.splitlines()[1:] == again.out.splitlines()[1:]
    assert again.err.endswith("quadratic: complete, 12 trials\n")


def test_a_run_with_more_trials_than_are_asked_for_says_so(shell: Shell) -> None:
    shell("run", "config.yaml")
    again = shell("run", "config.yaml", "--set", "search.max_trials=5")
    assert again.code == 0
    assert "quadratic: complete, 12 trials (search.max_trials is 5)\n" in again.err
    assert "quadratic: 12 trials (search.max_trials is 5) in " in again.out


def test_raising_max_trials_extends_without_changing_what_was(shell: Shell) -> None:
    shell("run", "config.yaml")
    before = shell.table("quadratic")
    extended = shell("run", "config.yaml", "--set", "search.max_trials=17")
    assert extended.code == 0, extended.err
    after = shell.table("quadratic")
    assert after.startswith(before)
    assert len(after.splitlines()) == 1 + 17
    shell("run", "config.yaml", "--set", "search.max_trials=17", "--name", "at-once")
    assert shell.table("at-once") == after


def test_fresh_starts_another_beside_it(shell: Shell) -> None:
    shell("run", "config.yaml")
    second = shell("run", "config.yaml", "--fresh")
    assert second.code == 0
    assert shell.table("quadratic-2") == shell.table("quadratic")
    assert "wrote runs/quadratic-2/trials.jsonl" in second.out


def test_a_changed_config_is_refused_with_the_difference(shell: Shell) -> None:
    shell("run", "config.yaml")
    refused = shell("run", "config.yaml", "--set", "seed=1")
    assert refused.code == 2
    assert "seed: 0 -> 1" in refused.err
    assert "--fresh" in refused.err
    assert len(refused.err.splitlines()) == 1


def test_workers_and_limits_may_change(shell: Shell) -> None:
    shell("run", "config.yaml")
    again = shell("run", "config.yaml", "--set", "run.time_limit=50", "-w", "1")
    assert again.code == 0, again.err


@pytest.mark.slow
def test_a_project_that_was_moved_goes_on(shell: Shell) -> None:
    shell("run", "config.yaml")
    moved = Shell(shell.folder.rename(shell.folder.with_name("moved")))
    again = moved("run", "config.yaml", "--set", "search.max_trials=14")
    assert again.code == 0, again.err
    assert "14/14 trials" in again.out


@pytest.mark.slow
def test_going_on_keeps_what_the_run_was_started_with(shell: Shell) -> None:
    shell("run", "config.yaml")
    resolved = shell.folder / "runs/quadratic/resolved.yaml"
    text = resolved.read_text()
    facts = recorded_facts(resolved.read_bytes(), "resolved.yaml") | {"numpy": "0.0.1"}
    resolved.write_text(recorded_text(load_config(resolved).config, facts))
    for trials in ("13", "14"):  # the first extension must not forget what the second tells
        again = shell("run", "config.yaml", "--set", f"search.max_trials={trials}")
        assert again.code == 0, again.err
        assert "started with numpy 0.0.1" in again.err
    assert recorded_facts(resolved.read_bytes(), "resolved.yaml") == facts
    assert resolved.read_text() != text


def test_resume_refuses_to_start(shell: Shell) -> None:
    refused = shell("run", "config.yaml", "--resume")
    assert refused.code == 2
    assert "no run at runs/quadratic to resume" in refused.err
    assert not (shell.folder / "runs" / "quadratic").exists()
    both = shell("run", "config.yaml", "--resume", "--fresh")
    assert both.code == 2


def test_json_is_one_object_a_line_and_nothing_else(shell: Shell) -> None:
    done = shell("run", "config.yaml", "--json", "-q")
    events = [json.loads(line) for line in done.out.splitlines()]
    assert [e["event"] for e in events if e["event"] != "trial_started"] == [
        "start",
        *["trial"] * 12,
        "end",
    ]
    assert events[-1]["best"]["value"] == min(e["value"] for e in events if e["event"] == "trial")
    assert done.err == ""


def test_quiet_prints_the_summary_only(shell: Shell) -> None:
    done = shell("run", "config.yaml", "--quiet")
    assert done.err == ""
    assert "best J" in done.out


def test_a_second_coordinator_is_refused_at_once(shell: Shell) -> None:
    shell.write("objective.py", "import time\ndef cost(w):\n    time.sleep(10000)\n    return w\n")
    first = shell.start("run", "config.yaml")
    shell.wait_for((shell.folder / "runs/quadratic/trials").exists, first)
    second = shell("run", "config.yaml")
    assert second.code == 1
    assert first.poll() is None
    assert str(first.pid) in second.err
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=TIMEOUT)
    assert first.returncode == 130


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_an_interrupt_saves_everything_and_says_how_to_go_on(
    shell: Shell, number: signal.Signals
) -> None:
    shell("run", "config.yaml", "--name", "undisturbed")
    slow = "import time\ndef cost(w):\n    time.sleep(0.2)\n    return w**2 - 10*w + 25\n"
    shell.write("objective.py", slow)
    process = shell.start("run", "config.yaml")
    journal = shell.folder / "runs/quadratic/trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 2, process)
    process.send_signal(number)
    _, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert "go on with: hpsearch run config.yaml" in err
    assert "Traceback" not in err
    assert 2 <= journal.read_bytes().count(b"\n") < 12
    shell.no_process_left(process)
    assert shell("run", "config.yaml").code == 0
    assert shell.table("quadratic") == shell.table("undisturbed")


def test_ctrl_c_twice_does_not_wait_for_the_trials(shell: Shell) -> None:
    shell.write("objective.py", "import time\ndef cost(w):\n    time.sleep(10000)\n    return w\n")
    process = shell.start("run", "config.yaml")
    trials = shell.folder / "runs/quadratic/trials"
    shell.wait_for(lambda: trials.exists() and any(trials.iterdir()), process)
    # As a terminal does: to the whole process group, the workers included.
    shell.signal_group(process, signal.SIGINT)
    time.sleep(0.3)
    shell.signal_group(process, signal.SIGINT)
    process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    shell.no_process_left(process)


BAD_TRIALS = """
import ctypes, os, sys, time
def cost(w):
    kind = int(w) % 8
    print("trial says", kind)
    if kind == 1: raise ValueError("w is [red]odd[/red]")
    if kind == 2: return float("nan")
    if kind == 3: sys.exit(3)
    if kind == 4: os._exit(9)
    if kind == 5: ctypes.string_at(0)
    if kind == 6: time.sleep(60)
    if kind == 7: return "high"
    return w
"""


def test_bad_trials_become_states_and_the_search_goes_on(shell: Shell) -> None:
    shell.write("objective.py", BAD_TRIALS)
    shell.write(
        "config.yaml",
        "trainable: objective.py:cost\nmetric: J\n"
        "parameters:\n  w: {values: [0, 1, 2, 3, 4, 5, 6, 7]}\n"
        "search: {strategy: grid, max_trials: 8}\nrun: {workers: 2, time_limit: 2}\n",
    )
    done = shell("run", "config.yaml")
    assert done.code == 0, done.err
    rows = {r["hparams"]["w"]: r for r in shell.records("config")}
    assert {w: r["state"] for w, r in rows.items()} == {
        0: "done",
        1: "failed",
        2: "diverged",
        3: "failed",
        4: "failed",
        5: "failed",
        6: "failed",
        7: "failed",
    }
    assert rows[1]["error"] == "ValueError: w is [red]odd[/red] (objective.py:6)"
    assert rows[2]["error"] == "J is nan at epoch 1"
    assert rows[3]["error"].startswith("SystemExit: 3")
    assert rows[4]["error"] == "its worker process ended by itself (exit code 9), 2 times"
    assert "SIGSEGV" in rows[5]["error"]
    assert rows[6]["error"] == "it took longer than run.time_limit"
    assert rows[7]["error"] == (
        "cost gave 'high' (str) for 'J'; return a number, or a dict of numbers"
    )
    log = shell.folder / "runs/config/trials/0001/log.txt"
    assert log.read_text().startswith("trial says 1\n")
    assert 'raise ValueError("w is [red]odd[/red]")' in log.read_text()


def test_nothing_succeeded_is_exit_code_1(shell: Shell) -> None:
    shell.write("objective.py", "def cost(w):\n    raise RuntimeError('no luck')\n")
    done = shell("run", "config.yaml", "--set", "search.max_failures=0")
    assert done.code == 1
    assert "no trial has a value" in done.out
    assert "RuntimeError: no luck" in done.out


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def price(w): return w", "has no 'cost'"),
        ("def cost(v): return v", "takes no argument 'w'"),
        (
            "import no_such_package_here",
            "ModuleNotFoundError: No module named 'no_such_package_here'",
        ),
        ("def cost(w:\n", "SyntaxError"),
        ("raise SystemExit('not today')", "SystemExit: not today"),
    ],
)
def test_a_trainable_that_cannot_be_used_is_told_once_before_any_trial(
    shell: Shell, body: str, said: str
) -> None:
    shell.write("objective.py", body)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert not (shell.folder / "runs" / "quadratic").exists()


@pytest.mark.slow
def test_no_more_workers_than_can_ever_have_work(shell: Shell) -> None:
    shell.write("objective.py", "import time\ndef cost(w):\n    time.sleep(0.5)\n    return w\n")
    process = shell.start("run", "config.yaml", "-w", "500")
    shell.wait_for((shell.folder / "runs/quadratic/trials").exists, process)
    time.sleep(1)
    workers = [pid for pid in children_of(process.pid) if is_worker(pid)]
    assert 1 <= len(workers) <= 4, "the lookahead is 4"


@pytest.mark.parametrize(("handler", "code"), [(signal.SIG_DFL, 130), (signal.SIG_IGN, 0)])
def test_ctrl_c_while_the_command_line_is_imported(handler: signal.Handlers, code: int) -> None:
    script = (
        "import os, signal, sys\n"
        "class CtrlC:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'hpsearch.cli.main': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, CtrlC())\n"
        "sys.argv[1:] = ['--version']\n"
        "from hpsearch.__main__ import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, handler),
    )
    assert (done.returncode, done.stderr) == (code, "")


def test_what_comes_next_works_with_another_folder_of_runs(shell: Shell) -> None:
    done = shell("run", "config.yaml", "-q", "--runs", "my runs")
    assert done.out.endswith("next: hpsearch report quadratic --runs 'my runs'\n")
    assert shell("report", "quadratic", "--runs", "my runs").code == 0
    again = shell("run", "config.yaml", "-q", HPSEARCH_RUNS="my runs")
    assert again.out.endswith("next: hpsearch report quadratic\n")
    again = shell("run", "config.yaml", "-q", "--runs", "my runs", HPSEARCH_RUNS="elsewhere")
    assert again.out.endswith(" --runs 'my runs'\n")


def test_no_folder_of_runs_is_refused(shell: Shell) -> None:
    done = shell("run", "config.yaml", "--runs", "")
    assert done.code == 2
    assert "'--runs': it is empty; name a folder" in done.err
    assert not (shell.folder / "quadratic").exists()
