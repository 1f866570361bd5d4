"""Results read from a journal: the same whether a line is cut or read as a whole."""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import RunError
from hpsearch.records import State, Trial, TrialResult
from hpsearch.store import results
from hpsearch.store.journal import Journal
from hpsearch.store.results import read_attempts, read_endings, read_results
from hpsearch.store.sealed import seal, unseal

FROZEN = Path(__file__).with_name("journal-format-1.jsonl")

finite = st.floats(allow_nan=False, allow_infinity=False)
# Names that look like the places where a line is cut, and any others.
names = st.text(max_size=8) | st.sampled_from(
    [
        '}, "error": ',
        '}, "curves": {',
        '"ranges": {',
        "], ",
        '], "a": [',
        'a": [',
        "curves",
        "ranges",
        "error",
        "unit",
        'x"unit": [1, 2]',
        ', "attempt": 3, "crc": "',
        "größer\udcff",
        "\\ud800",
    ]
)
scalars = st.none() | st.booleans() | st.integers(-9, 9) | finite | names


@st.composite
def made_results(draw: st.DrawFn, index: int) -> TrialResult:
    unit = tuple(draw(st.lists(st.floats(0, 1), max_size=3)))
    trial = Trial(
        index=index,
        seed=draw(st.integers(0, 2**32 - 1)),
        hparams=draw(st.dictionaries(names, scalars, max_size=3)),
        unit=unit,
        round=draw(st.integers(1, 20)),
        origin=draw(st.sampled_from(["fit", "random", "own-kind", 'odd "one"'])),
        cutoffs=draw(st.dictionaries(st.integers(1, 99), finite, max_size=2)),
        ranges=draw(st.dictionaries(names, st.tuples(scalars, scalars) | st.just(()), max_size=2)),
    )
    curve = st.lists(finite | st.none(), max_size=4).map(tuple)
    return TrialResult(
        trial=trial,
        state=draw(st.sampled_from(State)),
        value=draw(finite | st.none()),
        best_epoch=draw(st.integers(1, 9) | st.none()),
        epochs=draw(st.integers(0, 9)),
        curves=draw(st.dictionaries(names, curve, max_size=3)),
        error=draw(names | st.none()),
        seconds=draw(st.floats(0, 1e9)),
        notes=tuple(draw(st.lists(names, max_size=2))),
        died=draw(st.booleans()),
        attempt=draw(st.integers(1, 12)),
    )


@given(data=st.data(), count=st.integers(0, 4))
def test_a_line_that_is_cut_says_what_the_whole_line_says(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, count: int
) -> None:
    path = tmp_path_factory.mktemp("run") / "trials.jsonl"
    lines = [seal(data.draw(made_results(index)).to_record()) for index in range(count)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    whole = [TrialResult.from_record(unseal(line)) for line in lines]
    read = read_results(path)
    assert read == whole
    assert [repr(result.to_record()) for result in read] == [
        repr(result.to_record()) for result in whole
    ]
    endings = [(r.trial.index, r.state, r.value, r.attempt, len(r.trial.unit)) for r in whole]
    assert [
        (e.index, e.state, e.value, e.attempt, e.dimensions) for e in read_endings(path).values()
    ] == endings


def plain(index: int = 0, **more: Any) -> TrialResult:
    """A trial's result; ``more`` are other fields of it."""
    trial = Trial(index, 1, {"a": 0.5}, (0.5,), ranges={"a": (0, 1)})
    made = TrialResult(trial, State.DONE, 0.5, 1, 2, {"loss": (0.5, None), "other": (1.0, 2.0)})
    return replace(made, **more)


def written(path: Path, *made: TrialResult) -> Path:
    with Journal(path) as journal:
        journal.append_all([result.to_record() for result in made])
    return path


def test_curves_are_read_when_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "trials.jsonl", plain())
    asked = []
    read = results.curve_of

    def counted(numbers: list[float | None]) -> results.Curve:
        asked.append(numbers)
        return read(numbers)

    monkeypatch.setattr(results, "curve_of", counted)
    [result] = read_results(path)
    assert list(result.curves) == ["loss", "other"]
    assert "loss" in result.curves
    assert "train" not in result.curves
    asked.clear()
    assert result.curves["other"] == (1.0, 2.0)
    assert asked == [[1.0, 2.0]]
    again = pickle.loads(pickle.dumps(result))
    assert again == result == plain()


def test_how_trials_ended_is_read_without_the_lines_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retrained = plain(1, attempt=2)
    failed = plain(1, state=State.FAILED, value=None, best_epoch=None, died=True)
    path = written(tmp_path / "trials.jsonl", plain(0), failed, retrained)
    monkeypatch.setattr(json, "loads", lambda *_: pytest.fail("parsed"))
    ended = [(e.index, e.state, e.value, e.attempt) for e in read_endings(path).values()]
    assert ended == [(0, State.DONE, 0.5, 1), (1, State.DONE, 0.5, 2)]


def test_lines_of_the_first_format_and_in_another_order_are_read(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    record = plain(seconds=0.25).to_record()
    turned = dict(reversed(record.items()))
    path.write_bytes(FROZEN.read_bytes() + seal(turned | {"trial": 9}) + b"\n")
    assert [r.trial.index for r in read_results(path)] == [0, 1, 2, 3, 9]
    assert {e.index: e.value for e in read_endings(path).values()} == {
        r.trial.index: r.value for r in read_results(path)
    }
    assert read_results(path)[-1].curves == plain().curves


@pytest.mark.parametrize("read", [read_results, read_attempts, read_endings])
def test_every_reader_finds_damage_and_trials_recorded_twice(tmp_path: Path, read: Any) -> None:
    path = written(tmp_path / "trials.jsonl", plain())
    intact = path.read_bytes()
    place = intact.index(b"curves")
    path.write_bytes(intact[:place] + b"C" + intact[place + 1 :])
    with pytest.raises(RunError, match=r"trials\.jsonl:1: the line is damaged: its checksum"):
        read(path)
    path.write_bytes(intact * 2)
    with pytest.raises(RunError, match=r"trials\.jsonl:2: trial 0 has a result already, in line 1"):
        read(path)
    path.write_bytes(intact + intact[:-1])  # a torn tail
    assert len(read(path)) == 1


@pytest.mark.parametrize("curves", [{"loss": 3}, {"loss": ["x"]}, {"loss": [True]}])
def test_curves_that_are_none_are_one_line_when_they_are_read(tmp_path: Path, curves: Any) -> None:
    path = tmp_path / "trials.jsonl"
    path.write_bytes(seal(plain().to_record() | {"curves": curves}) + b"\n")
    with pytest.raises(RunError, match="curves cannot be read") as caught:
        [dict(result.curves) for result in read_results(path)]
    assert "\n" not in caught.value.message
