"""Several goals weighed: what is better in nothing, what dominates what, and by how much.

A *loss vector* has one loss for each goal, smaller is better. One dominates another where it is no
worse in any loss and better in one. The *front* are those that none dominates. The *hypervolume* of
a front is the measure of all that it dominates and that is better than a reference point in every
loss; the *knee* is the point of the front nearest to the best of all losses at once.

Sources: Zitzler and Thiele, "Multiobjective evolutionary algorithms: a comparative case study and
the strength Pareto approach", 1999 (hypervolume); Deb et al., "A fast and elitist multiobjective
genetic algorithm: NSGA-II", 2002 (ranks, crowding distance).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MARGIN = 0.1  # of the front's extent, from its worst losses to the reference point


def is_on_front(losses: Floats) -> npt.NDArray[np.bool_]:
    """Which of the vectors none dominates, shape (n,); of equal ones all are. Losses: (n, goals).

    >>> is_on_front(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])).tolist()
    [True, True, False]
    """
    front = np.ones(len(losses), dtype=bool)
    for place in np.lexsort(losses.T[::-1]):
        if front[place]:
            ours = losses[place]
            front &= ~((losses >= ours).all(axis=1) & (losses > ours).any(axis=1))
    return front


def front_ranks(losses: Floats) -> npt.NDArray[np.intp]:
    """1 for those on the front, 2 for the front of the others, and so on, shape (n,)."""
    ranks = np.zeros(len(losses), dtype=np.intp)
    rank = 0
    while (left := np.flatnonzero(ranks == 0)).size:
        rank += 1
        ranks[left[is_on_front(losses[left])]] = rank
    return ranks


def crowding(losses: Floats) -> Floats:
    """How far the neighbours of each vector lie apart along the front, shape (n,).

    It is the sum over the goals of the distance between the next better and the next worse, as a
    share of the extent; infinite at the ends.
    """
    distance = np.zeros(len(losses))
    for column in losses.T:
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        extent = float(ordered[-1] - ordered[0]) if len(ordered) else 0.0
        if extent > 0:
            distance[order[1:-1]] += (ordered[2:] - ordered[:-2]) / extent
        if len(order):
            distance[order[[0, -1]]] = np.inf
    return distance


def extent_of(front: Floats, everything: Floats) -> Floats:
    """How far the front goes in each goal, shape (goals,).

    Where it is one value in a goal, the extent of all vectors stands for it (1 if that is none
    either). ``front`` has shape (k, goals), k >= 1, ``everything`` (n, goals).
    """
    extent = front.max(axis=0) - front.min(axis=0)
    whole = everything.max(axis=0) - everything.min(axis=0)
    return np.where(extent > 0, extent, np.where(whole > 0, whole, 1.0))


def reference_point(front: Floats, everything: Floats) -> Floats:
    """The worst loss of the front in each goal, and a tenth of the front's extent more."""
    return np.asarray(front.max(axis=0) + MARGIN * extent_of(front, everything))


def knee(front: Floats) -> int:
    """The place of the point of a front nearest to its best losses, each as a share of its extent.

    The first of those that are equally near; ``front`` has shape (k, goals), k >= 1.

    >>> knee(np.array([[0.0, 10.0], [0.2, 2.0], [1.0, 0.0]]))
    1
    """
    best = front.min(axis=0)
    extent = front.max(axis=0) - best
    shares = (front - best) / np.where(extent > 0, extent, 1.0)
    return int((shares**2).sum(axis=1).argmin())


def hypervolume(losses: Floats, reference: Floats) -> float:
    """The measure of what the vectors dominate up to the reference point.

    >>> hypervolume(np.array([[0.0, 0.5], [0.5, 0.0]]), np.array([1.0, 1.0]))
    0.75
    """
    inside = losses[(losses < reference).all(axis=1)]
    if not len(inside):
        return 0.0
    if losses.shape[1] == 1:
        return float(reference[0] - inside.min())
    ends = np.unique(np.append(inside[:, -1], reference[-1]))
    if losses.shape[1] == 2:
        ordered = inside[np.argsort(inside[:, 1], kind="stable")]
        places = np.searchsorted(ordered[:, 1], ends[:-1], side="right") - 1
        lowest = np.minimum.accumulate(ordered[:, 0])[places]
        return float(((reference[0] - lowest) * np.diff(ends)).sum())
    slabs = (
        (top - bottom) * hypervolume(inside[inside[:, -1] <= bottom, :-1], reference[:-1])
        for bottom, top in pairwise(ends.tolist())
    )
    return float(sum(slabs))


def open_boxes(losses: Floats, lowest: Floats, reference: Floats) -> Floats:
    """Disjoint boxes that fill what no vector dominates, from ``lowest`` up to the reference point.

    Returns lower and upper corners, shape (boxes, 2, goals). The
    last goal is cut into slabs between the losses that occur in it: within a slab the vectors that
    are no worse in it dominate as their other losses do.
    """
    front = losses[is_on_front(losses)]
    front = np.unique(front[(front < reference).all(axis=1)], axis=0)
    if len(reference) == 1:
        end = front.min(axis=0) if len(front) else reference
        return np.array([[lowest, end]])
    last = front[:, -1]
    ends = np.unique(np.concatenate([lowest[-1:], last, reference[-1:]]))
    boxes = []
    for bottom, top in pairwise(ends):
        flat = open_boxes(front[last <= bottom, :-1], lowest[:-1], reference[:-1])
        slab = np.broadcast_to(np.array([[[bottom], [top]]]), (len(flat), 2, 1))
        boxes.append(np.concatenate([flat, slab], axis=2))
    return np.concatenate(boxes)
