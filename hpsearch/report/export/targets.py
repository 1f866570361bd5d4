"""Which formats a run can be exported to, and what opens them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpsearch.portable import join_command
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.mlflow import store_uri, write_mlflow
from hpsearch.report.export.optuna import storage_uri, write_optuna
from hpsearch.report.export.parquet import write_parquet
from hpsearch.report.export.tables import as_csv, as_json
from hpsearch.report.export.tensorboard import write_tensorboard
from hpsearch.store.atomic import write_text


@dataclass(frozen=True)
class Target:
    """One format: ``write`` takes the run and a place, ``opens`` gives the command for a place.

    ``text`` gives the content of a file that is text.
    """

    write: Callable[[RunView, str], None]
    opens: Callable[[str], str] | None = None
    text: Callable[[RunView], str] | None = None


def _text_file(text: Callable[[RunView], str]) -> Target:
    return Target(lambda view, place: write_text(Path(place), text(view)), text=text)


TARGETS = {
    "csv": _text_file(as_csv),
    "json": _text_file(as_json),
    "parquet": Target(write_parquet),
    "tensorboard": Target(
        write_tensorboard, lambda place: join_command(["tensorboard", "--logdir", place])
    ),
    "mlflow": Target(
        write_mlflow,
        lambda place: join_command(["mlflow", "ui", "--backend-store-uri", store_uri(place)]),
    ),
    "optuna": Target(
        write_optuna, lambda place: join_command(["optuna-dashboard", storage_uri(place)])
    ),
}
