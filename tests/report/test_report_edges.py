"""What a report says where the best trial lies on an edge of its range."""

import shlex
from pathlib import Path

import pytest

from hpsearch.records import Metric, State, Trial, TrialResult
from hpsearch.report.analysis.edges import edge_sentences, edges_of
from hpsearch.report.analysis.rows import RunView, Summary
from hpsearch.report.analysis.summary import summarise
from hpsearch.space import Choice, Number, Parameter, Space
from hpsearch.space.scales import LOG, ONE_MINUS
from tests.shell import Shell


def summary(parameter: Parameter, units: list[float]) -> Summary:
    """A run whose trials are ranked as they stand."""
    space = Space((parameter,))
    results = [
        TrialResult(
            trial=Trial(index, 0, space.decode((unit,)), (unit,)),
            state=State.DONE,
            value=float(index),
            best_epoch=1,
            epochs=1,
            curves={},
        )
        for index, unit in enumerate(units)
    ]
    command = "hpsearch run runs/tiny/resolved.yaml --fresh"
    return summarise(RunView("tiny", space, Metric("loss"), results, command=command))


# The best is the first; eleven more follow in the middle.
MIDDLE = [0.5] * 11


@pytest.mark.parametrize(
    ("parameter", "unit", "written"),
    [
        # ln(1e4) / 3 beyond 1: 10 ** (4 / 3) = 21.5
        (Number("lr", low=1e-4, high=1, scale=LOG), 0.99, "lr.max=20"),
        (Number("lr", low=1e-4, high=1, scale=LOG), 0.0, "lr.min=5e-6"),
        # 1 - 0.001 / (0.2 / 0.001) ** (1 / 3) = 1 - 1.7e-4
        (Number("mom", low=0.8, high=0.999, scale=ONE_MINUS), 1.0, "mom.max=0.9998"),
        (Number("w", low=-10, high=20, step=0.5), 1.0, "w.max=30"),
        (Number("n", low=32, high=128, step=1, integer=True), 1.0, "n.max=160"),
        (Number("n", low=2, high=4, step=1, integer=True), 0.0, "n.min=1"),
        (Number("dropout", low=0.1, high=0.9), 1.0, "dropout.max=0.95"),  # below 1, which it is not
        (Choice("b", values=(16, 32, 64)), 1.0, "b.values=[16, 32, 64, 128]"),
        (Choice("b", values=(1, 2, 3)), 1.0, "b.values=[1, 2, 3, 4]"),
        (Choice("b", values=(0, 1, 2)), 1.0, "b.values=[0, 1, 2, 3]"),
    ],
)
def test_what_to_write_to_look_beyond(parameter: Parameter, unit: float, written: str) -> None:
    units = [parameter.encode(parameter.decode(unit)), *MIDDLE]
    [text] = edge_sentences(summary(parameter, units))
    words = shlex.split(text)
    assert words[words.index("--set") + 1 :] == [f"parameters.{written}"]
    assert text.startswith(f"On the edge of its range: the best {parameter.name}, ")


@pytest.mark.parametrize(
    ("parameter", "unit"),
    [
        (Number("dropout", low=0, high=0.5), 0.0),  # the network has no negative one
        (Number("share", low=0, high=1), 1.0),
        (Number("share", low=0, high=1), 0.0),
        (Number("n", low=1, high=9, step=1, integer=True), 0.0),
        (Number("w", low=-10, high=20), 0.5),
        (Choice("opt", values=("a", "b", "c")), 1.0),
        (Choice("b", values=(64, 16, 32)), 1.0),  # in no order
        (Choice("flag", values=(0, 1)), 1.0),
    ],
)
def test_nothing_is_said_where_nothing_lies_beyond(parameter: Parameter, unit: float) -> None:
    units = [parameter.encode(parameter.decode(unit)), *MIDDLE]
    assert edges_of(summary(parameter, units)) == []


def test_the_next_best_are_counted_and_few_trials_say_nothing() -> None:
    w = Number("w", low=-10, high=20)
    [edge] = edges_of(summary(w, [0.995, 1.0, 0.4, 0.99, *MIDDLE]))
    assert (edge.others, edge.of, edge.upper) == (2, 4, True)
    text = " ".join(edge_sentences(summary(w, [0.995, 1.0, 0.4, 0.99, *MIDDLE])))
    assert "at the upper end (as in 2 of the next 4). The best may lie beyond." in text
    assert edges_of(summary(w, [1.0] * 9)) == []


def test_the_command_of_the_report_finds_what_lies_beyond(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("objective.py", "def cost(w):\n    return (w - 12) ** 2\n")
    shell.write(
        "config.yaml",
        "name: own\ntrainable: objective.py:cost\nmetric: loss\n"
        "parameters: {w: {min: 0, max: 10}}\nsearch: {max_trials: 24}\nrun: {workers: 1}\n",
    )
    assert shell("run", "config.yaml", "-q").code == 0
    text = " ".join(shell("report", "own").out.split())
    assert "On the edge of its range: the best w, 10, at the upper end (as in 4 of" in text
    assert "hpsearch run runs/own/resolved.yaml --fresh --set parameters.w.max=13" in text
    words = ("run", "runs/own/resolved.yaml", "--fresh", "--set", "parameters.w.max=13", "-q")
    done = shell(*words)
    assert done.code == 0, done.err
    assert "the best w" not in shell("report", "own-2").out
