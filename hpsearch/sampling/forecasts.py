"""Forecasts of the final losses of stopped trials, by locally weighted regression (LOESS).

A curve that ends early, after epoch e, has two features: the loss after e, and how much it fell in
its second half. The final loss is forecast from the trials that finished (the *finishers*), by the
same features of their curves after epoch e:

    gain(finisher) = loss(e) - final loss
    weight         = (1 - (d / bandwidth)^2)^2, where d is the distance between the two pairs of
                     features, each in standard deviations of the finishers, and the bandwidth is
                     twice the distance within which the nearest third of the finishers lie
    forecast       = loss(e) - the value of a weighted plane through the finishers' gains

The plane's slopes are shrunk a little (ridge regression) where they are uncertain.
Source: W. S. Cleveland, S. J. Devlin, Journal of the American Statistical Association 83 (1988)
596-610.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Floats

Epochs = NDArray[np.intp]
"""After how many epochs each trial was stopped."""

LEAST_FINISHERS = 8  # for a plane; with fewer, the forecast goes by their order
MOST_FINISHERS = 60  # more would cost time and not improve the forecasts
NEAR_SHARE, LEAST_NEAR = 1 / 3, 8
BANDWIDTH = 2.0  # in distances of the nearest third
RIDGE = 0.01  # penalty of the slopes, as a share of the features' variance


def forecasts(finished: Floats, stopped: Floats) -> Floats:
    """The final losses to expect of stopped trials, shape (stopped,).

    Args:
        finished: curves to the last epoch, shape (finishers, epochs), at least one.
        stopped: curves that are NaN from some epoch on, not from the first, shape (stopped,
            epochs).
    """
    ends = np.isfinite(stopped).sum(axis=1)  # epochs, counted from 1
    if len(finished) < LEAST_FINISHERS:
        return _by_order(finished, stopped, ends)
    finished = _thinned_out(finished)
    high, fell = _features(finished, ends)  # both of shape (stopped, finishers)
    gains = high - finished[:, -1]
    rows = np.arange(len(stopped))
    own_high = stopped[rows, ends - 1]
    own_fell = stopped[rows, _half(ends) - 1] - own_high
    gain_by_plane = _plane_at_origin(
        _in_deviations(high, own_high), _in_deviations(fell, own_fell), gains
    )
    gain = np.clip(gain_by_plane, gains.min(axis=1), gains.max(axis=1))
    expected: Floats = own_high - gain
    return expected


def _half(ends: Epochs) -> Epochs:
    half: Epochs = (ends + 1) // 2
    return half


def _features(curves: Floats, ends: Epochs) -> tuple[Floats, Floats]:
    """How high each curve is after each of the epochs, and how much it fell in the half before."""
    high = curves[:, ends - 1].T
    return high, curves[:, _half(ends) - 1].T - high


def _in_deviations(values: Floats, own: Floats) -> Floats:
    """The finishers' features less the stopped trial's, in the finishers' standard deviations.

    A stopped trial further than one deviation from all of them counts as one deviation away: a
    plane reaches no further.
    """
    deviation = values.std(axis=1)
    own = np.clip(own, values.min(axis=1) - deviation, values.max(axis=1) + deviation)
    relative: Floats = (values - own[:, None]) / np.where(deviation > 0, deviation, 1)[:, None]
    return relative


def _plane_at_origin(x: Floats, y: Floats, gains: Floats) -> Floats:
    """The local planes' gains at x = y = 0; all have the shape (stopped, finishers)."""
    squares = x * x + y * y
    near = min(max(LEAST_NEAR, round(NEAR_SHARE * x.shape[1])), x.shape[1])
    squared_bandwidth = BANDWIDTH**2 * np.partition(squares, near - 1, axis=1)[:, near - 1, None]
    weights = (
        np.maximum(0.0, 1 - squares / np.where(squared_bandwidth > 0, squared_bandwidth, 1)) ** 2
    )
    weights /= weights.sum(axis=1, keepdims=True)
    mean_x, mean_y, mean_gain = (_sums(weights, values) for values in (x, y, gains))
    x, y, gains = x - mean_x[:, None], y - mean_y[:, None], gains - mean_gain[:, None]
    weighted_x, weighted_y = weights * x, weights * y
    xx, xy, yy = _sums(weighted_x, x), _sums(weighted_x, y), _sums(weighted_y, y)
    xg, yg = _sums(weighted_x, gains), _sums(weighted_y, gains)
    ridge = RIDGE * (xx + yy) + 1e-12
    xx, yy = xx + ridge, yy + ridge
    determinant = xx * yy - xy * xy
    slope_x = (yy * xg - xy * yg) / determinant
    slope_y = (xx * yg - xy * xg) / determinant
    at: Floats = mean_gain - slope_x * mean_x - slope_y * mean_y
    return at


def _sums(weights: Floats, values: Floats) -> Floats:
    sums: Floats = np.einsum("sf,sf->s", weights, values)
    return sums


def _thinned_out(finished: Floats) -> Floats:
    """At most so many finishers, evenly from the best to the worst."""
    if len(finished) <= MOST_FINISHERS:
        return finished
    order = np.argsort(finished[:, -1], kind="stable")
    places = np.linspace(0, len(order) - 1, MOST_FINISHERS).astype(int)
    chosen: Floats = finished[order[places]]
    return chosen


def _by_order(finished: Floats, stopped: Floats, ends: Epochs) -> Floats:
    """The median final loss of the three finishers that were next worse at the same epoch."""
    expected = np.empty(len(stopped))
    for row, (curve, end) in enumerate(zip(stopped, ends, strict=True)):
        behind = finished[finished[:, end - 1] >= curve[end - 1]]
        closest = behind[np.argsort(behind[:, end - 1], kind="stable")[:3], -1]
        expected[row] = np.median(closest) if len(closest) else finished[:, -1].max()
    return expected
