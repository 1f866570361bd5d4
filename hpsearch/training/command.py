"""A command line as a trainable: any program in any language that prints its metric.

``{name}`` stands for a hyperparameter, ``{seed}``, ``{epochs}`` and ``{trial}`` for what they
say; an inactive hyperparameter becomes empty text. The line is split into words first and filled
in afterwards, so a value never needs quoting, and no shell is involved. The program also finds
``HPSEARCH_TRIAL``, ``HPSEARCH_SEED``, ``HPSEARCH_EPOCHS`` and ``HPSEARCH_HPARAMS`` (JSON) in its
environment.

Each line of its output that is a JSON object with the metric, or says ``metric: 0.12`` or
``metric = 0.12``, ends an epoch. If no line does, a last line that is a bare number is the metric.
All of the output is in the trial's log.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import string
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from typing import IO

from hpsearch.errors import TrainableError
from hpsearch.training.function import GeneratorTrainable
from hpsearch.training.protocol import Context

NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf)"

FLUSH_TIME = 1.0  # seconds; a child of the command's in a session of its own may hold its stderr

running: set[int] = set()
"""Process groups under way in this worker; it takes them along when it has to end."""


def fill_in(command: str, context: Context) -> list[str]:
    """The words of the command line for one trial.

    Raises:
        TrainableError: the quotes do not match, or a ``{name}`` is not declared.
    """
    values: dict[str, object] = dict.fromkeys(context.inactive, "")
    values |= {"seed": context.seed, "epochs": context.epochs, "trial": context.trial}
    values |= context.hparams
    try:
        words = shlex.split(command)
        fields = [field for word in words for _, field, _, _ in string.Formatter().parse(word)]
    except ValueError as e:
        raise TrainableError(f"trainable.command: {command!r}: {e}") from e
    if not words:
        raise TrainableError("trainable.command is empty; write a program and its arguments")
    for field in fields:
        if field is not None and field not in values:
            known = ", ".join(sorted(values))
            raise TrainableError(
                f"trainable.command: {{{field}}} is not a hyperparameter; there are {known}. "
                f"Write {{{{ and }}}} for braces"
            )
    return [word.format_map(values) for word in words]


def read_metrics(line: str, metric: str) -> dict[str, float] | None:
    """The metrics of an epoch if a line of output holds them.

    >>> read_metrics('{"loss": 0.5, "step": 3}', "loss")
    {'loss': 0.5, 'step': 3.0}
    >>> read_metrics("epoch 3  loss: 0.25", "loss")
    {'loss': 0.25}
    """
    text = line.strip()
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            return None
        if isinstance(found, dict) and metric in found:
            numbers = {k: v for k, v in found.items() if isinstance(v, int | float)}
            return {k: float(v) for k, v in numbers.items()} if metric in numbers else None
        return None
    match = re.search(rf"(?<![\w.]){re.escape(metric)}\s*[:=]\s*({NUMBER})(?![\w.])", text)
    return {metric: float(match[1])} if match else None


def command_trainable(command: str, context: Context) -> GeneratorTrainable:
    """A trainable that runs the command once and reads an epoch at a time from its output."""
    return GeneratorTrainable(_epochs(fill_in(command, context), context), context, "the command")


def _epochs(words: list[str], context: Context) -> Iterator[Mapping[str, float]]:
    environment = os.environ | {
        "HPSEARCH_TRIAL": str(context.trial),
        "HPSEARCH_SEED": str(context.seed),
        "HPSEARCH_EPOCHS": str(context.epochs),
        "HPSEARCH_HPARAMS": json.dumps(dict(context.hparams)),
        "PYTHONUNBUFFERED": "1",  # a Python program's lines arrive as they are printed
    }
    try:
        # A session of its own: Ctrl-C in the terminal is for hpsearch, which lets trials finish.
        process = subprocess.Popen(  # noqa: S603 - running the user's command is the purpose
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env=environment,
            start_new_session=True,
        )
    except OSError as e:
        raise TrainableError(f"the command {words[0]!r} cannot be started: {e.strerror}") from e
    running.add(process.pid)
    assert process.stdout is not None
    assert process.stderr is not None
    epochs, final = 0, None
    last: deque[str] = deque(maxlen=1)
    complaint: deque[str] = deque(maxlen=1)
    errors = threading.Thread(target=_pass_on, args=(process.stderr, complaint), daemon=True)
    errors.start()
    try:
        for line in process.stdout:
            sys.stdout.write(line)
            if line.strip():
                last.append(line.strip())
            values = read_metrics(line, context.metric)
            if values is None or epochs == context.epochs:
                continue
            epochs += 1
            if epochs < context.epochs:
                yield values
            else:
                # Reported when the program has ended: it may have a model to save.
                final = values
        code = process.wait()
        if code:
            errors.join(FLUSH_TIME)
            raise TrainableError(_ending(code, complaint or last))
        if final is not None:
            yield final
        elif not epochs:
            if not last or not re.fullmatch(NUMBER, last[0]):
                raise TrainableError(
                    f"the command printed no {context.metric!r}; "
                    f"print a line '{context.metric}: 0.12' or a JSON object after each epoch"
                )
            yield {context.metric: float(last[0])}
    finally:
        end_group(process.pid)
        process.stdout.close()
        process.wait()
        errors.join(FLUSH_TIME)
        running.discard(process.pid)


def _pass_on(stream: IO[str], last: deque[str]) -> None:
    """Write what the command says on stderr to our own, and keep its last line."""
    with stream:
        for line in stream:
            sys.stderr.write(line)
            if line.strip():
                last.append(line.strip())


def _ending(code: int, last: deque[str]) -> str:
    how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    said = f": {last[0]}" if last else "; see the trial's log"
    return f"the command ended {how}{said}"


def end_group(pid: int) -> None:
    """Kill the process group that a command leads; nothing happens if it has ended."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
