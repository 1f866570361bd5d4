"""``search.patience`` and ``search.target``: where a search ends, whoever finishes first."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hpsearch
from hpsearch.records import Goal, Metric
from hpsearch.search.ending import EndRule, Known
from tests.shell import Shell

LOWER, HIGHER = Metric("J", Goal("minimize")), Metric("J", Goal("maximize"))
VALUES = [9.0, 4.0, 6.0, 4.0, 5.0, 3.0, 8.0, None, 3.5, 7.0]


def known(values: list[float | None]) -> dict[int, Known]:
    return dict(enumerate(map(Known, values)))


@pytest.mark.parametrize(
    ("patience", "target", "trials", "why"),
    [
        # 4.0 again is no better; 5 comes before 3.0 has a chance
        (3, None, 5, "no trial was better than trial 1 in the 3 trials after it (search.patience)"),
        (4, None, 10, "no trial was better than trial 5 in the 4 trials after it"),
        (5, None, None, ""),
        (None, 4.0, 3, "trial 1 reached search.target 4"),  # and trial 2 may know nothing of it
        (None, 3.5, 7, "trial 5 reached search.target 3.5"),
        (None, 1.0, None, ""),
        (1, 3.5, 3, "no trial was better than trial 1 in the 1 trial after it"),
        (4, 3.0, 7, "trial 5 reached search.target 3"),
    ],
)
def test_where_a_search_ends(
    patience: int | None, target: float | None, trials: int | None, why: str
) -> None:
    end = EndRule(LOWER, 2, patience, target).end(known(VALUES))
    if trials is None:
        assert end is None
    else:
        assert end is not None
        assert end.trials == trials
        assert end.why.startswith(why)


def test_larger_is_better_where_the_goal_says_so() -> None:
    end = EndRule(HIGHER, 1, None, 6.0).end(known([1.0, 5.0, 6.5]))
    assert end is not None
    assert end.trials == 3


def test_trials_without_a_value_do_not_use_up_the_patience_before_the_first() -> None:
    rule = EndRule(LOWER, 4, 2, None)
    assert rule.end(known([None, None, None, None])) is None
    end = EndRule(LOWER, 4, 2, None).end(known([None, None, 1.0, None, 2.0, 0.5]))
    assert end is not None
    assert end.trials == 5


@given(
    values=st.lists(st.integers(0, 6) | st.none(), min_size=1, max_size=25),
    lookahead=st.integers(1, 5),
    width=st.integers(1, 5),
    patience=st.none() | st.integers(1, 6),
    target=st.none() | st.integers(0, 3),
    choices=st.data(),
)
def test_the_same_trials_are_trained_in_whatever_order_they_finish(
    *,
    values: list[int | None],
    lookahead: int,
    width: int,
    patience: int | None,
    target: int | None,
    choices: st.DataObject,
) -> None:
    rule = EndRule(LOWER, lookahead, patience, target)
    results: dict[int, Known] = {}
    flying: list[int] = []
    following = 0
    while True:
        front = next(i for i in range(len(values) + 1) if i not in results)
        while (
            following < min(len(values), front + lookahead)
            and len(flying) < min(width, lookahead)
            and rule.may_start(following, results)
        ):
            flying.append(following)
            following += 1
        if not flying:
            break
        done = choices.draw(st.sampled_from(flying))
        flying.remove(done)
        results[done] = Known(values[done])
    alone = EndRule(LOWER, lookahead, patience, target).end(known(values))
    expected = len(values) if alone is None else min(alone.trials, len(values))
    assert sorted(results) == list(range(expected))


CONFIG = """
name: q
seed: 3
trainable: f.py:f
metric: J
parameters: {w: {min: -10, max: 20}}
search: {max_trials: 30, lookahead: 4, patience: 4, target: 1e-9}
run: {workers: 1}
"""
CODE = "import time\ndef f(w):\n    time.sleep(0.01)\n    return (w - 5) ** 2\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("c.yaml", CONFIG)
    shell.write("f.py", CODE)
    return shell


def test_a_search_that_ends_early_is_complete_and_says_why(shell: Shell) -> None:
    done = shell("run", "c.yaml", "--progress", "plain")
    assert done.code == 0, done.err
    table, records = shell.table("q"), shell.records("q")
    values = [record["value"] for record in records]
    best = values.index(min(values))
    assert len(records) == best + 5 < 30
    why = f"no trial was better than trial {best} in the 4 trials after it (search.patience)"
    assert f"{why}, and so the search is complete" in done.err
    assert f"q: {len(records)}/{len(records)} trials in" in done.out
    assert " ".join(shell("report", "q").out.split()).count(why) == 1
    assert f"complete   {len(records)}/{len(records)} " in shell("list").out
    again = shell("run", "c.yaml", "--progress", "plain")
    assert f"q: complete, {len(records)} trials" in again.err
    assert shell.table("q") == table
    run = hpsearch.load("q", runs=shell.folder / "runs")
    assert run.complete
    # Without it the same trials are the beginning of a longer table.
    longer = shell("run", "c.yaml", "-q", "--set", "search.patience=null", "-w", "2")
    assert longer.code == 0, longer.err
    assert shell.table("q").startswith(table)
    assert len(shell.records("q")) == 30
    # And with it again there are more than it would have had.
    shorter = shell("run", "c.yaml", "-q")
    assert (shorter.code, len(shell.records("q"))) == (0, 30)


@pytest.mark.slow
def test_killed_and_gone_on_with_it_ends_with_the_same_trial(shell: Shell) -> None:
    assert shell("run", "c.yaml", "-q", "--name", "whole").code == 0
    shell.write("f.py", CODE.replace("0.01", "0.2"))
    process = shell.start("run", "c.yaml", "-q", "-w", "2")
    journal = shell.folder / "runs" / "q" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1, process)
    process.kill()
    process.wait()
    shell.write("f.py", CODE)
    done = shell("run", "c.yaml", "-q", "-w", "4", "--accept-code")
    assert done.code == 0, done.err
    assert shell.table("q") == shell.table("whole")


def test_who_asks_is_told_the_same_end(tmp_path: Path) -> None:
    space = {"w": hpsearch.linear(-10, 20)}
    search = {"lookahead": 2, "patience": 3}
    run = hpsearch.run(
        lambda w: (w - 5) ** 2, space, metric="J", search=search, seed=3, name="run", workers=1,
        runs=tmp_path, quiet=True,
    )  # fmt: skip
    asked = hpsearch.open(space, metric="J", search=search, seed=3, name="asked", runs=tmp_path)
    while (trial := asked.ask()) is not None:
        asked.tell(trial, (float(trial.hparams["w"]) - 5) ** 2)  # type: ignore[arg-type]
    assert [t.value for t in asked.run.trials] == [t.value for t in run.trials]
    assert asked.run.complete
