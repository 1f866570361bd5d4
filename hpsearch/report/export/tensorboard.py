"""A run as event files for TensorBoard: every curve, and the HParams dashboard.

    PATH/digits/          the experiment: parameters with their ranges, and the metric
    PATH/digits/0012/     trial 12: its point, its state, each curve with the epoch as the step

A trial's value is the scalar ``value``, at its best epoch. Choices and ranges are the declared
ones. The times of the scalars spread each trial's training time evenly over its epochs.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from hpsearch.errors import UsageError
from hpsearch.records import State, TrialResult, Value
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.columns import VALUE, curve_names
from hpsearch.report.export.optional import optional, told_in_one_line
from hpsearch.space import Derived, Listed, Number, Parameter
from hpsearch.space.parameters import numbers_only


class _Library:
    """The parts of TensorBoard that write."""

    def __init__(self) -> None:
        extra = "tensorboard"
        self.events = optional("tensorboard.compat.proto.event_pb2", extra)
        self.summaries = optional("tensorboard.compat.proto.summary_pb2", extra)
        self.writer = optional("tensorboard.summary.writer.event_file_writer", extra)
        self.api = optional("tensorboard.plugins.hparams.api_pb2", extra)
        self.plugin = optional("tensorboard.plugins.hparams.plugin_data_pb2", extra)
        self.metadata = optional("tensorboard.plugins.hparams.metadata", extra)

    def summary(self, tag: str, **content: Any) -> Any:
        """A message to the HParams dashboard."""
        data = self.plugin.HParamsPluginData(**content)
        value = self.summaries.Summary.Value(
            tag=tag,
            metadata=self.metadata.create_summary_metadata(data),
            tensor=self.metadata.NULL_TENSOR,
        )
        return self.summaries.Summary(value=[value])

    def scalar(self, tag: str, value: float) -> Any:
        """One number of a curve."""
        return self.summaries.Summary(
            value=[self.summaries.Summary.Value(tag=tag, simple_value=value)]
        )


def write_tensorboard(view: RunView, place: str) -> None:
    """Write the run into a folder of its name below ``place``.

    Raises:
        UsageError: TensorBoard is not installed, or the folder is there already.
        RunError: the folder cannot be written.
    """
    library = _Library()
    folder = Path(place) / view.name
    if folder.exists():
        raise UsageError(
            f"{folder} is there already; choose another folder, or remove it: TensorBoard would "
            f"show both exports as one"
        )
    now = time.time()
    with told_in_one_line(str(folder), "TensorBoard"):
        experiment = library.api.Experiment(
            hparam_infos=[parameter_info(p, library.api) for p in view.space.parameters],
            metric_infos=_metric_infos(view, library.api),
            time_created_secs=now,
        )
        tag = library.metadata.EXPERIMENT_TAG
        _write(library, folder, [(library.summary(tag, experiment=experiment), 0, now)])
        for result in view.results:
            _write(library, folder / f"{result.trial.index:04d}", _trial(result, library, now))


def _write(library: _Library, folder: Path, summaries: list[tuple[Any, int, float]]) -> None:
    writer = library.writer.EventFileWriter(str(folder))
    try:
        for summary, step, moment in summaries:
            event = library.events.Event(wall_time=moment, step=step, summary=summary)
            writer.add_event(event)
    finally:
        writer.close()


def parameter_info(parameter: Parameter, api: Any) -> Any:
    """A parameter with its type, and its range or choices."""
    info = api.HParamInfo(name=parameter.name, description=parameter.scale_label)
    if isinstance(parameter, Number):
        info.type = api.DATA_TYPE_FLOAT64
        info.domain_interval.min_value = parameter.low
        info.domain_interval.max_value = parameter.high
        return info
    if isinstance(parameter, Derived):
        info.type = api.DATA_TYPE_FLOAT64
        return info
    values = parameter.values if isinstance(parameter, Listed) else (parameter.decode(0.5),)
    if all(isinstance(value, bool) for value in values):
        info.type = api.DATA_TYPE_BOOL
        info.domain_discrete.extend(list(values))
    elif numbers_only(values):
        info.type = api.DATA_TYPE_FLOAT64
        info.domain_discrete.extend([float(value or 0) for value in values])
    else:
        info.type = api.DATA_TYPE_STRING
        info.domain_discrete.extend([_text(value) for value in values])
    return info


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _metric_infos(view: RunView, api: Any) -> list[Any]:
    descriptions = {
        VALUE: f"{view.metric.name} at its {view.metric.pick} epoch, to {view.metric.goal}"
    }
    names = dict.fromkeys(name for result in view.results for name in curve_names(result))
    descriptions |= {name: f"{name}, last epoch" for name in names}
    return [
        api.MetricInfo(name=api.MetricName(tag=tag), display_name=tag, description=words)
        for tag, words in descriptions.items()
    ]


def _trial(result: TrialResult, library: _Library, now: float) -> list[tuple[Any, int, float]]:
    """Everything about one trial: (summary, step, time)."""
    tags = library.metadata
    start = library.plugin.SessionStartInfo(
        group_name=f"trial {result.trial.index}", start_time_secs=now
    )
    for name, value in result.trial.hparams.items():
        _set(start.hparams[name], value)
    end = library.plugin.SessionEndInfo(
        status=library.api.STATUS_SUCCESS if _trained(result) else library.api.STATUS_FAILURE,
        end_time_secs=now + result.seconds,
    )
    each = result.seconds / max(result.epochs, 1)
    written = [(library.summary(tags.SESSION_START_INFO_TAG, session_start_info=start), 0, now)]
    written += [
        (library.scalar(name, value), epoch, now + epoch * each)
        for name, curve in zip(curve_names(result), result.curves.values(), strict=True)
        for epoch, value in enumerate(curve, start=1)
        if value is not None
    ]
    if result.value is not None:
        best = library.scalar(VALUE, result.value)
        written.append((best, result.best_epoch or result.epochs, now + result.seconds))
    end_summary = library.summary(tags.SESSION_END_INFO_TAG, session_end_info=end)
    return [*written, (end_summary, 0, now + result.seconds)]


def _trained(result: TrialResult) -> bool:
    return result.state in (State.DONE, State.STOPPED)


def _set(field: Any, value: Value) -> None:
    if isinstance(value, bool):
        field.bool_value = value
    elif isinstance(value, int | float):
        field.number_value = value
    else:
        field.string_value = _text(value)
