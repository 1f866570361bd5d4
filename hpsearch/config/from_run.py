"""``start_from: runs/earlier``: the best trials of another search, as points of this one.

What an earlier search had is translated: a number out of range goes to the nearest end, one beside
the steps to the nearest of them, and a choice that is no longer there, or a parameter that is new,
is drawn. What could not be kept is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from hpsearch.config.keys import Scalar
from hpsearch.config.load import load_config
from hpsearch.config.model import Config
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.starts import why_not
from hpsearch.config.values import called
from hpsearch.errors import UsageError
from hpsearch.records import Hparams, is_number, ranked_results, same_value
from hpsearch.space import Number
from hpsearch.space.meanings import meant
from hpsearch.space.repeated import base, element
from hpsearch.store.rundir import RunFolder, find_run
from hpsearch.text import in_full

BEST = 3
"""How many of the best trials are taken: as many as there are elites in the first boxes."""


def best_points(
    config: Config, place: str, beside: FilePath, root: FilePath
) -> tuple[str, list[dict[str, Scalar]], list[str]]:
    """The folder of the earlier search, its best points as this config has them, and notes.

    ``place`` is its folder, relative to ``beside``, or its name under ``root``.

    Raises:
        UsageError: there is no such search, or none of its trials has a value.
        RunError, ConfigError: it is damaged.
    """
    folder = RunFolder(beside / FilePath(place).expanduser())
    if not folder.exists():
        folder = find_run(root, place)
    if folder.is_babysat:
        raise UsageError(f"{folder.name} is a babysat run, not a search; name a search")
    earlier = load_config(folder.resolved_path).config
    results = ranked_results(folder.results(), earlier.metric_record())[:BEST]
    if not results:
        raise UsageError(f"no trial of {folder.name} has a value; name another run, or delete it")
    points: list[dict[str, Scalar]] = []
    notes = []
    if earlier.metric != config.metric:
        notes.append(f"its best are by {earlier.metric.goal} {earlier.metric.name}")
    notes += _gone(config, results[0].trial.hparams)
    meanings = earlier.space().meanings
    for result in results:
        point, changes = translated(meant(result.trial.hparams, meanings), config)
        notes += [f"trial {result.trial.index}: {'; '.join(changes)}"] if changes else []
        if point and point not in points:
            points.append(point)
    if not points:
        raise UsageError(f"{folder.name} has no parameter of this search with a value to start at")
    return str(folder.path.absolute()), points, notes


def translated(values: Mapping[str, Any], config: Config) -> tuple[dict[str, Scalar], list[str]]:
    """The values of an earlier trial as a point, and what of them could not be kept."""
    point: dict[str, Scalar] = {}
    changes = []
    for name, declared, was in _pairs(config, values):
        if not declared.searched:
            if not same_value(declared.value, was):
                changes.append(f"{name} was {_shown(was)}, and is not searched here")
            continue
        parameter = declared.parameter(name)
        kept: Scalar | None
        if isinstance(parameter, Number):
            kept = nearest_value(parameter, was)
        else:
            kept = called(was, declared.values or (), declared.meanings)
            kept = None if why_not(name, kept, declared) else kept
        if kept is None:
            changes.append(f"{name} {_shown(was)} is no value here, and is drawn")
        elif isinstance(parameter, Number) and not np.isclose(kept, was, rtol=1e-9, atol=0):
            changes.append(f"{name} {_shown(was)} is outside, and becomes {in_full(kept)}")
        if kept is not None:
            point[name] = kept
    return point, changes


def _pairs(config: Config, values: Mapping[str, Any]) -> Iterator[tuple[str, ParameterConfig, Any]]:
    """Each parameter of the space that has a value; of a list each of its values."""
    there = config.space().by_name
    for name, declared in config.parameters.items():
        if name not in values:
            continue
        was = values[name]
        if declared.per is None:
            yield name, declared, was
        else:
            one_by_one = was if isinstance(was, list) else [was]
            searched = one_by_one[:1] if declared.tied else one_by_one
            for number, each in enumerate(searched, start=1):
                if element(name, number) in there:
                    yield element(name, number), declared, each


def nearest_value(parameter: Number, value: Any) -> int | float | None:
    """The value of a number's range that is nearest to another; ``None`` if that is no number."""
    if not is_number(value):
        return None
    held = min(max(float(value), parameter.low), parameter.high)
    if parameter.step is None:
        return held
    assert parameter.levels is not None
    cell = min(round((held - parameter.low) / parameter.step), parameter.levels - 1)
    nearest = parameter.decode(float(parameter.center(np.asarray(cell))))
    assert is_number(nearest)
    return nearest


def _gone(config: Config, hparams: Hparams) -> list[str]:
    """What the earlier search had and this one does not declare, and the other way round."""
    gone = [name for name in hparams if base(name) not in config.parameters]
    return [f"not declared here: {', '.join(gone)}"] if gone else []


def _shown(value: Any) -> str:
    return in_full(value) if isinstance(value, bool | int | float | str) else str(value)
