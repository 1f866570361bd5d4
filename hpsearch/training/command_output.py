"""What a command prints, read as it comes: which lines end an epoch, on which of two streams.

The metrics that are needed beside the metric stand in its line, or in one before it: the last
number that was printed of them counts.

Both streams are read, and one of them counts, whatever the clock does:

0. what the program pushes with ``hpsearch.epoch``, if it ever does, whatever it prints after that;
1. else stdout, if it ever gives the metric;
2. else the last line of stdout, if it is a bare number;
3. else stderr. It is known only when the program has ended that stdout never gives it, so the
   epochs of stderr are all told then.

Nothing here knows what a process is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hpsearch.errors import TrainableError
from hpsearch.training.metric_lines import NearMiss, read_bare_number, read_line
from hpsearch.training.terminal_lines import TerminalLines


@dataclass(frozen=True)
class Pushed:
    """The metrics of an epoch that a program has pushed."""

    values: Mapping[str, float]


@dataclass(frozen=True)
class Printed:
    """An epoch: its metrics, and the line and the stream that gave them."""

    values: Mapping[str, float]
    line: str
    stream: str
    repeated: bool = False


class StreamReader:
    """One stream's lines and epochs, and what to say if there are none."""

    def __init__(self, name: str, metric: str, beside: Sequence[str] = ()) -> None:
        self.name, self.metric, self.beside = name, metric, beside
        self._latest: dict[str, float] = {}
        self.count = 0
        self.last = ""  # its last line that is not blank
        self.first = ""  # the first that gave the metric
        self.near = NearMiss(metric)
        self._lines = TerminalLines()

    def feed(self, text: str) -> Iterator[Printed]:
        """The epochs that are complete once ``text`` has been printed as well."""
        return self._read(self._lines.feed(text))

    def end(self) -> Iterator[Printed]:
        """The epochs that were complete but for the end of their line."""
        return self._read(self._lines.end())

    def _read(self, lines: Iterable[str]) -> Iterator[Printed]:
        for line in lines:
            self.last = line.strip()
            found = read_line(line, self.metric)
            for name in self.beside:
                if (other := read_line(line, name)) is not None:
                    self._latest[name] = other.values[name]
            if found is not None:
                self.first = self.first or self.last
                self.count += 1
                values = {**found.values, **self._latest}
                yield Printed(values, self.last, self.name, found.repeated)
            elif not self.count:
                self.near.see(line)


class OutputReader:
    """Both streams of a command, and what it pushes.

    ``stdout`` gives pieces of text as they are printed, and epochs as they are pushed. ``drain``
    waits for the end of stderr, which :meth:`see_stderr` is told of piece by piece, from another
    thread if need be.
    """

    def __init__(self, metric: str, beside: Sequence[str] = ()) -> None:
        self.stdout = StreamReader("stdout", metric, beside)
        self.stderr = StreamReader("stderr", metric, beside)
        self._metric = metric
        self._held: list[Printed] = []
        self._pushes = False

    def see_stderr(self, pieces: Iterable[str]) -> None:
        """Read stderr to its end; what it gives is held back."""
        for text in pieces:
            self._hold(self.stderr.feed(text))
        self._hold(self.stderr.end())

    def _hold(self, found: Iterator[Printed]) -> None:
        for printed in found:  # read in any case: its last line is the complaint of a program
            if not self.stdout.count:
                self._held.append(printed)

    def epochs(
        self, stdout: Iterable[str | Pushed], drain: Callable[[], None]
    ) -> Generator[Printed, None, None]:
        """The epochs in the order in which they were told, of what counts.

        Raises:
            TrainableError: a line has counted before the first epoch was pushed.
        """
        for event in stdout:
            if isinstance(event, Pushed):
                yield self._pushed(event)
            elif not self._pushes:
                yield from self.stdout.feed(event)
        if self._pushes:
            return
        yield from self.stdout.end()
        if self.stdout.count:
            return
        bare = read_bare_number(self.stdout.last)
        if bare is not None:
            yield Printed({self._metric: bare}, self.stdout.last, "stdout")
            return
        drain()
        yield from self._held

    def _pushed(self, epoch: Pushed) -> Printed:
        if self.stdout.count and not self._pushes:
            raise TrainableError(
                f"the command printed the line {self.stdout.first!r}, which counts as an epoch, "
                f"before its first hpsearch.epoch, which counts as well; print it after that"
            )
        self._pushes = True
        line = ", ".join(f"{name}={value!r}" for name, value in epoch.values.items())
        return Printed(epoch.values, line, "hpsearch.epoch")

    def missing(self) -> str:
        """The message for a command that gave no metric."""
        near = self.stdout.near.advice() or self.stderr.near.advice()
        return (
            f"the command printed no {self._metric!r}; {near}"
            f"print a line '{self._metric}: 0.12' or a JSON object after each epoch"
        )

    def complaint(self) -> str:
        """What a program that failed said last."""
        return self.stderr.last or self.stdout.last
