"""Two branches, or two positions, side by side: settings and curves at equal epochs."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch, Position, changes_between
from hpsearch.records import Value

MOST_ROWS = 12


@dataclass(frozen=True)
class Comparison:
    """What two chains share and where they differ.

    ``fork`` is the last epoch that both have. ``settings`` differ at their ends: ``name: (a, b)``.
    ``rows`` are (epoch, metric of a, metric of b); ``None`` where a chain has ended.
    """

    a: Position
    b: Position
    fork: int
    settings: dict[str, tuple[Value, Value]]
    rows: tuple[tuple[int, float | None, float | None], ...]
    best: tuple[Epoch | None, Epoch | None]


def compare(lineage: Lineage, a: str, b: str) -> Comparison:
    """Compare two branches or positions.

    Raises:
        UsageError: one of them does not exist.
    """
    ends = lineage.resolve(a), lineage.resolve(b)
    chains = [lineage.chain(end) for end in ends]
    pairs = zip(*chains, strict=False)
    fork = 0
    for left, right in pairs:
        if left.position != right.position:
            break
        fork += 1
    metric = lineage.start.metric.name
    last = max(map(len, chains))
    shown = _some(fork, last)
    rows = [(n, _value(chains[0], n, metric), _value(chains[1], n, metric)) for n in shown]
    settings = [chain[-1].hparams if chain else lineage.start.hparams for chain in chains]
    differing = changes_between(settings[0], settings[1])
    return Comparison(
        a=ends[0],
        b=ends[1],
        fork=fork,
        settings={name: (old, new) for name, (old, new) in differing.items()},
        rows=tuple(rows),
        best=(lineage.best(chains[0]), lineage.best(chains[1])),
    )


def _value(chain: list[Epoch], epoch: int, metric: str) -> float | None:
    return chain[epoch - 1].values[metric] if epoch <= len(chain) else None


def _some(fork: int, last: int) -> list[int]:
    """The epochs to show: all from the fork on, or an even sample of them, the last included."""
    first = max(fork, 1)
    count = last - first + 1
    if count <= MOST_ROWS:
        return list(range(first, last + 1))
    return sorted({first + round(i * (count - 1) / (MOST_ROWS - 1)) for i in range(MOST_ROWS)})
