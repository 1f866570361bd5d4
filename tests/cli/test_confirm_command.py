"""``hpsearch confirm`` and ``search.confirm``: the best trials again on fresh seeds."""

import json
import os
import signal
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

import hpsearch
from hpsearch.seeds import confirm_seed
from hpsearch.store.journal import read_journal
from hpsearch.store.rundir import RunFolder
from tests.shell import Shell

CONFIG = """
name: own
seed: 18
trainable: objective.py:train
metric: loss
parameters:
  w: {min: 0, max: 10}
search: {strategy: random, max_trials: 20, lookahead: 4}
run: {workers: 2}
"""
CONFIRM = "{top: 4, repeats: 6}"
OBJECTIVE = """
import random, time

def train(w, seed):
    time.sleep(PAUSE)
    return w + NOISE * random.Random(seed).gauss(0, 1)
"""

NETWORK = """
name: net
seed: 3
data: {path: rows.csv, target: y, dev: 0.3, test: 0.2}
epochs: 3
parameters:
  alpha: {min: 1e-4, max: 1, scale: log}
  hidden_units: {min: 2, max: 9, type: int}
search: {max_trials: 8, lookahead: 4}
run: {workers: 2, kernels: numpy}
"""


def shell_with(folder: Path, config: str = CONFIG, noise: float = 1.0, pause: float = 0) -> Shell:
    folder.mkdir(exist_ok=True)
    shell = Shell(folder)
    text = OBJECTIVE.replace("NOISE", str(noise)).replace("PAUSE", str(pause))
    shell.write("objective.py", text)
    shell.write("config.yaml", config)
    return shell


def confirming(config: str = CONFIG) -> str:
    return config.replace("lookahead: 4}", f"lookahead: 4, confirm: {CONFIRM}}}")


def network_rows() -> str:
    lines = ["a,b,y"]
    for i in range(90):
        a, b = (i * 37 % 90) / 90, (i * 53 % 90) / 90
        lines.append(f"{a:.4f},{b:.4f},{'up' if a + 0.3 * ((i * 7) % 5) > b + 0.6 else 'down'}")
    return "\n".join(lines) + "\n"


def confirmed(shell: Shell, run: str = "own") -> dict[str, Any]:
    done = shell("report", run, "--format", "json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)["confirmed"]
    return found


def trained(shell: Shell, run: str = "own") -> list[tuple[int, int]]:
    """The trainings on record, by trial and repeat."""
    records = read_journal(RunFolder(shell.folder / "runs" / run).confirm_path)
    return [(r["trial"], r["repeat"]) for r in records if "repeat" in r]


def test_the_winner_is_named_by_its_mean_on_fresh_seeds(tmp_path: Path) -> None:
    shell = shell_with(tmp_path)
    assert shell("run", "config.yaml", "-q").code == 0
    table = shell.table("own")
    done = shell("confirm", "own", "--top", "4", "--repeats", "6")
    assert done.code == 0, done.err
    found = confirmed(shell)
    folder = RunFolder(tmp_path / "runs" / "own")
    observed = {r["trial"]: r for r in shell.records("own")}
    ranked = sorted(observed, key=lambda trial: observed[trial]["value"])[:4]
    assert sorted(one["trial"] for one in found["candidates"]) == sorted(ranked)
    records = [r for r in read_journal(folder.confirm_path) if "repeat" in r]
    assert {r["seed"] for r in records if r["repeat"] == 2} == {confirm_seed(18, 2)}
    for one in found["candidates"]:
        own = [r["value"] for r in records if r["trial"] == one["trial"]]
        assert one["values"] == own
        assert one["mean"] == pytest.approx(mean(own))
    winner = min(
        (one for one in found["candidates"] if one["dropped_after"] is None),
        key=lambda one: one["mean"],
    )
    assert found["winner"] == winner["trial"]
    # All use the same seeds, and the noise is the same for all: the least w wins without doubt.
    assert found["winner"] == min(ranked, key=lambda trial: observed[trial]["hparams"]["w"])
    assert found["tied"] == []
    first = next(one for one in found["candidates"] if one["trial"] == ranked[0])
    assert found["optimism"] == pytest.approx(first["mean"] - observed[ranked[0]]["value"])
    assert found["trainings"] == 4 * 2 + 4, "who is behind is out after the second round"
    assert f"Confirmed: trial #{found['winner']} with loss" in done.out.replace("\n", " ")
    assert "12 of 24 trainings" in done.out.replace("\n", " ")
    best = folder.best_path.read_text()
    assert f"confirmed winner of the run own, trial {found['winner']}" in best
    assert f"w: {observed[found['winner']]['hparams']['w']!r}" in best
    assert shell.table("own") == table, "the search's own record stays"
    report = shell("report", "own").out
    assert "confirmed loss" in report
    assert f"trial #{found['winner']}, mean of 6 fresh seeds" in report
    assert "own" in shell("list").out
    assert "loss, confirmed" in shell("list").out
    assert "6 fresh seeds, ±" in shell("compare", "own", "own").out
    assert "Confirmed on fresh seeds" in page(shell)
    again = shell("confirm", "own", "--top", "4", "--repeats", "6")
    assert again.code == 0
    assert again.err == "", "nothing is trained twice"
    assert again.out == done.out


def page(shell: Shell) -> str:
    assert shell("report", "own", "--html").code == 0
    return (shell.folder / "runs" / "own" / "report.html").read_text()


def test_the_config_asks_for_it_and_the_table_stays_the_same(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, confirming())
    preview = shell("preview", "config.yaml")
    assert "then the best 4 again, on up to 6 fresh seeds each" in preview.out.replace("\n", " ")
    done = shell("run", "config.yaml", "--progress", "plain")
    assert done.code == 0, done.err
    assert "confirm: #" in done.err
    assert "are behind, and are trained no further" in done.err
    assert "confirmed" in done.out
    table, journal = shell.table("own"), trained(shell)
    one = shell_with(tmp_path / "one", confirming())
    events = [
        json.loads(line)
        for line in one("run", "config.yaml", "-w", "1", "--json").out.split("\n")
        if line
    ]
    assert one.table("own") == table
    assert confirmed(one) == confirmed(shell)
    assert sorted(trained(one)) == sorted(journal)
    assert sum(event["event"] == "confirm" for event in events) == len(journal)
    assert events[-1]["confirmed"] == confirmed(shell)
    plain = shell_with(tmp_path / "plain")
    assert plain("run", "config.yaml", "-q").code == 0
    assert plain.table("own") == table, "a search that is not confirmed has the same trials"
    # The complete run is given back, and a config that asks for it later gets it.
    again = shell("run", "config.yaml", "--progress", "plain")
    assert "confirm:" not in again.err
    assert "confirmed" in again.out
    plain.write("config.yaml", confirming())
    assert plain("run", "config.yaml", "-q").code == 0
    assert confirmed(plain) == confirmed(shell)


def test_killed_at_any_moment_it_comes_to_the_same(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, noise=8, pause=0.02)
    assert shell("run", "config.yaml", "-q").code == 0
    whole = shell_with(tmp_path / "whole", noise=8, pause=0.02)
    assert whole("run", "config.yaml", "-q").code == 0
    words = ("confirm", "own", "--top", "4", "--repeats", "4")
    assert whole(*words).code == 0
    journal = RunFolder(tmp_path / "runs" / "own").confirm_path
    killed = 0
    for more in (1, 5, 4):
        before = journal.read_bytes().count(b"\n") if journal.exists() else 0
        killed += shell.kill_at(journal, before + more, *words)
    assert killed == 3
    done = shell(*words)
    assert done.code == 0, done.err
    assert confirmed(shell) == confirmed(whole)
    assert len(trained(shell)) == len(set(trained(shell))), "what is recorded is not repeated"
    assert not list((tmp_path / "runs" / "own").glob("confirm/seed-*"))


def test_an_interrupted_confirmation_is_gone_on_with_by_run(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, confirming(), pause=0.1)
    process = shell.start("run", "config.yaml", "--progress", "plain")
    journal = RunFolder(tmp_path / "runs" / "own").confirm_path
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 2, process)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "go on with: hpsearch run config.yaml" in err
    assert confirmed(shell)["over"] is False
    assert "The confirmation is not over" in shell("report", "own").out
    assert "observed once" in shell("report", "own").out
    assert shell("run", "config.yaml", "-q").code == 0
    assert confirmed(shell)["over"] is True


def test_a_trainable_that_does_not_use_its_seed_is_told(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, noise=0)
    assert shell("run", "config.yaml", "-q").code == 0
    done = shell("confirm", "own")
    assert done.code == 0, done.err
    assert "does not use its seed" in done.out.replace("\n", " ")
    assert len(trained(shell)) == 10, "two rounds are enough"


def test_nothing_wins_where_every_candidate_fails(tmp_path: Path) -> None:
    shell = shell_with(tmp_path)
    assert shell("run", "config.yaml", "-q").code == 0
    best = (tmp_path / "runs" / "own" / "best.yaml").read_bytes()
    shell.write("objective.py", "def train(w, seed):\n    raise ValueError('broken now')\n")
    done = shell("confirm", "own")
    assert done.code == 1
    assert "None of the best 5 came to a value on fresh seeds" in done.out.replace("\n", " ")
    assert "the code has changed" in done.err
    assert (tmp_path / "runs" / "own" / "best.yaml").read_bytes() == best


def test_model_and_test_score_follow_the_winner_and_come_back(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("rows.csv", network_rows())
    shell.write("config.yaml", NETWORK)
    assert shell("run", "config.yaml", "-q").code == 0
    folder = RunFolder(tmp_path / "runs" / "net")
    own_model = folder.model_path.read_bytes()
    assert shell("confirm", "net", "--top", "3", "--repeats", "2", "-w", "1").code == 0
    found = confirmed(shell, "net")
    values = next(c["values"] for c in found["candidates"] if c["trial"] == found["winner"])
    score = json.loads(folder.test_path.read_text())
    assert score["trial"] == found["winner"]
    assert score["repeat"] == 1 + values.index(min(values))
    assert score["uses"] == 2
    assert folder.model_path.read_bytes() != own_model
    assert folder.observed_model_path.read_bytes() == own_model
    assert all(candidate["weights"] for candidate in found["candidates"])
    report = shell("report", "net").out
    assert "by its rows" in report
    assert "of 27 dev rows wrong" in report
    assert shell("predict", "net", "rows.csv").code == 0
    first = next(
        r
        for r in shell.records("net")
        if r["value"] == min(record["value"] for record in shell.records("net"))
    )["trial"]
    assert "byte for byte" in shell("retest", "net", "--trial", str(first)).out
    # Going on with the search, its own best is the best until there is another confirmation.
    extended = shell("run", "config.yaml", "-q", "--set", "search.max_trials=30")
    assert extended.code == 0, extended.err
    assert confirmed(shell, "net") is None
    assert folder.best_path.read_text().startswith("# The best trial of the run net")
    assert not folder.observed_model_path.exists()


def test_from_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = shell_with(tmp_path)
    assert shell("run", "config.yaml", "-q").code == 0
    monkeypatch.chdir(tmp_path)
    run = hpsearch.load("own")
    assert run.best is not None
    assert run.best.confirmed is None
    assert run.confirmation is None
    with pytest.raises(hpsearch.HpsearchError, match="repeats must be 2 or more, not 1"):
        run.confirm(repeats=1)
    again = run.confirm(top=2, repeats=2, workers=1, quiet=True)
    assert again.best is not None
    assert again.confirmation is not None
    assert again.best.number == again.confirmation["winner"]
    assert again.best.confirmed == again.confirmation["candidates"][0]["mean"]
    assert again.best.standard_error is not None
    assert repr(again).endswith(", confirmed>")


def test_what_cannot_be_confirmed_is_refused_in_one_line(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, CONFIG.replace("lookahead: 4", "confirm: {top: 0, seeds: 3}"))
    done = shell("run", "config.yaml")
    assert done.code == 2
    assert "config.yaml:8:59: search.confirm.top: must be a whole number, 1 or more" in done.err
    assert "8:62: search.confirm.seeds: unknown key; here it is called repeats" in done.err
    told = CONFIG.replace("objective.py:train", "told").replace("lookahead: 4", "confirm: {}")
    shell.write("config.yaml", told)
    done = shell("ask", "config.yaml")
    assert done.code == 2
    assert "search.confirm: trains trials again, and what is told is trained elsewhere" in done.err
    done = shell("confirm", "own")
    assert done.code == 2
    assert done.err.count("\n") == 1
    goals = CONFIG.replace(
        "metric: loss", "metric: [{name: loss, goal: minimize}, {name: size, goal: minimize}]"
    )
    shell.write("config.yaml", confirming(goals))
    done = shell("run", "config.yaml")
    assert done.code == 2
    assert "search.confirm: names one winner, and this search has 2 goals" in done.err


def test_a_damaged_journal_is_told_with_its_line(tmp_path: Path) -> None:
    shell = shell_with(tmp_path)
    assert shell("run", "config.yaml", "-q").code == 0
    assert shell("confirm", "own", "--top", "2", "--repeats", "2").code == 0
    path = RunFolder(tmp_path / "runs" / "own").confirm_path
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"repeat": 1', b'"repeat": 2')
    path.write_bytes(b"\n".join(lines))
    for words in (("report", "own"), ("confirm", "own"), ("run", "config.yaml", "-q")):
        done = shell(*words)
        assert done.code == 1, words
        assert "confirm.jsonl:2: the line is damaged" in done.err
