"""The standard streams: always there, and no command ends because one of them fails.

A daemon starts us with closed descriptors, `| head` goes away, the disk behind `> file` is full.
What was asked for is done all the same, and what could not be said is remembered for the end.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from typing import Any, TextIO

STDIN, STDOUT, STDERR = 0, 1, 2


class Lenient(io.FileIO):
    """A descriptor to write to, whose first error is remembered; none is raised."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write, or drop what cannot be written."""
        try:
            while (written := super().write(data)) is None:  # a terminal that is set not to block
                select.select([], [self], [])
        except OSError as e:
            self.failure = self.failure or e
            return memoryview(data).nbytes
        return written


class Open(io.TextIOWrapper):
    """A stream that user code in our process cannot close under us."""

    def close(self) -> None:
        """Only write what is held back."""
        self.flush()


def open_streams() -> None:
    """Make stdin, stdout and stderr streams that are open, and the last two cannot fail.

    A closed descriptor is opened on nothing: else the next file to be opened, which may be a
    ledger, would get its number, and with it what is meant for the terminal.
    """
    for descriptor in (STDIN, STDOUT, STDERR):
        _occupy(descriptor)
    if not isinstance(sys.stdin, io.IOBase):  # None where it was closed
        sys.stdin = io.TextIOWrapper(io.FileIO(STDIN, closefd=False), encoding="utf-8")
    sys.stdout = _lenient(STDOUT, sys.stdout)
    sys.stderr = _lenient(STDERR, sys.stderr)


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[TextIO]:
    """Send to stderr what code of the user's prints in our process, from C and its children too.

    Gives the stream that still goes to stdout; whether it failed is known of stdout afterwards.
    """
    stdout = sys.stdout
    raw = _raw(stdout)
    if raw is None:  # a stream that was put in its place
        with contextlib.redirect_stdout(sys.stderr):
            yield stdout
        return
    stdout.flush()
    kept = os.dup(STDOUT)
    out = Open(
        io.BufferedWriter(Lenient(kept, "wb", closefd=False)),
        encoding=stdout.encoding,
        errors=stdout.errors,
    )
    os.dup2(STDERR, STDOUT)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield out
    finally:
        stdout.flush()
        out.flush()
        os.dup2(kept, STDOUT)
        raw.failure = raw.failure or failure_of(out)
        os.close(kept)


def failure_of(stream: TextIO) -> OSError | None:
    """Why something that was written to a stream was lost; ``None`` if nothing was."""
    raw = _raw(stream)
    return None if raw is None else raw.failure


def _raw(stream: TextIO) -> Lenient | None:
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, Lenient) else None


def reader_left(stream: TextIO) -> bool:
    """Whether a pipe has nobody at its other end, as after ``| head``."""
    failure = failure_of(stream)
    return failure is not None and failure.errno == errno.EPIPE


def _occupy(descriptor: int) -> None:
    try:
        os.fstat(descriptor)
    except OSError:
        nowhere = os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
        if nowhere != descriptor:
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
        os.set_inheritable(descriptor, True)


def _lenient(descriptor: int, stream: TextIO | None) -> TextIO:
    """A stream like ``stream`` that cannot fail; one that was put in its place stays."""
    if stream is not None and type(stream) is not io.TextIOWrapper:
        return stream
    like = stream if isinstance(stream, io.TextIOWrapper) else None
    if like is not None:
        like.flush()
    return Open(
        io.BufferedWriter(Lenient(descriptor, "wb", closefd=False)),
        encoding=like.encoding if like else "utf-8",
        errors="backslashreplace",
        line_buffering=like is None or like.line_buffering or like.write_through,
    )
