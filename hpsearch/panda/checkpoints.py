"""The state after an epoch, in a folder of its own.

    checkpoints/main-12/state.npz      what the trainable saved; the ledger has its sha256
                        model.npz      what prediction needs, if the epoch was the best so far
                        manifest.json  which epoch, its settings and metrics, sha256 of the files

The ledger vouches for the state, so a checkpoint can be damaged or missing without loss: the
epochs since the one before it are trained again, to the same bytes. The manifest is for people,
and for the model. How a folder is written and read is in ``store/checkpoint.py``; it appears before
its epoch is in the ledger.
"""

from __future__ import annotations

from pathlib import Path

from hpsearch.errors import RunError
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch, Position
from hpsearch.store.arrays import sha256, unpack_arrays
from hpsearch.store.atomic import remove_folder, write_bytes
from hpsearch.store.checkpoint import read_file, read_manifest, write_files
from hpsearch.store.disk import disk_errors
from hpsearch.training.protocol import Arrays

STATE, MODEL = "state.npz", "model.npz"


class Checkpoints:
    """The checkpoints of one run, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, position: Position) -> Path:
        """Where the checkpoint of a position lies, or would."""
        return self.folder / f"{position.branch}-{position.epoch}"

    def listed(self) -> set[Position]:
        """The positions that have one."""
        with disk_errors(self.folder, "read the checkpoints"):
            entries = list(self.folder.iterdir()) if self.folder.is_dir() else []
        positions = set()
        for entry in entries:
            branch, _, epoch = entry.name.rpartition("-")
            if epoch.isdecimal() and not entry.name.startswith("."):
                positions.add(Position(branch, int(epoch)))
        return positions

    def save(self, epoch: Epoch, state: bytes, model: bytes | None) -> Path:
        """Write a checkpoint, in place of one for the same epoch.

        Raises:
            RunError: the disk is full, read-only …
        """
        files = {STATE: state} | ({MODEL: model} if model is not None else {})
        record = epoch.to_record()
        path = self.path(epoch.position)
        facts = {
            "at": record["at"],
            "hparams": dict(epoch.hparams),
            "values": record["values"],
        }
        write_files(path, facts, files)
        return path

    def load(self, epoch: Epoch) -> Arrays:
        """The state after an epoch.

        Raises:
            ValueError: it is missing or damaged; the message says which.
        """
        path = self.path(epoch.position) / STATE
        try:
            return unpack_arrays(read_file(path, epoch.sha256))
        except (ValueError, RunError) as error:
            raise ValueError(f"{path.parent}: {error}") from error

    def remove(self, position: Position) -> None:
        """Remove a checkpoint.

        Raises:
            RunError: the disk is read-only …
        """
        remove_folder(self.path(position))

    def publish(self, position: Position, target: Path) -> None:
        """Make the model of a checkpoint, if it has an intact one, the content of ``target``.

        Raises:
            RunError: the disk is full, read-only …
        """
        path = self.path(position)
        try:
            expected = read_manifest(path)["files"].get(MODEL)
            if expected is None or (target.exists() and sha256(target.read_bytes()) == expected):
                return
            model = read_file(path / MODEL, expected)
        except (OSError, RunError, ValueError, KeyError, TypeError, AttributeError):
            return
        write_bytes(target, model)


RECENT = 10
EVERY = 5


def kept(lineage: Lineage) -> set[Position]:
    """The positions whose checkpoints stay: enough to go anywhere soon, few enough for weeks.

    Kept are

    * the last 10 epochs of each branch,
    * every fifth epoch,
    * the best epoch of each branch, and so the best of all,
    * the epochs at which a branch begins,
    * the epochs saved under a name, and
    * where the model stands.

    Everything else goes. To go ``back`` to an epoch without a checkpoint, the model is trained
    again from the nearest one before it: at most four epochs, to the same bytes.
    """
    here = lineage.epoch(lineage.position)
    keep = {*lineage.saved.values(), *([here.position] if here else [])}
    for branch in lineage.branches.values():
        if branch.base is not None:
            keep.add(branch.base)  # epoch 0 has no checkpoint: it can always be made again
        best = lineage.best(branch.epochs)
        if best is not None:
            keep.add(best.position)
        keep |= {epoch.position for epoch in branch.epochs[-RECENT:]}
        keep |= {e.position for e in branch.epochs if e.position.epoch % EVERY == 0}
    return keep
