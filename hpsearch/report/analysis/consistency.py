"""Whether the files of a run's folder belong together."""

from __future__ import annotations

from collections.abc import Iterable

from hpsearch.config import Config
from hpsearch.errors import RunError
from hpsearch.store.rundir import RunFolder
from hpsearch.text import plural


def check_dimensions(folder: RunFolder, config: Config, varied: Iterable[tuple[int, int]]) -> None:
    """Refuse trials that another config has proposed.

    ``varied`` has each trial's number and how many hyperparameters it varies.
    """
    dimensions = config.space().dimensions
    for index, count in varied:
        if count != dimensions:
            raise RunError(
                f"{folder.trials_path}: trial {index} varies "
                f"{plural(count, 'hyperparameter')}, and {folder.resolved_path} "
                f"searches {dimensions}: they are of different runs; put the run's own back"
            )
