"""Addressed random streams: every random number has a purpose and an address, and no order.

A stream is ``SeedSequence(seed, spawn_key=(purpose, *key))``. Nothing has to be saved to resume,
and no worker can disturb another: epoch 7 of trial 12 shuffles its rows the same way whoever
trains it, whenever. Two streams with different addresses are statistically independent
(https://numpy.org/doc/stable/reference/random/parallel.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for. Numbers are part of every run's identity: never reuse or reorder."""

    SPLIT = 1  # rows to train, dev and test sets; key: none
    SPREAD = 2  # the shift of the evenly spread points; key: none
    PROPOSE = 3  # one proposal; key: trial index
    TRIAL = 4  # a trial's own seed; key: trial index
    INIT = 5  # initial weights; seed: the trial's; key: none
    EPOCH = 6  # shuffling and dropout; seed: the trial's; key: epoch
    RESAMPLE = 7  # trials drawn again for the intervals of a report; key: none
    AUDIT = 8  # a stopped trial's place in the sample that is trained to the end; key: trial index
    CONFIRM = 9  # the seed that all candidates of a confirmation train with; key: repeat
    REPEAT = 10  # the seed of a trial's further trainings; seed: the trial's; key: number, from 1
    START = 11  # what a point given to start with leaves open; key: trial index
    FOLDS = 20  # rows to the folds of a cross-validation; seed: the run's; key: none


def stream(seed: int, purpose: Purpose, *key: int) -> np.random.Generator:
    """The generator at an address. ``seed`` and every part of ``key`` are integers >= 0."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(purpose), *key)))


def trial_seed(seed: int, index: int) -> int:
    """The seed of trial ``index``: 32 bits, which every framework's seeding function accepts."""
    return _seed_at(seed, Purpose.TRIAL, index)


def repeat_seed(trial: int, number: int) -> int:
    """The seed of a trial's training ``number``, from 0; the first one is the trial's own."""
    return _seed_at(trial, Purpose.REPEAT, number) if number else trial


def confirm_seed(seed: int, repeat: int) -> int:
    """The seed of a confirmation's ``repeat``, from 1: the same for each of its candidates."""
    return _seed_at(seed, Purpose.CONFIRM, repeat)


def _seed_at(seed: int, purpose: Purpose, *key: int) -> int:
    sequence = np.random.SeedSequence(seed, spawn_key=(int(purpose), *key))
    return int(sequence.generate_state(1, np.uint32)[0])


def audit_order(seed: int, trials: Iterable[int]) -> list[int]:
    """The trials in a random order that is the same for whatever others are among them."""
    return sorted(trials, key=lambda index: stream(seed, Purpose.AUDIT, index).random())
