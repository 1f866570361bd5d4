"""The test split's one use: when a search is complete, its best network is scored on it.

The search never sees the result. ``test.json`` in the run folder keeps it, one JSON object sealed
like a line of the journal:

    {"trial": 2, "epoch": 15, "rows": 360, "loss": …, "error": …, "accuracy": …, "macro_f1": …,
     "uses": 2, "before": [{"trial": 0, "epoch": 9, …}]}

Of a network that predicts a number the scores are ``loss``, ``rmse``, ``mae`` and ``r2``.

``trial`` and ``epoch`` say which network it was, and ``repeat`` with which fresh seed it was
trained where it is of a confirmation. A trial that has its score is not scored again;
a search that was extended and found a better one scores that. A test split that is looked at again
and again becomes a second dev split, so ``uses`` counts the networks that were scored on it, and
``before`` has the earlier ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError
from hpsearch.predict.network_file import AnyScores, TrainedNetwork, scores_from
from hpsearch.store.atomic import write_bytes
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import RunFolder
from hpsearch.store.sealed import seal, unseal
from hpsearch.training.network import shared_dataset
from hpsearch.training.protocol import TrainableSpec


@dataclass(frozen=True)
class FinalScore:
    """How good the network of a trial's best epoch is on the test split.

    ``repeat`` is the fresh seed of a confirmation with which it was trained, 0 in the search.
    ``before`` are the scores of networks that were the best earlier, the first one first.
    """

    trial: int
    epoch: int
    scores: AnyScores
    before: tuple[FinalScore, ...] = ()
    repeat: int = 0

    @property
    def uses(self) -> int:
        """How many networks of the run were scored on the test split, this one included."""
        return 1 + len(self.before)

    def after(self, known: FinalScore | None) -> FinalScore:
        """The score as the one that follows those known."""
        if known is None:
            return self
        earlier = dataclasses.replace(known, before=())
        return dataclasses.replace(self, before=(*known.before, earlier))

    def to_record(self) -> dict[str, Any]:
        """One JSON object."""
        before = [score._flat() for score in self.before]
        return {**self._flat(), "uses": self.uses, "before": before}

    def _flat(self) -> dict[str, Any]:
        repeat = {"repeat": self.repeat} if self.repeat else {}
        return {
            "trial": self.trial,
            **repeat,
            "epoch": self.epoch,
            **dataclasses.asdict(self.scores),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> FinalScore:
        """The inverse of :meth:`to_record`; records of older versions tell of one use.

        Raises:
            KeyError, TypeError: it is no such record.
        """
        scores = dict(record)
        scores.pop("uses", None)
        before = tuple(cls.from_record(earlier) for earlier in scores.pop("before", ()))
        repeat = scores.pop("repeat", 0)
        return cls(scores.pop("trial"), scores.pop("epoch"), scores_from(scores), before, repeat)


def score_test_split(spec: TrainableSpec, model: str) -> AnyScores | str:
    """Score a model file, in a worker, which has the data at hand; or what is wrong."""
    assert spec.data is not None
    try:
        test = shared_dataset(spec.data, spec.data_seed, spec.data_folder).test
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
        return FinalScore.from_record(unseal(line.rstrip(b"\n")))
    except (KeyError, TypeError, ValueError):
        return None
