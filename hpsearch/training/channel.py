"""What a program does while it runs, in order: text that it prints, epochs that it pushes.

A program pushes with ``hpsearch.epoch``, see :mod:`hpsearch.pushing`: it connects to the trial's
socket, sends one line of JSON (the metrics as an object, or a text that says what is wrong with
them) and waits for one line of answer, whether to go on. What it has printed before that is in its
pipe by then, and is read first: so which came before which does not depend on the clock.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import math
import os
import secrets
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from hpsearch.errors import RunError, TrainableError
from hpsearch.processes import WINDOWS
from hpsearch.pushing import GO_ON, LOOPBACK, STOP
from hpsearch.training.command_output import Pushed

STOP_TIME = 60.0  # seconds that a program has, once it is told to stop, to save what it wants
PATIENCE = 5.0  # seconds for a line to arrive from a program that has connected
POLL = 0.05  # seconds between two looks whether a program that prints no more has ended
LOOK = 0.01  # seconds between two looks, where it cannot be waited for both
PIECE = 1 << 16  # bytes


_folders: set[str] = set()  # those of the channels that are open in this process


def remove_channels() -> None:
    """Remove the sockets of this process, which is about to end without another word."""
    for folder in list(_folders):
        shutil.rmtree(folder, ignore_errors=True)


class Channel:
    """The socket to which a program pushes; ``address`` is what it has to know.

    It is a file that nobody else can open; on Windows, which has none, a port of this machine, and
    a word that nobody else knows comes before what is sent.

    Raises:
        RunError: there is no room for one, which is not the program's fault.
    """

    def __init__(self) -> None:
        self._word = b""
        try:
            # Not in the run's folder: the path of a socket has to be short.
            self._folder = tempfile.mkdtemp(prefix="hpsearch-")
            _folders.add(self._folder)
            if hasattr(socket, "AF_UNIX"):
                self.address = str(Path(self._folder) / "epoch")
                self._listener = socket.socket(socket.AF_UNIX)
                self._listener.bind(self.address)
                self._listener.listen()
            else:
                self._listener = socket.create_server((LOOPBACK, 0))
                word = secrets.token_hex(16)
                self.address = f"{self._listener.getsockname()[1]}:{word}"
                self._word = f"{word} ".encode()
        except OSError as e:
            raise RunError(
                f"a command needs a socket in the folder for temporary files, and it cannot be "
                f"made: {e.strerror}; set TMPDIR to a short path of a folder with room"
            ) from e
        self._listener.setblocking(False)

    def __enter__(self) -> Channel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        _folders.discard(self._folder)

    def fileno(self) -> int:
        """For ``select``: readable, when a program pushes."""
        return self._listener.fileno()

    def accept(self) -> tuple[socket.socket, str] | None:
        """A program that waits for an answer, and what it sent; ``None`` if there is none."""
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return None
        connection.settimeout(PATIENCE)
        sent = b""
        with contextlib.suppress(OSError):
            while not sent.endswith(b"\n") and (piece := connection.recv(PIECE)):
                sent += piece
        if not sent.endswith(b"\n") or not sent.startswith(self._word):
            connection.close()  # it was killed while it sent, or is a stranger
            return None
        return connection, sent.removeprefix(self._word).decode()


class Events:
    """Both, until the program has ended; after ``limit`` epochs it is told to stop.

    ``further`` says that it would have gone on after them.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], channel: Channel, log: TextIO, limit: float
    ) -> None:
        assert process.stdout is not None
        self.further = False
        self._process, self._stdout, self._channel = process, process.stdout, channel
        self._log, self._limit = log, limit
        self._count = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._printing = True
        self._all = self._events()

    def __iter__(self) -> Iterator[str | Pushed]:
        return self._all

    def close(self) -> None:
        """Be done with it; a program that waits for its answer is stopped."""
        self._all.close()

    def _events(self) -> Generator[str | Pushed, None, None]:
        """One event after another; a program that has pushed is answered when the next is asked.

        Who asks for no more, and closes it, stops the program, which then has some time to end.

        Raises:
            TrainableError: what was pushed are no metrics.
        """
        while self._printing:
            _wait_for([self._stdout, self._channel])
            yield from self._printed()
            yield from self._pushed()
        while not self._has_ended(POLL):
            yield from self._pushed()

    def _printed(self) -> Iterator[str]:
        """What is in the pipe by now."""
        while self._printing and _wait_for([self._stdout], 0):
            data = os.read(self._stdout.fileno(), PIECE)
            self._printing = bool(data)
            text = self._decoder.decode(data, final=not data)
            if text:
                self._log.write(text)
                yield text

    def _pushed(self) -> Iterator[str | Pushed]:
        request = self._channel.accept()
        if request is None:
            return
        connection, sent = request
        yield from self._printed()  # before it pushed
        with connection:
            if self._count == self._limit:
                self.further = True
                _answer(connection, STOP)
                return
            self._count += 1
            values = json.loads(sent)
            try:
                if isinstance(values, str):
                    raise TrainableError(values)
                yield Pushed(values)
            except BaseException:  # GeneratorExit, most often: the trial is over
                _answer(connection, STOP)
                self._let_end()
                raise
            _answer(connection, GO_ON)

    def _let_end(self) -> None:
        """Give the program its time to save what it wants; it may print, but push no more."""
        until = time.monotonic() + STOP_TIME
        while self._printing and (left := until - time.monotonic()) > 0:
            _wait_for([self._stdout, self._channel], left)
            for _ in self._printed():
                pass
            while (request := self._channel.accept()) is not None:
                with request[0] as connection:
                    _answer(connection, STOP)
        self._has_ended(max(0.0, until - time.monotonic()))

    def _has_ended(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def _wait_for(sources: list[Any], seconds: float | None = None) -> list[Any]:
    """Those that have something to read, once one has, or the time has passed."""
    if not WINDOWS:
        return select.select(sources, [], [], seconds)[0]
    until = math.inf if seconds is None else time.monotonic() + seconds
    while True:  # which can wait for sockets alone
        ready = [s for s in sources if (_has_more(s) if hasattr(s, "read") else _is_called(s))]
        if ready or time.monotonic() >= until:
            return ready
        time.sleep(min(LOOK, max(until - time.monotonic(), 0.0)))


def _is_called(channel: Any) -> bool:
    return bool(select.select([channel], [], [], 0)[0])


def _has_more(pipe: Any) -> bool:
    """Whether a pipe of Windows has something to read, or has ended."""
    import _winapi  # noqa: PLC0415 - there is none elsewhere
    import msvcrt  # noqa: PLC0415 - as above

    windows: Any = _winapi
    terminal: Any = msvcrt
    try:
        return bool(windows.PeekNamedPipe(terminal.get_osfhandle(pipe.fileno()), 0)[0])
    except BrokenPipeError:
        return True


def _answer(connection: socket.socket, word: bytes) -> None:
    with contextlib.suppress(OSError):  # it was killed while it waited
        connection.sendall(word)
