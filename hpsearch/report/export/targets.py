"""Which formats a run can be exported to, and what opens them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.mlflow import store_uri, write_mlflow
from hpsearch.report.export.optuna import storage_uri, write_optuna
from hpsearch.report.export.parquet import write_parquet
from hpsearch.report.export.tables import as_csv, as_json
from hpsearch.report.export.tensorboard import write_tensorboard
from hpsearch.store.atomic import write_text


@dataclass(frozen=True)
class Target:
    """One format: ``write`` takes the run and a place, ``opens`` gives the command for a place."""

    write: Callable[[RunView, str], None]
    opens: Callable[[str], str] | None = None


def _write_csv(view: RunView, place: str) -> None:
    write_text(Path(place), as_csv(view))


def _write_json(view: RunView, place: str) -> None:
    write_text(Path(place), as_json(view))


TARGETS = {
    "csv": Target(_write_csv),
    "json": Target(_write_json),
    "parquet": Target(write_parquet),
    "tensorboard": Target(write_tensorboard, lambda place: f"tensorboard --logdir {quote(place)}"),
    "mlflow": Target(
        write_mlflow, lambda place: f"mlflow ui --backend-store-uri {quote(store_uri(place))}"
    ),
    "optuna": Target(write_optuna, lambda place: f"optuna-dashboard {quote(storage_uri(place))}"),
}
