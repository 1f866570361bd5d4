"""A journal never reads a record that was not written, whatever happens to its bytes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpsearch.errors import RunError
from hpsearch.store.journal import Journal, JournalTail, read_journal

RECORDS: list[dict[str, Any]] = [
    {"trial": 0, "state": "done", "value": 0.1 + 0.2, "hparams": {"alpha": 1e-4, "layers": 2}},
    {"trial": 1, "state": "failed", "value": None, "error": 'ValueError: "é*J"\n\tline 2'},
    {"trial": 2, "state": "done", "value": -0.0, "curves": {"loss": [1e308, 5e-324, None]}},
]

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trials.jsonl"


@pytest.fixture
def intact(path: Path) -> bytes:
    """The bytes of a journal of the three records."""
    with Journal(path) as journal:
        journal.append_all(RECORDS)
    return path.read_bytes()


def put(path: Path, data: bytes) -> None:
    """Make the file anew; rewriting it in place would wait for the disk thousands of times."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def read_or_refuse(path: Path) -> list[dict[str, Any]] | None:
    try:
        return read_journal(path)
    except RunError:
        return None


def test_records_read_back_exactly(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.records == []
        for record in RECORDS:
            journal.append(record)
            assert repr(read_journal(path)[-1]) == repr(record)
    with Journal(path) as journal:
        assert repr(journal.records) == repr(RECORDS)


def test_one_append_all_gives_the_same_bytes_as_appends_one_by_one(
    path: Path, intact: bytes
) -> None:
    path.unlink()
    with Journal(path) as journal:
        for record in RECORDS:
            journal.append(record)
        journal.append_all([])
    assert path.read_bytes() == intact


def test_each_line_is_json_for_everybody(path: Path, intact: bytes) -> None:
    lines = path.read_text("ascii").splitlines()
    assert [json.loads(line)["trial"] for line in lines] == [0, 1, 2]
    assert intact.endswith(b"\n")


def test_a_missing_and_an_empty_journal_have_no_records(path: Path) -> None:
    assert read_journal(path) == []
    path.touch()
    assert read_journal(path) == []


# Damage. These tests could pass wrongly if the reader refused everything: so each also counts
# what it accepted.


def test_a_file_cut_anywhere_loses_the_records_from_the_cut_on(path: Path, intact: bytes) -> None:
    for end in range(len(intact) + 1):
        put(path, intact[:end])
        whole = intact[:end].count(b"\n")
        assert read_journal(path) == RECORDS[:whole]


def test_a_journal_cut_anywhere_goes_on_as_if_the_torn_record_had_not_been(
    path: Path, intact: bytes, no_fsync: None
) -> None:
    for end in range(len(intact) + 1):
        put(path, intact[:end])
        with Journal(path) as journal:
            whole = len(journal.records)
            assert journal.records == RECORDS[:whole]
            for record in RECORDS[whole:]:
                journal.append(record)
        assert path.read_bytes() == intact


def test_reading_and_opening_leave_a_torn_tail_where_it_is(path: Path, intact: bytes) -> None:
    path.write_bytes(intact[:-5])
    read_journal(path)
    Journal(path).close()
    assert path.read_bytes() == intact[:-5]


def test_a_flipped_bit_is_refused_or_tears_off_the_last_record(path: Path, intact: bytes) -> None:
    torn = []
    for bit in range(8 * len(intact)):
        damaged = bytearray(intact)
        damaged[bit // 8] ^= 1 << bit % 8
        put(path, damaged)
        records = read_or_refuse(path)
        if records is not None:
            assert records == RECORDS[:-1]
            torn.append(bit)
    # Only the last newline, all of whose 8 bits make the last record a torn one.
    assert torn == list(range(8 * len(intact) - 8, 8 * len(intact)))


@same_folder
@given(data=st.data())
def test_overwritten_bytes_never_change_a_record(
    path: Path, intact: bytes, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(intact) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=64) | st.just(b"\0" * 64))
    put(path, intact[:start] + noise + intact[start + len(noise) :])
    records = read_or_refuse(path)
    assert records is None or records == RECORDS[: len(records)]


@same_folder
@given(data=st.data())
def test_lines_lost_or_doubled_from_within_never_make_new_records(
    path: Path, intact: bytes, data: st.DataObject
) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(intact))] * 2)))
    doubled = data.draw(st.booleans())
    put(path, intact[:end] + intact[start:] if doubled else intact[:start] + intact[end:])
    records = read_or_refuse(path)
    assert records is None or all(record in RECORDS for record in records)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_damage_names_its_line_and_what_to_do(path: Path, intact: bytes, line: int) -> None:
    lines = intact.splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b'"trial"', b'"trail"')
    path.write_bytes(b"".join(lines))
    for read in (read_journal, Journal):
        with pytest.raises(RunError) as caught:
            read(path)
        assert caught.value.message.startswith(f"{path}:{line}: the line is damaged")
        assert f"trials.jsonl or audit.jsonl, line {line} may be deleted" in caught.value.message
        assert "\n" not in caught.value.message


def test_after_the_damaged_line_is_deleted_the_journal_reads(path: Path, intact: bytes) -> None:
    lines = intact.splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    assert read_journal(path) == [RECORDS[0], RECORDS[2]]


@pytest.mark.parametrize("change", [lambda d: d.replace(b"\n", b"\r\n"), lambda d: d + b"\n"])
def test_an_editor_that_changes_line_ends_is_refused(
    path: Path, intact: bytes, change: Callable[[bytes], bytes]
) -> None:
    path.write_bytes(change(intact))
    with pytest.raises(RunError, match="damaged"):
        read_journal(path)


# Failing writes.


@pytest.fixture
def failing_write(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A disk with room for so many bytes and no more, as Linux shows it."""
    write = os.write

    def fail_after(room: int) -> None:
        def limited(descriptor: int, data: bytes | memoryview) -> int:
            nonlocal room
            if room == 0:
                raise OSError(28, "No space left on device")
            written = write(descriptor, data[:room])
            room -= written
            return written

        monkeypatch.setattr(os, "write", limited)

    return fail_after


def test_a_disk_that_fills_up_at_any_byte_loses_nothing_recorded(
    path: Path, intact: bytes, failing_write: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    first, rest = intact.split(b"\n", 1)
    for room in range(len(rest)):
        put(path, first + b"\n")
        with Journal(path) as journal:
            failing_write(room)
            with pytest.raises(RunError, match="No space left on device; free space and run"):
                journal.append_all(RECORDS[1:])
            monkeypatch.setattr(os, "write", write)
            kept = read_journal(path)
            assert kept == RECORDS[: len(kept)]
            journal.append_all(RECORDS[len(kept) :])  # somebody freed space
        assert path.read_bytes() == intact


def test_a_record_that_cannot_be_written_leaves_no_byte(path: Path, intact: bytes) -> None:
    with Journal(path) as journal:
        with pytest.raises(ValueError, match="not JSON compliant"):
            journal.append_all([RECORDS[0], {"value": float("nan")}])
        with pytest.raises(TypeError, match="not JSON serializable"):
            journal.append({"value": {1, 2}})
    assert path.read_bytes() == intact


@pytest.mark.posix
def test_the_file_and_each_append_are_synced_before_the_call_returns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda fd: synced.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
    )
    Journal(path).close()
    assert synced == [str(path.parent)]  # its name is there
    sizes: list[int] = []
    with Journal(path) as journal:
        monkeypatch.setattr(
            os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size)
        )
        journal.append(RECORDS[0])
        assert sizes == [path.stat().st_size]
        journal.append_all(RECORDS[1:])
        assert sizes[1:] == [path.stat().st_size]


# One writer, one file.


def test_a_second_writer_is_refused(path: Path) -> None:
    with Journal(path), pytest.raises(RunError, match="another process writes to it"):
        Journal(path)
    Journal(path).close()  # free again


def test_a_refused_journal_lets_go_of_its_file(path: Path, intact: bytes) -> None:
    path.write_bytes(b"x" + intact)
    for _ in range(2):  # were the lock kept, the second would be told of another process
        with pytest.raises(RunError, match="damaged"):
            Journal(path)


def test_a_file_removed_or_replaced_meanwhile_is_noticed(path: Path, intact: bytes) -> None:
    with Journal(path) as journal:
        path.with_suffix(".new").write_bytes(intact)
        path.with_suffix(".new").replace(path)  # as editors save
        with pytest.raises(RunError, match="removed or replaced"):
            journal.append(RECORDS[0])
    with Journal(path) as journal:
        path.unlink()
        with pytest.raises(RunError, match="removed or replaced"):
            journal.append(RECORDS[0])


@pytest.mark.parametrize("change", [b"", b"{}\n"])
def test_a_file_changed_in_place_meanwhile_is_noticed(
    path: Path, intact: bytes, change: bytes
) -> None:
    with Journal(path) as journal:
        path.write_bytes(change)
        with pytest.raises(RunError, match="another program changed the file"):
            journal.append(RECORDS[0])


def test_a_closed_journal_writes_nowhere(path: Path, intact: bytes) -> None:
    journal = Journal(path)
    journal.close()
    journal.close()
    with path.with_suffix(".other").open("wb") as other:  # may get the freed file number
        with pytest.raises(RunError):
            journal.append(RECORDS[0])
        assert os.fstat(other.fileno()).st_size == 0
    assert path.read_bytes() == intact


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.joinpath("x").mkdir(parents=True)])
def test_a_folder_in_the_journals_place_is_one_clear_line(
    path: Path, make: Callable[[Path], None]
) -> None:
    make(path)
    for use in (Journal, read_journal):
        with pytest.raises(RunError, match=r"Is a directory; a folder stands where a file should"):
            use(path)


# Following a journal.


def test_a_tail_gives_each_record_once_however_the_bytes_arrive(path: Path, intact: bytes) -> None:
    for step in (1, 7, 100, len(intact)):
        path.unlink(missing_ok=True)
        tail = JournalTail(path)
        assert tail.poll() == []
        seen = []
        for end in range(0, len(intact) + step, step):
            put(path, intact[:end])
            seen += tail.poll()
            assert seen == RECORDS[: intact[:end].count(b"\n")]
        assert tail.poll() == []


def test_a_tail_stays_right_while_a_writer_cuts_a_torn_record(path: Path, intact: bytes) -> None:
    path.write_bytes(intact[:-5])
    tail = JournalTail(path)
    assert tail.poll() == RECORDS[:2]
    with Journal(path) as journal:
        journal.append({"trial": 7})
    assert tail.poll() == [{"trial": 7}]


def test_a_tail_names_the_line_in_the_whole_file(path: Path, intact: bytes) -> None:
    tail = JournalTail(path)
    tail.poll()
    path.write_bytes(intact + b"damage\n")
    with pytest.raises(RunError, match=r"trials\.jsonl:4: the line is damaged"):
        tail.poll()


def test_a_tail_notices_that_the_file_was_replaced(path: Path, intact: bytes) -> None:
    tail = JournalTail(path)
    tail.poll()
    path.write_bytes(b"")
    with pytest.raises(RunError, match="replaced"):
        tail.poll()


# Old files.


def test_a_journal_of_the_first_format_stays_readable(path: Path) -> None:
    frozen = Path(__file__).with_name("journal-format-1.jsonl").read_bytes()
    path.write_bytes(frozen)
    records = read_journal(path)
    assert [record["trial"] for record in records] == [1, 0, 3, 2]
    assert records[0]["curves"] == {
        "dev_error": [0.3, 0.0417, 0.1],
        "train_loss": [1.5, 0.30000000000000004, 5e-324],
    }
    assert records[3]["error"] == 'ValueError: "größer" \\ than\n  expected'
    path.unlink()
    with Journal(path) as journal:  # and the format written today is still that one
        journal.append_all(records)
    assert path.read_bytes() == frozen
