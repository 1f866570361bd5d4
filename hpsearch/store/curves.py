"""The curve of one trial while it trains: what a live screen shows before the result is in.

    {"trial": 12, "hparams": {"alpha": 0.01}, "epochs": 30, "metric": "dev_error"}
    {"epoch": 1, "values": {"train_loss": 0.71, "dev_error": 0.12}}
    {"epoch": 2, …

The worker writes it without fsync, and nothing is decided by it: what counts comes back to the
coordinator and goes into the journal. So a reader takes what it can read and leaves the rest.
A number that is not finite is ``null``. A trial that is over at once leaves no time to look at it,
and has no such file.
"""

from __future__ import annotations

import errno
import json
import math
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from hpsearch.portable import well_formed
from hpsearch.records import EpochMetrics, Hparams, finite
from hpsearch.store.atomic import make_folders
from hpsearch.store.disk import disk_errors
from hpsearch.store.system import BINARY

QUIET_SECONDS = 0.25
"""For so long a trial's curve is only remembered."""


@dataclass(frozen=True)
class CurveHeader:
    """What is being trained: the curve file's first line."""

    trial: int
    hparams: Hparams
    epochs: int
    metric: str


class CurveWriter:
    """Writes the curve of one trial anew; ``finished`` holds the epochs of earlier attempts.

    The file is made ``quiet`` seconds later, by whoever comes first: :meth:`append`, or a thread
    that calls :meth:`look`.

    Raises:
        RunError: the disk is full, read-only …
    """

    def __init__(
        self,
        path: Path,
        header: CurveHeader,
        finished: Sequence[EpochMetrics] = (),
        quiet: float = QUIET_SECONDS,
    ) -> None:
        self.path = path
        self._header = header
        self._waiting = list(finished)
        self._opens_at = time.monotonic() + quiet
        self._descriptor: int | None = None
        self._closed = False
        self._at_work = threading.Lock()
        self.look()

    def append(self, metrics: EpochMetrics) -> None:
        """Add an epoch.

        Raises:
            RunError: the disk is full …
        """
        with self._at_work, disk_errors(self.path, "write the curve"):
            if self._closed:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            if self._descriptor is None:
                self._waiting.append(metrics)
                self._open_when_due()
            else:
                os.write(self._descriptor, _epoch_line(metrics))

    def look(self) -> None:
        """Make the file if it is time.

        Raises:
            RunError: the disk is full …
        """
        with self._at_work, disk_errors(self.path, "write the curve"):
            if self._descriptor is None:
                self._open_when_due()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._at_work:
            self._closed = True
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None:
                os.close(descriptor)

    def _open_when_due(self) -> None:
        if self._closed or time.monotonic() < self._opens_at:
            return
        make_folders(self.path.parent)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | BINARY
        descriptor = os.open(self.path, flags, 0o666)
        try:
            lines = [_header_line(self._header), *map(_epoch_line, self._waiting)]
            os.write(descriptor, b"".join(lines))
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor, self._waiting = descriptor, []

    def __enter__(self) -> CurveWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_curve(path: Path) -> tuple[CurveHeader | None, list[EpochMetrics]]:
    """What can be read of a curve: its header, if it is there yet, and its epochs.

    Raises:
        RunError: the file is there and cannot be opened.
    """
    with disk_errors(path, "read the curve"):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None, []
    header: CurveHeader | None = None
    epochs: list[EpochMetrics] = []
    for line in data.split(b"\n")[:-1]:
        try:
            record = json.loads(line)
            if header is None:
                header = CurveHeader(**record)
            else:
                epochs.append(_epoch(record))
        except (ValueError, KeyError, TypeError, AttributeError):
            break
    return header, epochs


def _header_line(header: CurveHeader) -> bytes:
    return _line(
        {
            "trial": header.trial,
            "hparams": dict(header.hparams),
            "epochs": header.epochs,
            "metric": header.metric,
        }
    )


def _epoch_line(metrics: EpochMetrics) -> bytes:
    values = {name: finite(float(v)) for name, v in metrics.values.items()}
    return _line({"epoch": metrics.epoch, "values": values})


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(well_formed(record), allow_nan=False).encode("ascii") + b"\n"


def _epoch(record: Mapping[str, Any]) -> EpochMetrics:
    values = {n: math.nan if v is None else float(v) for n, v in record["values"].items()}
    return EpochMetrics(int(record["epoch"]), values)
