"""LightGBM: ``lightgbm.train(…, callbacks=[report_epochs()])``, in ``cv`` and estimators too.

A callback of LightGBM is a function, so this module imports nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hpsearch.pushing import epoch

ORDER = 25
"""Among LightGBM's own callbacks: before early stopping (30), which ends the round at hand."""


def report_epochs() -> Callable[[Any], None]:
    """Pushes the evaluations of each round, by the names that LightGBM prints.

    That is ``valid_0's binary_logloss``. A round of boosting is an epoch.

    Raises:
        TrainableError: the search's metric is not among them.
        TrialStopped: the trial is over.
    """

    def report(environment: Any) -> None:
        # (data set, metric, value, whether more is better), and in cv the spread.
        rounds = environment.evaluation_result_list or []
        epoch({f"{data}'s {metric}": value for data, metric, value, *_ in rounds})

    report.order = ORDER  # type: ignore[attr-defined]  # as LightGBM asks for it
    return report
