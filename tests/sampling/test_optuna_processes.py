"""Optuna's samplers in parallel and through crashes: the same table. Real processes."""

import signal
from pathlib import Path

import pytest

from tests.shell import Shell

pytest.importorskip("optuna", reason="the strategy drives Optuna, an extra")

# Trials last differently long, so that with several workers they end out of order.
OBJECTIVE = """
import time

def curve(x, kind, y=0.5):
    for epoch in range(1, 5):
        time.sleep(0.005 + 0.03 * (x * 7919 % 1))
        yield {"loss": (x - 0.3) ** 2 + (y - 0.7) ** 2 + 0.2 * (kind == "a") + 1 / epoch}
"""
CONFIG = """
name: asked
seed: 4
trainable: objective.py:curve
epochs: 4
metric: {name: loss, goal: minimize}
parameters:
  x:    {min: 0, max: 1}
  kind: {values: [a, b, c]}
  y:    {min: 0, max: 1, when: {kind: [b, c]}}
search:
  strategy: {optuna: TPESampler, multivariate: true, group: true, n_startup_trials: 4}
  max_trials: 26
  lookahead: 4
"""


def shell_in(folder: Path) -> Shell:
    shell = Shell(folder)
    shell.write("objective.py", OBJECTIVE)
    shell.write("config.yaml", CONFIG)
    return shell


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The search on one worker."""
    shell = shell_in(tmp_path_factory.mktemp("undisturbed"))
    done = shell("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 0, done.err
    table = shell.table("asked")
    assert len(table.splitlines()) == 1 + 26
    assert ",stopped," in table
    assert "\n  optuna: " in (shell.folder / "runs/asked/resolved.yaml").read_text()
    return shell


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["2", "4"])
def test_the_same_table_for_any_number_of_workers(
    tmp_path: Path, undisturbed: Shell, workers: str
) -> None:
    shell = shell_in(tmp_path)
    done = shell("run", "config.yaml", "-w", workers, "-q")
    assert done.code == 0, done.err
    assert shell.table("asked") == undisturbed.table("asked")


@pytest.mark.slow
def test_killed_and_resumed_it_ends_the_same(tmp_path: Path, undisturbed: Shell) -> None:
    shell = shell_in(tmp_path)
    journal = tmp_path / "runs/asked/trials.jsonl"
    process = shell.start("run", "config.yaml", "-w", "2", "-q")
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 8, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    shell.no_process_left(process)
    assert 8 <= len(shell.records("asked")) < 26
    done = shell("run", "config.yaml", "-w", "2", "-q")
    assert done.code == 0, done.err
    assert shell.table("asked") == undisturbed.table("asked")


def test_without_optuna_a_search_says_what_to_install_and_a_report_is_made(
    tmp_path: Path, undisturbed: Shell
) -> None:
    (tmp_path / "optuna.py").write_text("raise ImportError('as if it were not installed')")
    done = undisturbed("preview", "config.yaml", PYTHONPATH=str(tmp_path))
    assert done.code == 2
    assert done.err == (
        "error: search.strategy: Optuna's samplers need Optuna; "
        "install it with: pip install 'hpsearch[optuna]'\n"
    )
    done = undisturbed("report", "asked", PYTHONPATH=str(tmp_path))
    assert done.code == 0, done.err
    assert "26 trials" in done.out
