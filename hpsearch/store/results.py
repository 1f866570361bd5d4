"""What a search's journal says of its trials, read no further than it is needed.

Of a line of ``trials.jsonl`` most is curves, and few who read it look at them. So

* every line is compared with its checksum, by everyone;
* a result's curves stay the text that they are until somebody asks for one of them;
* whoever wants only how the trials ended reads the few words at a line's begin and end.

Where a line is cut is told by the keys around it, which stand in the order of
``TrialResult.to_record`` and cannot occur within a name: there a quote is escaped. A line in
another order is read as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpsearch.errors import RunError
from hpsearch.records import State, TrialResult, Value, curve_of, ranges_of
from hpsearch.store.journal import Record, damaged_line, journal_lines
from hpsearch.store.sealed import unseal

Curve = tuple[float | None, ...]
Ranges = Mapping[str, tuple[Value, ...]]

_NOT_OURS = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
_RANGES, _CURVES, _ERROR = '"ranges": {', '}, "curves": {', '}, "error": '
_BEGIN = re.compile(
    rb'\{"trial": (\d+), "round": \d+, "origin": "[\w -]*", "state": "(\w+)", '
    rb'"value": (null|[-+.eE\d]+), "best_epoch": '
)
_END = re.compile(
    rb'"seconds": [-+.eE\d]+(?:, "died": (?:true|false))?(?:, "attempt": (\d+))?, "crc": "'
)
_LONGEST_END = 120  # bytes from "seconds" to the line's end, at most
_JSON = json.JSONDecoder()
_STATES = {str(state).encode(): state for state in State}


@dataclass(frozen=True, slots=True)
class Ending:
    """How one recorded attempt of a trial ended; ``dimensions`` is how many parameters it varies.

    The other fields are those of ``TrialResult``.
    """

    index: int
    state: State
    value: float | None
    attempt: int
    dimensions: int


class RecordedCurves(Mapping[str, Curve]):
    """The curves of a recorded trial, read from their JSON each time that one is asked for.

    Raises:
        RunError: when they are asked for, and are not curves.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __getitem__(self, name: str) -> Curve:
        for other, start, end in self._places():
            if other == name:
                try:
                    return curve_of(json.loads(self._text[start:end]))
                except _NOT_OURS as error:
                    raise self._refusal(error) from error
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _, _ in self._places()])

    def __len__(self) -> int:
        return len(self._places())

    def __repr__(self) -> str:
        return repr(dict(self))

    def _places(self) -> list[tuple[str, int, int]]:
        """Of each curve its name, and where the list of its numbers begins and ends."""
        places: list[tuple[str, int, int]] = []
        place = 1
        try:
            while self._text[place] != "}":
                name, colon = _JSON.raw_decode(self._text, place)
                end = self._text.index("]", colon) + 1
                places.append((name, colon + len(": "), end))
                place = end + len(", ") if self._text[end] == "," else end
        except (ValueError, IndexError) as error:
            raise self._refusal(error) from error
        return places

    def _refusal(self, error: Exception) -> RunError:
        return RunError(
            f"a recorded trial's curves cannot be read ({type(error).__name__}: {error}); "
            f"was it written by another version? They are: {self._text[:60]} …"
        )


def read_results(path: Path) -> list[TrialResult]:
    """The newest result of each trial, by index; another process may be writing some.

    Raises:
        RunError: the journal is damaged, or a line in it is not a result of ours.
    """
    return _newest(_by_trial(path, _results(path)))


def read_attempts(path: Path) -> dict[int, list[TrialResult]]:
    """All results by index: a trial that was trained again has several.

    Raises:
        RunError: as :func:`read_results`.
    """
    return _by_trial(path, _results(path))


def results_from(path: Path, records: Iterable[Record]) -> list[TrialResult]:
    """:func:`read_results` of records that were read already; ``path`` names them in errors."""

    def made() -> Iterator[TrialResult]:
        for line, record in enumerate(records, start=1):
            try:
                yield TrialResult.from_record(record)
            except _NOT_OURS as error:
                raise _not_a_result(path, line, error) from error

    return _newest(_by_trial(path, made()))


def read_endings(path: Path) -> dict[int, Ending]:
    """How each trial ended, by index, in a tenth of the time that its result takes.

    Raises:
        RunError: as :func:`read_results`, but for what such a line says beside.
    """
    order = _Order(path)
    endings: dict[int, Ending] = {}
    for number, line in enumerate(journal_lines(path), start=1):
        ending = _ending(line) or _ending_of(_LineReader(path).read(number, line))
        order.add(number, ending.index, ending.attempt)
        endings[ending.index] = ending
    return endings


def _results(path: Path) -> Iterator[TrialResult]:
    reader = _LineReader(path)
    for number, line in enumerate(journal_lines(path), start=1):
        yield reader.read(number, line)


class _LineReader:
    """Makes lines results; ranges that one trial after the other has are kept once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ranges: tuple[str, Ranges] = "", {}

    def read(self, number: int, line: bytes) -> TrialResult:
        """The result in a line whose checksum is right.

        Raises:
            RunError: it is none of ours.
        """
        try:
            return self._cut(line.decode("utf-8")) or TrialResult.from_record(unseal(line))
        except json.JSONDecodeError as error:
            raise damaged_line(self.path, number, error) from error
        except _NOT_OURS as error:
            raise _not_a_result(self.path, number, error) from error

    def _cut(self, line: str) -> TrialResult | None:
        """The result, its curves left as they are; ``None`` for a line in another order."""
        at_ranges = line.find(_RANGES)
        at_curves = line.find(_CURVES, at_ranges)
        at_error = line.find(_ERROR, at_curves)
        if min(at_ranges, at_curves, at_error) < 0 or "\\ud" in line:
            return None
        ranges = line[at_ranges + len(_RANGES) - 1 : at_curves + 1]
        curves = line[at_curves + len(_CURVES) - 1 : at_error + 1]
        if ranges != self._ranges[0]:
            self._ranges = ranges, ranges_of(json.loads(ranges))
        record = json.loads(line[:at_ranges] + line[at_error + len("}, ") :])
        return TrialResult.from_record(record, RecordedCurves(curves), self._ranges[1])


def _ending(line: bytes) -> Ending | None:
    """The ending in a line whose checksum is right; ``None`` for one in another order."""
    begin = _BEGIN.match(line)
    end = _END.search(line, max(len(line) - _LONGEST_END, 0))
    at_unit = line.find(b'"unit": [')
    if begin is None or end is None or at_unit < 0 or begin[2] not in _STATES:
        return None
    unit = line[at_unit + len(b'"unit": [') : line.index(b"]", at_unit)]
    return Ending(
        index=int(begin[1]),
        state=_STATES[begin[2]],
        value=None if begin[3] == b"null" else float(begin[3]),
        attempt=int(end[1] or 1),
        dimensions=unit.count(b",") + 1 if unit else 0,
    )


def _ending_of(result: TrialResult) -> Ending:
    trial = result.trial
    return Ending(trial.index, result.state, result.value, result.attempt, len(trial.unit))


class _Order:
    """Refuses a trial that has two results of the same attempt."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[int, int] = {}
        self._attempts: dict[int, int] = {}

    def add(self, line: int, index: int, attempt: int) -> None:
        before = self._attempts.get(index)
        if before is not None and attempt != before + 1:
            raise RunError(
                f"{self._path}:{line}: trial {index} has a result already, in line "
                f"{self._lines[index]}; delete one of the two lines"
            )
        self._lines[index], self._attempts[index] = line, attempt


def _by_trial(path: Path, results: Iterable[TrialResult]) -> dict[int, list[TrialResult]]:
    order = _Order(path)
    attempts: dict[int, list[TrialResult]] = {}
    for line, result in enumerate(results, start=1):
        index = result.trial.index
        order.add(line, index, result.attempt)
        attempts.setdefault(index, []).append(result)
    return attempts


def _newest(attempts: Mapping[int, list[TrialResult]]) -> list[TrialResult]:
    return [attempts[index][-1] for index in sorted(attempts)]


def _not_a_result(path: Path, line: int, error: Exception) -> RunError:
    return RunError(
        f"{path}:{line}: the line is not a trial's result "
        f"({type(error).__name__}: {error}); was it written by another version?"
    )
