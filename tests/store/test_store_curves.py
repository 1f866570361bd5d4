"""A curve can be read while it is written, and whatever is left of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hpsearch.errors import RunError
from hpsearch.records import EpochMetrics
from hpsearch.store.curves import CurveHeader, CurveWriter, read_curve

HEADER = CurveHeader(12, {"alpha": 1e-4, "optimizer": "adam", "note": "é\n"}, 30, "dev_error")
EPOCHS = [EpochMetrics(e, {"dev_error": 1 / e, "train_loss": 0.1 + e}) for e in (1, 2, 3)]


def test_each_epoch_can_be_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "trials" / "0012" / "curve.jsonl"
    assert read_curve(path) == (None, [])
    with CurveWriter(path, HEADER, quiet=0) as writer:
        assert read_curve(path) == (HEADER, [])
        for count, metrics in enumerate(EPOCHS, 1):
            writer.append(metrics)
            assert read_curve(path) == (HEADER, EPOCHS[:count])


def test_a_new_attempt_starts_from_the_epochs_that_it_resumes(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    with CurveWriter(path, HEADER, quiet=0) as writer:
        for metrics in EPOCHS:
            writer.append(metrics)
    with CurveWriter(path, HEADER, finished=EPOCHS[:1], quiet=0):
        assert read_curve(path) == (HEADER, EPOCHS[:1])


def test_a_number_that_is_not_finite_comes_back_as_nan(tmp_path: Path) -> None:
    with CurveWriter(tmp_path / "c", HEADER, quiet=0) as writer:
        writer.append(EpochMetrics(1, {"dev_error": math.inf, "train_loss": 0.5}))
    assert b'"dev_error": null' in (tmp_path / "c").read_bytes()
    _, [metrics] = read_curve(tmp_path / "c")
    assert math.isnan(metrics.values["dev_error"])
    assert metrics.values["train_loss"] == 0.5


def test_a_cut_curve_keeps_its_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    CurveWriter(path, HEADER, EPOCHS, quiet=0).close()
    data = path.read_bytes()
    for end in range(len(data) + 1):
        path.unlink()
        path.write_bytes(data[:end])
        lines = data[:end].count(b"\n")
        expected = (HEADER if lines else None, EPOCHS[: max(0, lines - 1)])
        assert read_curve(path) == expected


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"7", b'{"epoch": 4}', b'{"epoch": 4, "values": 1}', b"\xff"]
)
def test_a_strange_line_ends_the_curve_without_an_error(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "curve.jsonl"
    CurveWriter(path, HEADER, EPOCHS, quiet=0).close()
    path.write_bytes(path.read_bytes() + line + b"\n")
    assert read_curve(path) == (HEADER, EPOCHS)
    path.write_bytes(line + b"\n")
    assert read_curve(path) == (None, [])


def test_a_folder_in_its_place_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot write the curve: Is a directory"):
        CurveWriter(tmp_path, HEADER, quiet=0)
    with pytest.raises(RunError, match="cannot read the curve: Is a directory"):
        read_curve(tmp_path)


def test_a_closed_curve_writes_nowhere(tmp_path: Path) -> None:
    writer = CurveWriter(tmp_path / "c", HEADER, quiet=0)
    writer.close()
    writer.close()
    with pytest.raises(RunError, match="cannot write the curve"):
        writer.append(EPOCHS[0])


def test_a_curve_that_is_over_at_once_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trials" / "0012" / "curve.jsonl"
    with CurveWriter(path, HEADER, quiet=60) as writer:
        writer.append(EPOCHS[0])
        writer.look()
    assert list(tmp_path.iterdir()) == []


def test_a_curve_is_there_when_its_time_has_come_with_all_that_was_before(tmp_path: Path) -> None:
    with CurveWriter(tmp_path / "c", HEADER, EPOCHS[:1], quiet=60) as writer:
        writer.append(EPOCHS[1])
        assert read_curve(tmp_path / "c") == (None, [])
        writer._opens_at = 0.0
        writer.look()
        assert read_curve(tmp_path / "c") == (HEADER, EPOCHS[:2])
        writer.append(EPOCHS[2])
        assert read_curve(tmp_path / "c") == (HEADER, EPOCHS)
    writer.look()  # a thread may come late
