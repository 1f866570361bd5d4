"""The test split's one use: when a search is complete, its best network is scored on it.

The search never sees the result. ``test.json`` in the run folder keeps it, one JSON object sealed
like a line of the journal:

    {"trial": 2, "epoch": 15, "rows": 360, "loss": …, "error": …, "accuracy": …, "macro_f1": …}

``trial`` and ``epoch`` say which network it was. A test split that is looked at again and again
becomes a second dev split, so a trial that has its score is not scored again.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError
from hpsearch.predict.network_file import Scores, TrainedNetwork
from hpsearch.store.atomic import write_bytes
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import RunFolder
from hpsearch.store.sealed import seal, unseal
from hpsearch.training.network import shared_dataset
from hpsearch.training.protocol import TrainableSpec


@dataclass(frozen=True)
class FinalScore:
    """How good the network of a trial's best epoch is on the test split."""

    trial: int
    epoch: int
    scores: Scores

    def to_record(self) -> dict[str, Any]:
        """One flat JSON object."""
        return {"trial": self.trial, "epoch": self.epoch, **dataclasses.asdict(self.scores)}


def score_test_split(spec: TrainableSpec, model: str) -> Scores | str:
    """Score a model file, in a worker, which has the data at hand; or what is wrong."""
    assert spec.data is not None
    try:
        test = shared_dataset(spec.data, spec.data_seed).test
        assert test is not None
        return TrainedNetwork.read(Path(model)).scores(test.X, test.y)
    except HpsearchError as e:
        return e.message


def write_final_score(folder: RunFolder, final: FinalScore) -> None:
    """Write ``test.json``, completely or not at all.

    Raises:
        RunError: the disk is full, read-only …
    """
    write_bytes(folder.test_path, seal(final.to_record()) + b"\n")


def read_final_score(folder: RunFolder) -> FinalScore | None:
    """What ``test.json`` says; ``None`` if it is not there or damaged: it can be made again.

    Raises:
        RunError: the file cannot be read.
    """
    path = folder.test_path
    with disk_errors(path, "read the file"):
        if not path.exists():
            return None
        line = path.read_bytes()
    try:
        record = unseal(line.rstrip(b"\n"))
        return FinalScore(record.pop("trial"), record.pop("epoch"), Scores(**record))
    except (KeyError, TypeError, ValueError):
        return None
