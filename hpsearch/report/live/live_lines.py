"""The live screen as lines: a pure function of a snapshot, a width and a height.

The counts, the best value and the time left are always there. Below about 110 columns the two
tables stand one above the other; columns leave by width and rows by height, so that there is
never more than one screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from hpsearch.records import Hparams, State
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.ranges import unit_of
from hpsearch.report.analysis.rows import ParameterRow, TrialRow
from hpsearch.report.analysis.sentences import span_text
from hpsearch.report.live.snapshot import Failure, RunningTrial, Snapshot
from hpsearch.report.text.charts import spark, strip
from hpsearch.report.text.glyphs import DATA, LABEL, NOW, TOP, WHOLE, WRONG
from hpsearch.report.text.lines import (
    TextColumn,
    beside,
    cells,
    join,
    justify,
    piece,
    table,
    truncate,
    wrap,
)
from hpsearch.report.text.parameter_lines import choice_text
from hpsearch.space import Number, Parameter
from hpsearch.space.parameters import numbers_only
from hpsearch.text import clean, clock, number, numbers, percent, plural, short_label

SIDE_BY_SIDE = 110
LEFT_WIDTH = 48
CURVE_WIDTH = 16


@dataclass(frozen=True)
class Heights:
    """How many rows each part may have, its own heading not counted."""

    running: int
    best: int
    ranges: int


def live_lines(
    snapshot: Snapshot,
    width: int,
    height: int,
    workers: int | None,
    message: str = "",
    *,
    title: str = "hpsearch run",
) -> list[Text]:
    """At most ``height`` lines of at most ``width`` columns; ``message`` is the last one."""
    head = head_lines(snapshot, width, workers, title)
    foot = [failure_line(snapshot.last_failure, snapshot.folder)] if snapshot.last_failure else []
    if message:
        foot.append(join((message, "bold yellow")))
    room = height - len(head) - len(foot)
    wide = width >= SIDE_BY_SIDE
    heights = share_rows(snapshot, room, wide=wide)
    tables = table_lines(snapshot, heights, width, wide=wide)
    ranges = range_lines(snapshot, heights.ranges, width)
    body = [line for block in (tables, ranges) if block for line in (Text(), *block)]
    return [truncate(line, width) for line in [*head, *body[: max(room, 0)], *foot]][:height]


def share_rows(snapshot: Snapshot, room: int, *, wide: bool) -> Heights:
    """Divide the lines below the head among the parts, a blank and a heading before each."""
    running, best = len(snapshot.running), len(snapshot.best)
    parameters = snapshot.space.dimensions
    ranges = min(parameters, max(room * 9 // 20 - 2, 0))
    left = room - (ranges + 2 if ranges else 0)
    if wide:
        rows = max(left - 2, 0)
        heights = Heights(min(running, rows), min(best, rows), ranges)
        spare = rows - max(heights.running, heights.best)
    else:
        rows = max(left - (4 if running and best else 2), 0)
        shown = min(running, max(rows // 2, rows - best))
        heights = Heights(shown, min(best, rows - shown), ranges)
        spare = rows - heights.running - heights.best
    return Heights(heights.running, heights.best, min(parameters, ranges + max(spare, 0)))


def head_lines(
    snapshot: Snapshot, width: int, workers: int | None, title: str = "hpsearch run"
) -> list[Text]:
    """Which run, how far, how long still, and the best so far: three lines.

    ``workers`` is ``None`` where it is not known.
    """
    left = join((title, "bold"), " · ", (snapshot.name, f"bold {DATA}"))
    if snapshot.recorded:
        left = join(left, f" · round {snapshot.round}")
    known = f"{plural(workers, 'worker')} · " if workers is not None else ""
    right = join((f"{known}seed {snapshot.seed}", LABEL))
    return [justify(left, right, width), _progress(snapshot, width), _counts(snapshot, width)]


def _progress(snapshot: Snapshot, width: int) -> Text:
    share = snapshot.recorded / snapshot.max_trials
    left = f"{snapshot.recorded}/{snapshot.max_trials} "
    eta = "" if snapshot.eta is None else f"  eta {clock(snapshot.eta)}"
    elapsed = "" if snapshot.elapsed is None else f"  {clock(snapshot.elapsed)}"
    right = f" {percent(share):>4}{elapsed}{eta}"
    room = max(width - len(left) - len(right), 5)
    done = round(share * room)
    return join(left, (NOW * done, DATA), (WHOLE * (room - done), LABEL), right)


def _counts(snapshot: Snapshot, width: int) -> Text:
    """The best value and the counts; names and gaps shrink before a count would be lost."""
    ended = []
    for state in State:
        if count := snapshot.counts.get(state, 0):
            bad = state in (State.FAILED, State.DIVERGED)
            ended.append(join((f"{state} ", LABEL), (str(count), f"bold {WRONG}" if bad else "")))
    if snapshot.on_front:
        ended.append(join(("front ", LABEL), (str(snapshot.on_front), TOP)))
    if snapshot.infeasible:
        ended.append(join(("infeasible ", LABEL), str(snapshot.infeasible)))
    running = join(("running ", LABEL), str(len(snapshot.running)))
    name = f"best {clean(snapshot.metric.name)}"
    long = [_best_so_far(snapshot, name, ago=True), *ended, running]
    medium = [_best_so_far(snapshot, name, ago=False), *ended, running]
    short = [_best_so_far(snapshot, "best", ago=False), *ended]
    for pieces, gap in ((long, 3), (medium, 3), (medium, 2), (short, 2), (short, 1)):
        lines = wrap(pieces, width, gap)
        if len(lines) == 1:
            break
    return lines[0]


def _best_so_far(snapshot: Snapshot, name: str, *, ago: bool) -> Text:
    if not snapshot.best:
        return join(("nothing feasible yet" if snapshot.infeasible else "no value yet", LABEL))
    best = snapshot.best[0]
    since = snapshot.last_trial - best.trial
    text = join((f"{name} ", LABEL), (number(best.value), TOP), f" #{best.trial}")
    return join(text, (f" ({plural(since, 'trial')} ago)", LABEL)) if ago and since > 0 else text


def table_lines(snapshot: Snapshot, heights: Heights, width: int, *, wide: bool) -> list[Text]:
    """The trials under way and the best ones, side by side or one above the other."""
    if wide:
        running = running_lines(snapshot, heights.running, LEFT_WIDTH)
        start = max((line.cell_len for line in running), default=-3) + 3
        best = best_lines(snapshot, heights.best, width - start)
        return beside(running, best, start)
    running = running_lines(snapshot, heights.running, width)
    best = best_lines(snapshot, heights.best, width)
    return [*best, *([Text()] if best and running else []), *running]


def running_lines(snapshot: Snapshot, rows: int, width: int) -> list[Text]:
    """The trials under way with their curves; the last row says how many are not shown."""
    trials: Sequence[RunningTrial] = snapshot.running
    if not rows or not trials:
        return []
    hidden = len(trials) - rows
    shown = trials[: rows - 1] if hidden > 0 else trials
    axis = _curve_axis(snapshot)
    columns = [
        TextColumn("running", cells([f"#{t.trial}" for t in shown])),
        TextColumn("epoch", cells([f"{len(t.curve)}/{t.epochs}" for t in shown]), right=True),
        TextColumn("curve", [_curve(t, axis) for t in shown], drop=1),
        TextColumn(
            _short(snapshot.metric.name),
            cells(numbers((t.value for t in shown), apart=0)),
            right=True,
        ),
        *_parameter_columns(snapshot, [t.hparams for t in shown], 2),
    ]
    lines = table(columns, width, gap=1)
    if hidden > 0:
        lines.append(join((f"+{len(trials) - len(shown)} more", LABEL)))
    return lines


def _curve(trial: RunningTrial, axis: ValueAxis) -> Text:
    picture = spark(trial.curve, axis, CURVE_WIDTH, trial.epochs)
    return picture.append(" " * (CURVE_WIDTH - picture.cell_len))


def _curve_axis(snapshot: Snapshot) -> ValueAxis:
    curves = [trial.curve for trial in snapshot.running]
    curves += [row.curve for row in snapshot.best[:1]]
    values = [v for curve in curves for v in curve if v is not None]
    return value_axis(values, snapshot.metric.goal)


def best_lines(snapshot: Snapshot, rows: int, width: int) -> list[Text]:
    """The best trials so far."""
    shown = snapshot.best[:rows]
    if not shown:
        return []
    values = numbers(row.value for row in shown)
    columns = [
        TextColumn("", cells([str(place + 1) for place in range(len(shown))]), right=True),
        TextColumn("best", cells([f"#{row.trial}" for row in shown])),
        TextColumn(
            _short(snapshot.metric.name),
            [piece(text, TOP if place == 0 else "") for place, text in enumerate(values)],
            right=True,
        ),
    ]
    if any(row.train is not None for row in shown):
        trains = cells(numbers((row.train for row in shown), apart=0))
        columns.append(TextColumn("train", trains, right=True, drop=1))
    columns += _parameter_columns(snapshot, [row.hparams for row in shown], 2)
    return table(columns, width, gap=1)


def _short(metric: str, longest: int = 10) -> str:
    name = clean(metric)
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _parameter_columns(
    snapshot: Snapshot, points: Sequence[Hparams], drop: int
) -> list[TextColumn]:
    columns = []
    for place, parameter in enumerate(snapshot.space.searched):
        name = clean(parameter.name)
        values = [point.get(parameter.name) for point in points]
        columns.append(
            TextColumn(
                _short(short_label(name)),
                cells([number(value) for value in values]),
                right=numbers_only([v for v in values if v is not None]),
                drop=drop + place,
            )
        )
    return columns


def range_lines(snapshot: Snapshot, rows: int, width: int) -> list[Text]:
    """The part of each parameter's axis that is searched now, inside the whole."""
    parameters = snapshot.space.searched[:rows]
    if not parameters:
        return []
    best = snapshot.best[0] if snapshot.best else None
    strip_width = 36 if width >= SIDE_BY_SIDE else 24 if width >= 80 else 16
    shown = [_range_row(snapshot, best, p) for p in parameters]
    numeric = [isinstance(p, Number) for p in parameters]
    columns = [
        TextColumn("", cells([p.name for p in parameters], "bold")),
        TextColumn("", cells([_end(p, high=False) for p in parameters], LABEL), right=True, drop=3),
        TextColumn(
            "",
            [
                strip(row.last, row.best_unit, strip_width)
                if is_number
                else choice_text(row, strip_width + 2)
                for row, is_number in zip(shown, numeric, strict=True)
            ],
        ),
        TextColumn("", cells([_end(p, high=True) for p in parameters], LABEL), drop=3),
        TextColumn(
            "",
            cells(
                [
                    span_text(row.last, row) if is_number else ""
                    for row, is_number in zip(shown, numeric, strict=True)
                ],
                DATA,
            ),
            drop=1,
        ),
        TextColumn("", cells([p.scale_label for p in parameters], LABEL), drop=2),
    ]
    hidden = snapshot.space.dimensions - len(parameters)
    head = join(
        ("search ranges" + (f" (+{hidden} more)" if hidden else ""), LABEL),
        ("   ━", DATA),
        (" now", LABEL),
        ("   ◆", TOP),
        (" best", LABEL),
        ("   ─ whole space", LABEL),
    )
    return [head, *table(columns, width, gap=1)[1:]]


def _range_row(snapshot: Snapshot, best: TrialRow | None, parameter: Parameter) -> ParameterRow:
    active = best is not None and parameter.name in best.hparams
    value = best.hparams[parameter.name] if best and active else None
    return ParameterRow(
        parameter=parameter,
        column=0,
        share=None,
        marks=(),
        last=snapshot.spans[parameter.name],
        best=value,
        best_unit=unit_of(parameter, value) if active else None,
    )


def _end(parameter: Parameter, *, high: bool) -> str:
    if not isinstance(parameter, Number):
        return ""
    return number(parameter.high if high else parameter.low)


def failure_line(failure: Failure, folder: str) -> Text:
    """The last trial that failed, why, and where its log is."""
    return join(
        (f"last failure #{failure.trial} ", WRONG),
        failure.error,
        (f"   log: {folder}/trials/{failure.trial:04d}/log.txt", LABEL),
    )
