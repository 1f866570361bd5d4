"""docs/formats.md tells no lies: what it documents is what is written, no more and no less."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from hpsearch.store.journal import read_journal
from tests.shell import Shell

DOCUMENT = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
CONFIG = """
name: digits
data: {path: digits.csv, target: label, dev: 0.2, test: 0.2}
epochs: 2
parameters:
  alpha:     {min: 1e-3, max: 1, scale: log}
  optimizer: {values: [sgd, adam]}
  beta1:     {min: 0.8, max: 0.99, scale: 1-beta, when: {optimizer: adam}}
search: {max_trials: 4, lookahead: 2, confirm: {top: 2, repeats: 2}}
run: {workers: 2}
"""


def section(title: str) -> str:
    """The part of the document under a heading."""
    parts = re.split(r"^#+ (.+)$", DOCUMENT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[title]


def named(text: str) -> set[str]:
    """Every word in code quotes."""
    return set(re.findall(r"`([a-z_0-9]+)`", text)) - {"null"}


def first_cells(text: str) -> list[str]:
    """The code-quoted names in a table's first column, in order."""
    return re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("formats"))
    rows = [f"{i % 13},{i % 11},{'ab'[(i % 13) > 6]}" for i in range(120)]
    shell.write("digits.csv", "\n".join(["x,y,label", *rows]) + "\n")
    shell.write("config.yaml", CONFIG)
    done = shell("run", "config.yaml", "--json", "-q")
    assert done.code == 0, done.err
    shell.write("events.jsonl", done.out)
    return shell


def test_the_keys_of_a_trial_in_their_order(shell: Shell) -> None:
    for record in shell.records("digits"):
        assert first_cells(section("trials.jsonl")) == list(record)


def test_the_arrays_of_a_model(shell: Shell) -> None:
    documented = named("\n".join(re.findall(r"^\| ([^|]+) \|", section("model.npz"), re.MULTILINE)))
    with np.load(shell.folder / "runs" / "digits" / "model.npz") as model:
        layered = {name for name in model if re.fullmatch(r"[Wb]\d", name)}
        assert documented | layered == set(model)
    assert "`W1`, `b1` … `WL`, `bL`" in section("model.npz")


def test_the_files_of_a_run(shell: Shell) -> None:
    documented = first_cells(section("The run's folder"))
    for path in (shell.folder / "runs" / "digits").iterdir():
        name = f"{path.name}/" if path.is_dir() else path.name
        assert name in documented or name == "trials/", name
    score = json.loads((shell.folder / "runs" / "digits" / "test.json").read_text())
    assert set(score) - {"crc"} <= named(section("The run's folder"))


def test_the_columns_of_the_table(shell: Shell) -> None:
    text = section("`hpsearch report --format csv` and `md`")
    done = shell("report", "--format", "csv")
    header = next(csv.reader([done.out.splitlines()[0]]))
    parameters = ["alpha", "optimizer", "beta1"]
    fixed = [name for name in header if name not in parameters]
    assert [n for n in re.findall(r"`([a-z_]+)`", text) if n in fixed][: len(fixed)] == fixed
    assert header == [*fixed[:-1], *parameters, "seconds"]


def test_the_keys_of_the_json_report(shell: Shell) -> None:
    report = json.loads(shell("report", "--format", "json").out)
    keys = {*report, *report["metric"], *report["trials"][0]}
    extra = {"true", "false", "md", "repeats"}
    assert named(section("`hpsearch report --format json`")) - extra == keys
    assert report["schema"] == 1


def test_the_keys_of_a_confirmation(shell: Shell) -> None:
    found = json.loads(shell("report", "--format", "json").out)["confirmed"]
    text = section("What a confirmation found")
    assert first_cells(text) == list(found)
    assert set(found["candidates"][0]) <= named(text)
    wish, *results = read_journal(shell.folder / "runs" / "digits" / "confirm.jsonl")
    assert set(wish) - {"crc"} <= named(section("confirm.jsonl"))
    assert {"repeat", "weights"} <= named(section("confirm.jsonl"))
    documented = {*first_cells(section("trials.jsonl")), "repeat", "weights"}
    assert {*results[0], "crc"} == documented


def test_the_keys_of_the_list(shell: Shell) -> None:
    listed = json.loads(shell("list", "--json").out)
    states = {"running", "complete", "unfinished", "babysat", "damaged"}
    assert named(section("`hpsearch list --json`")) - states == {*listed, *listed["runs"][0]}
    assert listed["schema"] == 1


def test_the_events_of_a_run(shell: Shell) -> None:
    text = section("`hpsearch run --json`")
    events = [json.loads(line) for line in (shell.folder / "events.jsonl").read_text().splitlines()]
    assert list(dict.fromkeys(first_cells(text))) == [
        "start",
        "trial_started",
        "trial",
        "confirm",
        "end",
    ]
    assert {event["event"] for event in events} == set(first_cells(text))
    record = set(first_cells(section("trials.jsonl"))) - {"crc"}
    for event in events:
        row = re.search(rf"^\| `{event['event']}` \|(.*)$", text, flags=re.MULTILINE)
        documented = named(row[1]) - {"crc"} | {"event", "elapsed"}
        if event["event"] in ("trial", "confirm"):
            documented |= record
        if event["event"] == "confirm":
            documented = documented - {"confirm", "jsonl"} | {"repeat", "weights"}
        assert set(event) == documented, event["event"]
