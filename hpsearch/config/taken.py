"""What a search takes from elsewhere, as the config has it: ``start_from`` and ``trials``.

Whoever writes a config names a place: a run, or a file. It is read when the search starts, and the
run records what was read, so that it goes on alike whatever becomes of the place:

    start_from: {from: /home/me/runs/earlier, points: [{alpha: 0.01}, …]}
    trials: {from: /home/me/known.csv, results: '[[{"alpha": 0.01}, {"loss": 0.1}], …]'}

Results may be many, and a text of JSON is read a hundred times faster than YAML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from hpsearch.config.keys import Scalar
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.starts import why_not
from hpsearch.config.wording import describe
from hpsearch.portable import to_json
from hpsearch.records import is_number
from hpsearch.store.sealed import checksum


@dataclass(frozen=True)
class Taken:
    """The place, and the points that were read there; ``None`` as long as nobody has read it.

    ``values`` has for each point what was measured, by the names of the metrics, and ``None`` where
    it failed; of points that only start a search it is empty.
    """

    place: str
    points: tuple[dict[str, Scalar], ...] | None = None
    values: tuple[dict[str, float] | None, ...] = ()

    def as_written(self) -> str | dict[str, Any]:
        """As the YAML has it."""
        if self.points is None:
            return self.place
        if self.values:
            results = list(zip(self.points, self.values, strict=True))
            return {"from": self.place, "results": to_json(results)}
        return {"from": self.place, "points": list(self.points)}

    def identity(self) -> dict[str, Any]:
        """What of it determines the trials; the place by its name, as a project may be moved."""
        place = FilePath(self.place).name
        if not self.values:
            return {"from": place, "points": list(self.points or ())}
        seen = to_json([self.points, self.values]).encode()
        return {"from": place, "results": f"{len(self.values)} of checksum {checksum(seen)}"}


def read_taken(
    raw: Any,
    at: Path,
    example: str,
    parameters: Mapping[str, ParameterConfig],
    problems: Problems,
) -> Taken | None:
    """What stands under ``start_from`` or ``trials``; ``None`` if it cannot be used."""
    if isinstance(raw, str) and raw.strip():
        return Taken(raw)
    if not is_readable(raw):
        return None
    if isinstance(raw, dict) and isinstance(raw.get("from"), str):
        return _recorded(raw, at, parameters, problems)
    hint = "; how many trials there are is max_trials" if is_number(raw) else ""
    problems.add(at, f"must be a path, not {describe(raw)}; for example {example}{hint}")
    return None


def _recorded(
    raw: Mapping[str, Any],
    at: Path,
    parameters: Mapping[str, ParameterConfig],
    problems: Problems,
) -> Taken | None:
    """The form in which a run has it."""
    try:
        pairs = json.loads(raw["results"]) if "results" in raw else None
        points = [point for point, _ in pairs] if pairs is not None else raw["points"]
        values = [value for _, value in pairs or ()]
        in_form = all(isinstance(point, dict) for point in points)
        in_form &= all(map(_are_values, values))
    except (KeyError, TypeError, ValueError):
        in_form, points, values = False, [], []
    if not in_form:
        problems.add(at, "is not as hpsearch writes it; write the path alone")
        return None
    for number, point in enumerate(points):
        for name, value in point.items():
            known = parameters.get(name)
            if known is not None and (wrong := why_not(name, value, known)) is not None:
                problems.add((*at, "points", number, name), wrong)
    return Taken(raw["from"], tuple(points), tuple(values))


def _are_values(measured: Any) -> bool:
    """Whether something is named numbers, or ``None`` for a failure."""
    return measured is None or (
        isinstance(measured, dict) and all(map(is_number, measured.values()))
    )
