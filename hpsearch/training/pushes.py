"""The epochs that a function pushes while it runs, on their way to the epoch loop.

The loop cannot ask such a function for its next epoch: it is the function that calls. So what
would end the loop (a cut-off, a metric that is not finite, a disk that is full) is kept here, the
function is told that its trial is over, and once it has ended the loop is told the reason.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from hpsearch.errors import TrainableError, TrialStopped, kind_and_message
from hpsearch.metrics import as_metrics
from hpsearch.pushing import hearing
from hpsearch.text import plural
from hpsearch.training.protocol import Context

Take = Callable[[Mapping[str, float]], bool]
"""Takes in an epoch's metrics and says whether the trial goes on; may raise what ends it."""


class Pushes:
    """What one call of a function pushes; ``count`` epochs so far went to ``take``."""

    def __init__(self, take: Take, context: Context, source: str) -> None:
        self.count = 0
        self.notes: list[str] = []
        self._take, self._context, self._source = take, context, source
        self._over = False
        self._reason: BaseException | None = None
        self._swallowed = False
        self._at_work = threading.Lock()  # user code may push from any thread

    def during(self, call: Callable[[], Any]) -> Any:
        """What the function returns, with its epochs taken in on the way.

        Raises:
            BaseException: what ended the trial, or else whatever the function raises.
        """
        returned = None
        try:
            with hearing(self._hear):
                returned = call()
        except TrialStopped:
            pass
        except (Exception, SystemExit) as e:
            if not self._over:
                raise
            if self._reason is None:  # it is its tidying up that failed, or it wraps the stop
                print(f"hpsearch: after the trial was over: {kind_and_message(e, 200)}")  # noqa: T201
        if self._reason is not None:
            raise self._reason
        if self._swallowed:
            self.notes.append(
                f"{self._source} went on after its trial was over: let hpsearch.TrialStopped pass, "
                f"which an 'except:' or 'except BaseException:' of its own has caught"
            )
        return returned

    def _hear(self, given: Any) -> None:
        with self._at_work:
            if self._over:
                self._swallowed = True
                raise TrialStopped
            if self.count == self._context.epochs:
                self._over = True
                self.notes.append(too_many(self._source, self._context))
                raise TrialStopped
            try:
                values = as_metrics(given, self._context.metric, self._source)
                self.count += 1
                self._over = not self._take(values)
            except TrainableError as e:
                self._over, self._reason = True, e
                raise
            except BaseException as e:
                self._over, self._reason = True, e
            if self._over:
                raise TrialStopped


def too_many(source: str, context: Context) -> str:
    """A note on what goes on after the last epoch."""
    return (
        f"{source} pushes more than {plural(context.epochs, 'epoch')}; the others are ignored: "
        f"give it an argument 'epochs', or write a larger number as epochs"
    )
