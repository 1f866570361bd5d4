"""``hpsearch compare``: two searches of one metric, in the terminal and as a page."""

import json
from pathlib import Path

import pytest

from tests.shell import Shell

CONFIG = """
name: first
trainable: objective.py:train
metric: loss
epochs: 3
parameters:
  w: {min: 0, max: 10}
  kind: {values: [a, b]}
search: {max_trials: 16, lookahead: 4}
run: {workers: 2}
"""
CODE = """
def train(w, kind):
    for epoch in range(3):
        yield {"loss": (w - 5) ** 2 + (kind == "b") + 1 / (epoch + 1)}
"""
OTHER = """
name: other
trainable: cost.py:cost
metric: J
parameters: {w: {min: 0, max: 1}}
search: {max_trials: 2}
"""
COST = "def cost(w):\n    return w\n"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("compare"))
    shell.write("objective.py", CODE)
    shell.write("cost.py", COST)
    shell.write("config.yaml", CONFIG)
    assert shell("run", "config.yaml", "-q").code == 0
    second = ("--name", "second", "--set", "seed=5", "--set", "search.strategy=random")
    assert shell("run", "config.yaml", "-q", *second).code == 0
    shell.write("other.yaml", OTHER)
    assert shell("run", "other.yaml", "-q").code == 0
    return shell


def test_two_runs_side_by_side(shell: Shell) -> None:
    done = shell("compare", "first", "second")
    assert done.code == 0, done.err
    for words in (
        "hpsearch compare",
        "first",
        "second",
        "best loss",
        "seed: 0 -> 5",
        "best so far",
    ):
        assert words in done.out
    bests = [min(r["value"] for r in shell.records(name)) for name in ("first", "second")]
    assert all(f"{best:.3g}" in done.out for best in bests)


def test_a_page(shell: Shell) -> None:
    done = shell("compare", "first", "second", "--html")
    assert (done.code, done.out, done.err) == (0, "", "wrote compare.html\n")
    page = (shell.folder / "compare.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 3
    assert "second" in page


def test_a_file(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "compared.txt"
    assert shell("compare", "first", "second", "-o", str(path)).code == 0
    assert "best loss" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (["first"], "at least two runs"),
        (["first", "other"], "compare runs of one metric"),
        (["first", "scond"], "did you mean second?"),
        ([], "RUN"),
    ],
)
def test_what_cannot_be_compared(shell: Shell, runs: list[str], told: str) -> None:
    wrong = shell("compare", *runs)
    assert wrong.code == 2
    assert told in wrong.err
    assert wrong.err.count("\n") == 1


@pytest.mark.parametrize("job", ["watch", "compare", "retest", "report"])
def test_completion_of_run_names(shell: Shell, job: str) -> None:
    words = f"hpsearch {job} " + ("first " if job == "compare" else "")
    done = shell(
        _HPSEARCH_COMPLETE="bash_complete",
        COMP_WORDS=f"{words}se",
        COMP_CWORD=str(len(words.split())),
    )
    assert done.out.split() == ["plain,second"]


def test_completion_looks_where_the_runs_are(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (shell.folder / "runs" / "first").rename(tmp_path / "elsewhere" / "moved")
    try:
        for words, environment in (
            (f"hpsearch report --runs {tmp_path}/elsewhere ", {}),
            ("hpsearch report ", {"HPSEARCH_RUNS": f"{tmp_path}/elsewhere"}),
        ):
            done = shell(
                _HPSEARCH_COMPLETE="bash_complete",
                COMP_WORDS=words,
                COMP_CWORD=str(len(words.split())),
                **environment,
            )
            assert done.out.split() == ["plain,moved"]
    finally:
        (tmp_path / "elsewhere" / "moved").rename(shell.folder / "runs" / "first")


def test_completion_says_nothing_where_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file in place of the folder")
    done = Shell(tmp_path)(
        _HPSEARCH_COMPLETE="bash_complete", COMP_WORDS="hpsearch report x", COMP_CWORD="2"
    )
    assert (done.out.strip(), done.err) == ("", "")


@pytest.mark.parametrize(
    "arguments",
    [["watch", "hand"], ["compare", "first", "hand"], ["retest", "hand", "--trial", "0"]],
)
def test_a_babysat_run_has_no_trials(shell: Shell, arguments: list[str]) -> None:
    folder = shell.folder / "runs" / "hand"
    if not folder.exists():
        folder.mkdir()
        (folder / "resolved.yaml").write_bytes(
            (shell.folder / "runs" / "first" / "resolved.yaml").read_bytes()
        )
        (folder / "ledger.jsonl").touch()
    done = shell(*arguments)
    assert done.code == 2
    assert "hand is a babysat run" in done.err


def test_a_babysat_run_is_listed_with_its_best(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("hand.yaml", "name: hand\ndata: digits\nparameters: {alpha: 0.01}\n")
    process = shell.start("babysit", "hand.yaml", "--epochs", "2")
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, out + err
    (row,) = json.loads(shell("list", "--json").out)["runs"]
    assert (row["name"], row["state"], row["trials"]) == ("hand-panda", "babysat", 0)
    assert 0 < row["best"] < 1
    assert "babysat" in shell("list").out
    assert shell("report", "hand-panda", "-o", "hand.txt").err == "wrote hand.txt\n"
    assert "hpsearch report · hand-panda" in (tmp_path / "hand.txt").read_text(encoding="utf-8")
