"""Drawing again what breaks a constraint, until it keeps all of them.

Independent draws that are drawn again until they are allowed are spread over the allowed part of
the space as evenly as over the whole (rejection sampling). In a space without constraints nothing
is drawn twice, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.sampling.strategy import Unit
from hpsearch.space import Space
from hpsearch.space.parameters import Floats

MOST_DRAWS = 50_000
"""After so many draws none of which is allowed a search gives up. Where one in a thousand is, the
least share that a config may have, that happens once in 10^21 times."""

REDRAWS = 8  # times that candidates are drawn to have as many as were asked for


def allowed_rows(space: Space, blocks: Iterable[Floats]) -> Iterator[Floats]:
    """The allowed rows of as many blocks as have as many of them as the first has rows.

    ``blocks`` are canonical unit vectors, each of shape (rows, dimensions), and have no end where
    the space has constraints; where it has none, the rows of the first block are given.

    Raises:
        UsageError: none of many rows is allowed.
    """
    found = drawn = wanted = 0
    for block in blocks if space.constraints else islice(blocks, 1):
        wanted = wanted or len(block)
        drawn += len(block)
        for row in space.only_allowed(block):
            found += 1
            yield row
        if found >= wanted or drawn >= MOST_DRAWS:
            break
    if not found:
        raise UsageError(
            f"constraints: none of {drawn:,} points keeps them all; loosen one, or the ranges"
        )


def allowed_block(space: Space, draw: Callable[[], Floats]) -> Floats:
    """What ``draw`` gives, with what is not allowed drawn again; few rows or none if most are not.

    Canonical unit vectors, shape (rows, dimensions).
    """
    block = draw()
    if not space.constraints:
        return block
    kept = [space.only_allowed(block)]
    for _ in range(REDRAWS - 1):
        if sum(map(len, kept)) >= len(block):
            break
        kept.append(space.only_allowed(draw()))
    return np.concatenate(kept)[: len(block)]


def uniform_blocks(space: Space, rng: np.random.Generator, rows: int) -> Iterator[Floats]:
    """Independent points of the whole space, block after block, canonical."""
    while True:
        yield space.canonical(rng.random((rows, space.dimensions)))


def middle(space: Space) -> Unit:
    """The unit vector in the middle of every range; of a random point, if that is not allowed."""
    center = space.canonical(np.full((1, space.dimensions), 0.5))
    rng = np.random.default_rng(0)

    def blocks() -> Iterator[Floats]:
        yield center
        yield from uniform_blocks(space, rng, 64)

    return tuple(map(float, next(allowed_rows(space, blocks()))))
