"""Fronts and hypervolumes: by hand, and by counting random points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hpsearch.pareto import (
    crowding,
    front_ranks,
    hypervolume,
    is_on_front,
    knee,
    open_boxes,
    reference_point,
)

VECTORS = st.integers(2, 3).flatmap(
    lambda goals: arrays(
        float, st.tuples(st.integers(1, 8), st.just(goals)), elements=st.integers(0, 6)
    )
)


def dominates(a: np.ndarray, b: np.ndarray) -> bool:
    return bool((a <= b).all() and (a < b).any())


@given(VECTORS)
def test_the_front_is_what_none_dominates(losses: np.ndarray) -> None:
    expected = [not any(dominates(b, a) for b in losses) for a in losses]
    assert is_on_front(losses).tolist() == expected
    assert (front_ranks(losses) == 1).tolist() == expected


@given(VECTORS)
def test_who_has_a_rank_is_dominated_by_one_of_the_rank_before(losses: np.ndarray) -> None:
    ranks = front_ranks(losses)
    for loss, rank in zip(losses, ranks, strict=True):
        before = losses[ranks == rank - 1]
        assert rank == 1 or any(dominates(b, loss) for b in before)


@given(VECTORS)
def test_the_hypervolume_counts_the_cells_that_are_dominated(losses: np.ndarray) -> None:
    goals = losses.shape[1]
    cells = np.indices((7,) * goals).reshape(goals, -1).T + 0.5
    dominated = (cells[:, None, :] > losses[None]).all(axis=2).any(axis=1)
    assert hypervolume(losses, np.full(goals, 7.0)) == pytest.approx(dominated.sum())


@given(VECTORS)
def test_open_boxes_are_disjoint_and_what_is_left(losses: np.ndarray) -> None:
    goals = losses.shape[1]
    boxes = open_boxes(losses, np.full(goals, -1.0), np.full(goals, 7.0))
    cells = np.indices((8,) * goals).reshape(goals, -1).T - 0.5
    inside = ((cells[:, None] > boxes[None, :, 0]) & (cells[:, None] < boxes[None, :, 1])).all(
        axis=2
    )
    dominated = (cells[:, None, :] > losses[None]).all(axis=2).any(axis=1)
    assert (inside.sum(axis=1) == ~dominated).all()


def test_by_hand() -> None:
    front = np.array([[0.0, 4.0], [1.0, 2.0], [3.0, 0.0]])
    assert crowding(front).tolist() == [np.inf, 3 / 3 + 4 / 4, np.inf]
    assert knee(front) == 1
    assert reference_point(front, front).tolist() == pytest.approx([3.3, 4.4])
    alone = np.array([[1.0, 2.0]])
    assert reference_point(alone, front).tolist() == pytest.approx([1.3, 2.4])
    assert hypervolume(front, np.array([0.0, 0.0])) == 0
