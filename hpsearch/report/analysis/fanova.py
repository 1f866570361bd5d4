"""A random forest over a binned unit cube, and the analysis of variance of its prediction.

Each axis is cut into bins (the levels of a discrete parameter, equal pieces of a continuous one),
so that a tree is a partition of a grid, a node is one set of bins for each axis, and both fitting
and integrating are sums over arrays. All trees grow together, one level at a time:

    repeat until no node splits:
        histogram   trials and badness by (node, axis, bin)
        split       for each node the axis and cut with the largest drop in squared error;
                    a choice has its bins sorted by their mean first (Breiman et al. 1984, 4.2.2)
    integrate       for each leaf its value times its volume, and its share of each axis' marginal
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

MOST_LEVELS = 12
SMALLEST_LEAF = 2
TREES_AT_ONCE = 24  # keeps the histograms of a level at some tens of megabytes


@dataclass(frozen=True)
class Grid:
    """The bins of the axes, and where the trials lie in them.

    ``volumes`` (d, B): how much of its axis each bin owns, each row a distribution. ``bins``
    (n, d): the trials' own. ``unordered`` (d,): whether the bins of an axis have no order.
    """

    volumes: Floats
    bins: Ints
    unordered: Bools


@dataclass(frozen=True)
class Decomposition:
    """What a forest says of its axes.

    ``shares`` (resamples, d): the part of the variance that each axis explains alone.
    ``explained``: the part of the trials' variance that trees predict without having seen them.
    """

    shares: Floats
    explained: float


def decompose(
    grid: Grid,
    active: Bools,
    target: Floats,
    *,
    resamples: int,
    trees_each: int,
    rng: np.random.Generator,
) -> Decomposition:
    """Fit ``trees_each`` trees to each of ``resamples`` bootstrap samples, and take them apart."""
    n = len(target)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)
    counts = np.repeat(drawn, trees_each, axis=0)
    shares, predicted = [], np.zeros(n)
    unseen = counts == 0
    for start in range(0, len(counts), TREES_AT_ONCE):
        part = slice(start, start + TREES_AT_ONCE)
        share, prediction = _grow(grid, active, target, counts[part], rng)
        shares.append(share)
        predicted += np.where(unseen[part], prediction, 0.0).sum(axis=0)
    votes = unseen.sum(axis=0)
    seen = votes > 0
    errors = (predicted[seen] / votes[seen] - target[seen]) ** 2
    explained = 1 - float(errors.mean()) / float(target[seen].var()) if seen.any() else 0.0
    by_resample = np.concatenate(shares).reshape(resamples, trees_each, -1).mean(axis=1)
    return Decomposition(by_resample, explained)


def _grow(
    grid: Grid, active: Bools, target: Floats, counts: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Shares (trees, d) and predictions (trees, n) of one batch of trees."""
    trees, n = counts.shape
    d, width = grid.volumes.shape
    # An inactive coordinate says nothing: each tree sees it somewhere else.
    random_bins = np.stack(
        [rng.choice(width, (trees, n), p=volume) for volume in grid.volumes], axis=-1
    )
    bins = np.where(active, grid.bins, random_bins)
    tree = np.repeat(np.arange(trees), n)
    node = tree.copy()
    flat_bins, flat_counts = bins.reshape(-1, d), counts.reshape(-1)
    flat_target = np.tile(target, trees)
    prediction = np.tile(float(target.mean()), trees * n)
    owner = np.arange(trees)  # the tree of each node
    region = np.broadcast_to(grid.volumes > 0, (trees, d, width)).copy()
    integral = _Integral(grid.volumes, trees)
    alive = np.arange(trees * n)
    for level in range(MOST_LEVELS + 1):
        nodes = len(owner)
        where = node[alive]
        weight = np.bincount(where, flat_counts[alive], nodes)
        total = np.bincount(where, flat_counts[alive] * flat_target[alive], nodes)
        value = total / np.maximum(weight, 1e-300)
        prediction[alive] = value[where]
        drawn = flat_counts[alive] > 0
        its = alive[drawn]
        numbers = flat_counts[its], flat_target[its]
        split = _best_splits(grid, flat_bins[its], where[drawn], numbers, nodes=nodes, rng=rng)
        goes_on = split.splits & (level < MOST_LEVELS)
        integral.add(owner[~goes_on], region[~goes_on], value[~goes_on])
        if not goes_on.any():
            break
        keep = goes_on[where]
        alive, where = alive[keep], where[keep]
        axis = split.axis[where]
        right = ~split.left[where, flat_bins[alive, axis]]
        number = np.cumsum(goes_on) - 1
        node[alive] = 2 * number[where] + right
        region = _children(region[goes_on], split.axis[goes_on], split.left[goes_on])
        owner = np.repeat(owner[goes_on], 2)
    return integral.shares(), prediction.reshape(trees, n)


@dataclass(frozen=True)
class _Splits:
    """For each node whether it splits, on which axis, and which bins go to the left child."""

    splits: Bools
    axis: Ints
    left: Bools


def _best_splits(
    grid: Grid,
    bins: Ints,
    node: Ints,
    counts_and_target: tuple[Floats, Floats],
    *,
    nodes: int,
    rng: np.random.Generator,
) -> _Splits:
    counts, target = counts_and_target
    d, width = grid.volumes.shape
    key = (node[:, None] * d + np.arange(d)) * width + bins
    size = nodes * d * width
    weight = np.bincount(key.ravel(), np.repeat(counts, d), size).reshape(nodes, d, width)
    total = np.bincount(key.ravel(), np.repeat(counts * target, d), size).reshape(nodes, d, width)
    order = np.broadcast_to(np.arange(width), weight.shape).copy()
    if grid.unordered.any():
        mixed = grid.unordered
        means = np.where(weight > 0, total / np.maximum(weight, 1e-300), np.inf)[:, mixed]
        order[:, mixed] = np.argsort(means, axis=-1, kind="stable")
        weight[:, mixed] = np.take_along_axis(weight[:, mixed], order[:, mixed], -1)
        total[:, mixed] = np.take_along_axis(total[:, mixed], order[:, mixed], -1)
    left_weight, left_total = np.cumsum(weight, axis=-1), np.cumsum(total, axis=-1)
    right_weight = left_weight[..., -1:] - left_weight
    right_total = left_total[..., -1:] - left_total
    possible = (left_weight >= SMALLEST_LEAF) & (right_weight >= SMALLEST_LEAF)
    gain = np.where(
        possible,
        left_total**2 / np.maximum(left_weight, 1) + right_total**2 / np.maximum(right_weight, 1),
        -np.inf,
    )
    parent = left_total[..., -1] ** 2 / np.maximum(left_weight[..., -1], 1)
    # Cuts in a gap between trials are equally good: a tiny random term breaks the tie.
    gain += 1e-9 * rng.random(gain.shape)
    best = gain.reshape(nodes, -1).argmax(axis=-1)
    axis, cut = best // width, best % width
    everyone = np.arange(nodes)
    drop = gain[everyone, axis, cut] - parent[everyone, axis]
    place = np.argsort(order[everyone, axis], axis=-1)
    return _Splits(drop > 1e-7, axis, place <= cut[:, None])


def _children(region: Bools, axis: Ints, left: Bools) -> Bools:
    """The regions (2k, d, B) of both children of k nodes, left and right by turns."""
    children = np.repeat(region, 2, axis=0)
    everyone = np.arange(len(axis))
    children[2 * everyone, axis] &= left
    children[2 * everyone + 1, axis] &= ~left
    return children


class _Integral:
    """Sums over leaves: mean, mean square and marginals of each tree's prediction."""

    def __init__(self, volumes: Floats, trees: int) -> None:
        self.volumes = volumes
        self.mean = np.zeros(trees)
        self.square = np.zeros(trees)
        self.marginals = np.zeros((trees, *volumes.shape))

    def add(self, owner: Ints, region: Bools, value: Floats) -> None:
        """Add leaves: the tree of each, its bins (leaves, d, B), and its value."""
        sides = np.einsum("ldb,db->ld", region, self.volumes)
        volume = sides.prod(axis=1)
        np.add.at(self.mean, owner, value * volume)
        np.add.at(self.square, owner, value**2 * volume)
        rest = volume[:, None] / np.maximum(sides, 1e-300)
        np.add.at(self.marginals, owner, region * (value[:, None] * rest)[..., None])

    def shares(self) -> Floats:
        """The part of each tree's variance that each axis explains alone, (trees, d)."""
        variance = np.maximum(self.square - self.mean**2, 0.0)
        effects = self.marginals - self.mean[:, None, None]
        alone = np.einsum("tdb,db->td", effects**2, self.volumes)
        flat = variance[:, None] <= 1e-15
        return np.where(flat, 0.0, alone / np.where(flat, 1.0, variance[:, None]))
