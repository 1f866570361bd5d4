"""What the tests of export share: a run with trials of every state."""

from dataclasses import replace

from synthetic_runs import made_up_run

from hpsearch.records import State
from hpsearch.report.export.targets import TARGETS

_WHOLE = made_up_run(200)


def of_state(state):
    return next(r for r in _WHOLE.results if r.state is state)


RUN = replace(
    _WHOLE,
    results=sorted(
        [*_WHOLE.results[:8], *(of_state(s) for s in State if of_state(s).trial.index >= 8)],
        key=lambda r: r.trial.index,
    ),
)


def export(kind, view, place):
    TARGETS[kind].write(view, str(place))
