"""A command line as a trainable: any program in any language that prints its metric.

:mod:`~hpsearch.training.command_words` says what becomes of the line in one trial. The program
runs in the config's folder. It also finds ``HPSEARCH_TRIAL``, ``HPSEARCH_SEED``,
``HPSEARCH_EPOCHS`` and ``HPSEARCH_HPARAMS`` (JSON) in its environment.

:mod:`~hpsearch.training.metric_lines` says which lines of its output end an epoch, and
:mod:`~hpsearch.training.command_output` on which stream. A Python program may push its epochs
instead, through a :mod:`~hpsearch.training.channel`. All of the output is in the trial's log.
Under ``epochs: 1``, the default, every epoch that is told is taken; else the first ``epochs``.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, TextIO

from hpsearch.errors import TrainableError
from hpsearch.processes import apart, end_group, signal_name
from hpsearch.pushing import CHANNEL, METRIC
from hpsearch.training.channel import Channel, Events
from hpsearch.training.command_output import OutputReader, Printed
from hpsearch.training.command_words import fill_in
from hpsearch.training.function import GeneratorTrainable
from hpsearch.training.protocol import Context, last_epoch
from hpsearch.training.pushes import too_many

FLUSH_TIME = 1.0  # seconds; a child of the command's in a session of its own may hold its stderr
LAST_WORDS_TIME = 30.0  # seconds for a stderr that holds the metric: its reader may have to wait
PIECE = 1 << 20  # characters; a progress bar may never end its line
KEPT = 10  # epochs that are kept as they were printed, to be shown

running: set[int] = set()
"""Process groups under way in this worker; it takes them along when it has to end."""


class CommandTrainable(GeneratorTrainable):
    """A command that runs once and prints one epoch after another.

    ``printed`` has its first epochs as they were printed, and its last.
    """

    def __init__(self, words: list[str], context: Context, folder: str) -> None:
        self.printed: list[Printed] = []
        super().__init__(self._epochs(words, context, folder), context, "the command")

    def _epochs(
        self, words: list[str], context: Context, folder: str
    ) -> Iterator[Mapping[str, float]]:
        """One epoch after another; the last waits for the program, which may save its model."""
        limit = last_epoch("command", context.epochs)
        reader = OutputReader(context.metric, context.beside)
        count, further = 0, 0
        waiting: Printed | None = None
        with (
            Channel() as channel,
            _process(words, context, folder, reader, channel) as (process, errors),
            contextlib.closing(Events(process, channel, sys.stdout, limit)) as events,
            contextlib.closing(
                reader.epochs(events, lambda: _drain(process, errors))
            ) as all_epochs,
        ):
            for printed in all_epochs:
                if count == limit:
                    further += 1
                    continue
                count += 1
                self._keep(printed)
                if waiting is not None:
                    yield waiting.values
                waiting = None if count < limit < math.inf else printed
                if waiting is None:
                    yield printed.values
            code = process.wait()
            if code and not events.further:
                _drain(process, errors)
                raise TrainableError(_ending(code, words, folder, reader.complaint()))
            if not count:
                raise TrainableError(reader.missing())
            if events.further:
                self.notes.append(too_many("the command", context))
            self._note(count, further, context)
            if waiting is not None:
                yield waiting.values

    def look_further(self, seconds: float | None) -> str | None:
        """Nothing to do: what a command prints is read to its end in any case."""
        del seconds
        return None

    def _keep(self, printed: Printed) -> None:
        del self.printed[KEPT - 1 :]
        self.printed.append(printed)

    def _note(self, count: int, further: int, context: Context) -> None:
        if further:
            self.notes.append(
                f"the command went on after {count} epochs, and {further} more lines with "
                f"{context.metric} were ignored; write epochs: {count + further} to take them"
            )
        elif count > 1 and context.epochs == 1:
            self.notes.append(
                f"the command printed {count} epochs, and all were read, since epochs is 1 "
                f"(metric.pick says which of them counts); write epochs: {count}, and trials "
                f"without hope can be stopped early"
            )
        twice = next((printed for printed in self.printed if printed.repeated), None)
        if twice is not None:
            self.notes.append(
                f"{context.metric} stands more than once in the line {twice.line!r}; "
                f"{twice.values[context.metric]:g}, the last, was taken; write more of the name "
                f"if you mean another, as in metric.name: train {context.metric}"
            )


def command_trainable(
    command: str, context: Context, folder: str = "", bare: Collection[str] = ()
) -> CommandTrainable:
    """A trainable that runs the command once and reads an epoch at a time from its output.

    It runs in ``folder``; in the current one if that is empty. For ``bare`` see :func:`fill_in`.
    """
    return CommandTrainable(fill_in(command, context, bare), context, folder)


@contextlib.contextmanager
def _process(
    words: list[str], context: Context, folder: str, reader: OutputReader, channel: Channel
) -> Iterator[tuple[subprocess.Popen[bytes], threading.Thread]]:
    """The program, and the thread that reads its stderr; both are gone afterwards."""
    process = _start(words, context, folder, channel.address)
    running.add(process.pid)
    errors = threading.Thread(
        target=lambda: reader.see_stderr(_copied(process.stderr, sys.stderr)), daemon=True
    )
    errors.start()
    try:
        yield process, errors
    finally:
        end_group(process.pid)
        assert process.stdout is not None
        process.stdout.close()
        process.wait()
        errors.join(FLUSH_TIME)
        running.discard(process.pid)


def _start(
    words: list[str], context: Context, folder: str, channel: str
) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "HPSEARCH_TRIAL": str(context.trial),
        "HPSEARCH_SEED": str(context.seed),
        "HPSEARCH_EPOCHS": str(context.epochs),
        "HPSEARCH_HPARAMS": json.dumps(dict(context.hparams)),
        CHANNEL: channel,
        METRIC: context.metric,
        "PYTHONUNBUFFERED": "1",  # a Python program's lines arrive as they are printed
    }
    if folder and not Path(folder).is_dir():
        raise TrainableError(f"the command's folder {folder} is not there; see trainable.folder")
    try:
        return subprocess.Popen(  # noqa: S603 - running the user's command is the purpose
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder or None,
            env=environment,
            **apart(),
        )
    except OSError as e:
        where = _elsewhere(words, folder)
        raise TrainableError(
            f"the command {words[0]!r} cannot be started: {e.strerror}{where}"
        ) from e


def _copied(stream: IO[bytes] | None, log: TextIO) -> Iterator[str]:
    """What a stream gives, piece by piece, once it is written to the log.

    A piece ends where the line does or is drawn again, untranslated: a carriage return means
    something.
    """
    assert stream is not None
    with contextlib.closing(
        io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    ) as text:
        while piece := text.readline(PIECE):
            log.write(piece)
            yield piece


def _drain(process: subprocess.Popen[bytes], errors: threading.Thread) -> None:
    """Wait until the stderr of a program that has closed its stdout is read to its end."""
    process.wait()
    end_group(process.pid)  # what it left running could hold the stream open
    errors.join(LAST_WORDS_TIME)


def _ending(code: int, words: list[str], folder: str, complaint: str) -> str:
    how = f"by signal {signal_name(-code) or -code}" if code < 0 else f"with exit code {code}"
    said = f": {complaint}" if complaint else "; see the trial's log"
    return f"the command ended {how}{said}{_elsewhere(words, folder)}"


def _elsewhere(words: list[str], folder: str) -> str:
    """A hint where a file of the command is not in its folder, but where hpsearch was started."""
    if not folder:
        return ""
    for word in words:
        here = Path(word)
        if not here.is_absolute() and here.is_file() and not (Path(folder) / word).exists():
            return (
                f" (a command runs in the config's folder, {folder}, and {word} is in "
                f"{Path.cwd()}; write its path from there, or trainable: {{command: …, "
                f"folder: {Path.cwd()}}})"
            )
    return ""
