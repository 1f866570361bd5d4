"""A journal: a file of records that only grows, and survives its writer.

The rules of the file, which reader and writer must keep together:

1. A line is one record, sealed (see ``sealed.py``) and ended by a newline. A record counts from
   its newline on.
2. There is one writer, kept alone by a lock on the open file. Any number may read meanwhile.
3. A record is one ``os.write``, then fsync: once ``append`` returns, kill -9 and power failure
   find it on the disk.
4. What follows the last newline is a *torn tail*: a record whose writer was stopped within it.
   Nobody was told that it was recorded. Readers pass over it; a writer cuts it before its first
   append, else two halves would share a line, and the file would be lost one append later.
5. A line that does not match its checksum is *damage*: a failing disk, or an editor. It is
   refused with its number, never repaired or passed over: what it said is not known.

So every change of the bytes is either refused or takes the last record away, as if it had never
been written; none is read as something else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from hpsearch.errors import RunError
from hpsearch.store.disk import disk_errors
from hpsearch.store.sealed import check_seal, seal, unseal
from hpsearch.store.system import BINARY, force, force_folder, try_lock

Record = dict[str, Any]
"""One JSON object; its keys keep their order."""


class Journal:
    """The one writer of a journal.

    Raises:
        RunError: the file is damaged, or has a writer already, or the disk is full …
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with disk_errors(path, "open the journal"):
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | BINARY
            self._descriptor = os.open(path, flags, 0o666)
            try:
                if not try_lock(self._descriptor):
                    raise RunError(f"{path}: another process writes to it; wait until it ends")
                with open(self._descriptor, "rb", closefd=False) as file:
                    # Whoever appends need know that the lines are whole, and not what they say.
                    self._end = sum(len(line) + 1 for line in _checked_lines(path, file))
                self._found = self._end
                self._torn = self._end < os.fstat(self._descriptor).st_size
                force_folder(path.parent)
            except BaseException:
                self.close()
                raise

    @cached_property
    def records(self) -> list[Record]:
        """What the file held when it was opened.

        Raises:
            RunError: the file is damaged or cannot be read.
        """
        with (
            disk_errors(self.path, "read the journal"),
            open(self._descriptor, "rb", closefd=False) as file,
        ):
            file.seek(0)
            return _parse(self.path, file.read(self._found))[0]

    def append(self, record: Mapping[str, Any]) -> None:
        """Record it: when this returns, the record is on the disk.

        Raises:
            RunError: the disk is full, or something else changed the file. The record is then
                not in it, and the journal as good as before.
            ValueError, TypeError: the record is not JSON with finite numbers.
        """
        self.append_all([record])

    def append_all(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Record several with one fsync; a crash within keeps the first few of them.

        Raises:
            RunError, ValueError, TypeError: as :meth:`append`.
        """
        lines = [seal(record) + b"\n" for record in records]
        with disk_errors(self.path, "write a record"):
            self._check_unchanged()
            if self._torn:
                os.ftruncate(self._descriptor, self._end)
            for line in lines:
                self._write(line)
            force(self._descriptor)

    def close(self) -> None:
        """Close the file, and with it its lock; a second time does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check_unchanged(self) -> None:
        """Refuse to append to a file that is not the one read: it would be lost or damaged."""
        status = os.fstat(self._descriptor)
        if status.st_nlink == 0:
            raise RunError(
                f"{self.path}: the file was removed or replaced while the run was at work; "
                "put it back and run the same command again"
            )
        if status.st_size != self._end and not self._torn:
            raise RunError(
                f"{self.path}: another program changed the file while the run was at work; "
                "close that program and run the same command again"
            )

    def _write(self, line: bytes) -> None:
        self._torn = True  # until the last byte is written
        rest = memoryview(line)
        while rest:  # one turn, unless the disk fills up: the next turn then says so
            rest = rest[os.write(self._descriptor, rest) :]
        self._torn = False
        self._end += len(line)


def journal_lines(path: Path) -> Iterator[bytes]:
    """The lines of a journal without their ends, one at a time, each compared with its checksum.

    Another process may be writing it; there are none if it is missing.

    Raises:
        RunError: the file is damaged or cannot be read.
    """
    with disk_errors(path, "read the journal"):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            yield from _checked_lines(path, file)


def _checked_lines(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(file, start=1):
        if not line.endswith(b"\n"):  # a torn tail, or one that is being written
            return
        body = line[:-1]
        try:
            check_seal(body)
        except ValueError as error:
            raise damaged_line(path, number, error) from error
        yield body


def read_journal(path: Path) -> list[Record]:
    """The records of a journal, which another process may be writing; none if it is missing.

    Raises:
        RunError: the file is damaged or cannot be read.
    """
    return JournalTail(path).poll()


class JournalTail:
    """Follows a journal while it grows: each :meth:`poll` gives what is new since the last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._end = 0
        self._lines = 0

    def poll(self) -> list[Record]:
        """The records since the last call; costs two system calls when there are none.

        Raises:
            RunError: the file is damaged, was replaced, or cannot be read.
        """
        with disk_errors(self.path, "read the journal"):
            try:
                size = self.path.stat().st_size
            except FileNotFoundError:
                size = 0
            if size == self._end:
                return []
            if size < self._end:
                raise RunError(f"{self.path}: the file was replaced; start watching it again")
            with self.path.open("rb") as file:
                file.seek(self._end)
                data = file.read()
        records, end = _parse(self.path, data, self._lines)
        self._end += end
        self._lines += len(records)
        return records


def _parse(path: Path, data: bytes, lines_before: int = 0) -> tuple[list[Record], int]:
    """The records in ``data``, and where its torn tail begins."""
    end = data.rfind(b"\n") + 1
    records: list[Record] = []
    for line in data[:end].split(b"\n")[:-1]:
        try:
            records.append(unseal(line))
        except ValueError as error:
            raise damaged_line(path, lines_before + len(records) + 1, error) from error
    return records, end


def damaged_line(path: Path, number: int, error: ValueError) -> RunError:
    """What is said of a line that is not what was written."""
    return RunError(
        f"{path}:{number}: the line is damaged: {error}; restore the file from a copy "
        f"(in a search's trials.jsonl or audit.jsonl, line {number} may be deleted: its "
        f"trial is then trained again)"
    )
