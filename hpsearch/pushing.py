"""An epoch that has ended, pushed by the code that trains: ``hpsearch.epoch(dev_error=0.12)``.

It goes, wherever it is called, to

1. what hears it in this process: the trial whose function is running, see :func:`hearing`;
2. else the trial of whose command this process, or one above it, is the program: it is told
   through the socket that ``HPSEARCH_CHANNEL`` names, and answers whether to go on;
3. else nobody: outside of any trial the metrics are printed, so that a script runs as it is.

A script imports this, so it costs little. The other end of the socket is in
:mod:`hpsearch.training.channel`, which says what goes through it.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hpsearch.errors import TrainableError, TrialStopped

CHANNEL, METRIC = "HPSEARCH_CHANNEL", "HPSEARCH_METRIC"
"""The environment of a command's program: where to push to, and what the search's metric is."""

LOOPBACK = "127.0.0.1"

GO_ON, STOP = b"go on\n", b"stop\n"
"""What the trial answers."""

_ELSEWHERE = "none"  # as a channel: a trial's function is at work, in the process above

Hearer = Callable[[Any], None]
"""Takes the metrics as user code gave them.

Raises:
    TrainableError: they are no metrics.
    TrialStopped: the trial is over.
"""

_hearers: list[tuple[int, Hearer]] = []  # the process that one is in, for a fork copies it; and it
_alone = 0  # epochs that were pushed outside of any trial


def epoch(metrics: Any = None, /, **named: Any) -> None:
    """Say that an epoch has ended with these metrics: ``hpsearch.epoch(dev_error=0.12)``.

    Anywhere inside a function that is trained, or a script that a ``command`` starts. A dict does
    for names that are no Python (``{"val/loss": 0.5}``), a single number for the search's metric.
    The epochs count by themselves. Outside of any trial it prints the metrics, and no more.

    Raises:
        TrainableError: what is given is no number, or the search's metric is not among it.
        TrialStopped: the trial is over, at a cut-off or after its last epoch: save what is to be
            kept, and let it pass.
    """
    given = _together(metrics, named)
    if _hearers:
        process, hearer = _hearers[-1]
        if process != os.getpid():
            raise _of_another_process()
        hearer(given)
        return
    channel = os.environ.get(CHANNEL, "")
    if channel == _ELSEWHERE:
        raise _of_another_process()
    if channel:
        _push(given, channel)
    else:
        _print(given)


def _together(metrics: Any, named: Mapping[str, Any]) -> Any:
    if metrics is None or (named and isinstance(metrics, Mapping)):
        return {**(metrics or {}), **named}
    if named:
        raise TrainableError(
            "hpsearch.epoch was given a number and others by name; give each a name, as in "
            "hpsearch.epoch(dev_error=0.12, train_loss=0.3)"
        )
    return metrics


@contextlib.contextmanager
def hearing(hearer: Hearer) -> Iterator[None]:
    """Let ``hearer`` have what is pushed in this process, from whichever thread."""
    before = os.environ.get(CHANNEL)
    _hearers.append((os.getpid(), hearer))
    os.environ[CHANNEL] = _ELSEWHERE
    try:
        yield
    finally:
        _hearers.pop()
        if before is None:
            os.environ.pop(CHANNEL, None)
        else:
            os.environ[CHANNEL] = before


def _of_another_process() -> TrainableError:
    return TrainableError(
        "hpsearch.epoch was called in a process that the trial's function has started; call it in "
        "the function's own process, with what that process sends back"
    )


def _push(given: Any, channel: str) -> None:
    """Tell a command's trial, and hear whether to go on."""
    import json  # noqa: PLC0415 - only here

    from hpsearch.metrics import as_metrics  # noqa: PLC0415 - as above

    wrong = None
    try:
        message = json.dumps(as_metrics(given, os.environ.get(METRIC, ""), "the command"))
    except TrainableError as e:
        wrong, message = e, json.dumps(e.message)
    answer = b""
    with contextlib.suppress(OSError), _connected(channel) as connection:
        connection.sendall(message.encode() + b"\n")
        while not answer.endswith(b"\n") and (piece := connection.recv(100)):
            answer += piece
    if wrong is not None:
        raise wrong
    if answer != GO_ON:  # a trial that is not there any more answers nothing
        raise TrialStopped


@contextlib.contextmanager
def _connected(channel: str) -> Iterator[socket.socket]:
    """A connection to a channel: the path of a socket, or where there are none, a port and a word.

    Raises:
        OSError: nobody is there any more.
    """
    if hasattr(socket, "AF_UNIX"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(channel)
            yield connection
        return
    port, _, word = channel.partition(":")
    with socket.create_connection((LOOPBACK, int(port))) as connection:
        connection.sendall(f"{word} ".encode())
        yield connection


def _print(given: Any) -> None:
    global _alone  # noqa: PLW0603 - a count of this process
    from hpsearch.metrics import as_numbers  # noqa: PLC0415 - only here

    values = as_numbers(given if isinstance(given, Mapping) else {"value": given}, "the script")
    _alone += 1
    shown = "  ".join(f"{name}: {value:.6g}" for name, value in values.items())
    print(f"epoch {_alone}  {shown}", flush=True)  # noqa: T201 - this is what it is for
