"""Pushing an epoch from a callback, which first lets its framework end the training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.errors import TrialStopped
from hpsearch.pushing import epoch


def stop_after(metrics: Mapping[str, Any]) -> TrialStopped | None:
    """Push an epoch; what is to be raised once training has ended, if the trial is over.

    Raises:
        TrainableError: they are no metrics, or the search's is not among them.
    """
    try:
        epoch(metrics)
    except TrialStopped as stop:
        return stop
    return None
