"""A data set prepared once for all the processes of a machine: files that each of them maps.

    data/3f2a…/  prepared.json  preprocessing.npz  train_X.npy  train_y.npy  dev_X.npy  …

Reading a large CSV file takes seconds and its memory several times over, and the rows that come out
are the same in every worker. So the first one writes them down, standardised, and the others map
the file: the system keeps one copy of it in memory for all. ``prepared.json`` has the sha256 of
each file beside it and is sealed itself; what does not match is made again. The folder is named
after all that its contents depend on. It holds nothing that cannot be made again.

Files are mapped copy-on-write: to whoever trains on them they are arrays like others, and what a
process wrote to one would reach neither the file nor another process.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch import __version__
from hpsearch.data.dataset import Dataset, Examples, Facts
from hpsearch.data.digests import file_sha256, fingerprint
from hpsearch.data.loading import PARTS, load
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.rows import RowsLike, StoredRows
from hpsearch.data.spec import DataSpec
from hpsearch.errors import DataError, RunError
from hpsearch.store.arrays import read_arrays, write_arrays
from hpsearch.store.atomic import new_folder, remove_folder, sweep
from hpsearch.store.sealed import seal, unseal

SMALLEST_BYTES = 4 * 2**20
"""Of a smaller data set every process may have its own: it is read in a fraction of a second."""

_FORMAT = 1


@dataclass(frozen=True)
class SharedFolder:
    """Where the processes of one machine share prepared data: a run's folder for them.

    ``sha256`` is the :func:`~hpsearch.data.digests.fingerprint` of the data files that the run was
    started with.
    """

    path: str
    sha256: str


def load_shared(spec: DataSpec, seed: int, shared: SharedFolder, fold: int = 0) -> Dataset:
    """What :func:`~hpsearch.data.loading.load` gives, bit for bit, mapped where it was prepared.

    Prepares it where it was not and is not small. If that cannot be written, this process keeps
    its own: nothing depends on it but time and memory.

    Raises:
        DataError: as for ``load``; or the files are not those that the run was started with.
    """
    folder = Path(shared.path) / _key(spec, seed, fold, shared.sha256)
    found = _read(folder)
    if found is not None:
        return found
    dataset = load(spec, seed, fold)
    size = _size(dataset)
    if size == 0 or size < SMALLEST_BYTES:
        return dataset
    if fingerprint(spec) != shared.sha256:
        raise DataError(
            f"{spec.path}: the data have changed since the run was started; undo the change, or "
            f"start another run"
        )
    with contextlib.suppress(OSError, RunError):  # a full disk, say, or another was faster
        _write(folder, dataset, size)
    return _read(folder) or dataset


def _key(spec: DataSpec, seed: int, fold: int, sha256: str) -> str:
    """A name for all that prepared data depend on."""
    parts = [_FORMAT, __version__, asdict(spec), seed, fold, sha256]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _parts(dataset: Dataset) -> Iterator[tuple[str, Examples]]:
    for part in PARTS:
        examples = getattr(dataset, part)
        if examples is not None:
            yield part, examples


def _size(dataset: Dataset) -> int:
    """Bytes to write; 0 if the rows lie in a file that is mapped already."""
    size = 0
    for _, examples in _parts(dataset):
        if isinstance(examples.X, StoredRows):
            if examples.X.mapped:
                return 0
            size += examples.X.nbytes
        else:
            size += 4 * examples.X.shape[0] * examples.X.shape[1]
    return size


# --- writing ----------------------------------------------------------------------------------


def _write(folder: Path, dataset: Dataset, size: int) -> None:
    """Write all files, or none.

    Raises:
        OSError, RunError: they cannot be written, or would not leave as much space as they take.
    """
    if folder.exists():
        if _read(folder) is not None:  # another process was faster
            return
        remove_folder(folder)
    with new_folder(folder) as new:
        sweep(folder.parent)  # what processes left that were killed while they wrote
        if shutil.disk_usage(new).free < 2 * size:
            raise OSError(f"{new}: the disk is nearly full")
        stored: list[NDArray[Any]] = []
        parts = {}
        for part, examples in _parts(dataset):
            np.save(new / f"{part}_y.npy", examples.y)
            parts[part] = _write_rows(new, part, examples.X, stored)
        write_arrays(new / "preprocessing.npz", dataset.preprocessing.to_arrays())
        record = {
            "schema": _FORMAT,
            "parts": parts,
            "facts": asdict(dataset.facts),
            "files": {file.name: file_sha256(file) for file in sorted(new.iterdir())},
        }
        (new / "prepared.json").write_bytes(seal(record) + b"\n")


def _write_rows(folder: Path, part: str, X: RowsLike, stored: list[NDArray[Any]]) -> dict[str, str]:
    """Write a part's inputs; gives their files. Parts of one ``stored`` matrix share its file."""
    if not isinstance(X, StoredRows):
        np.save(folder / f"{part}_X.npy", np.asarray(X))
        return {"X": f"{part}_X.npy"}
    number = next((n for n, matrix in enumerate(stored) if matrix is X.stored), len(stored))
    if number == len(stored):
        stored.append(X.stored)
        np.save(folder / f"stored_{number}.npy", np.ascontiguousarray(X.stored))
    np.save(folder / f"{part}_rows.npy", X.rows)
    return {"stored": f"stored_{number}.npy", "rows": f"{part}_rows.npy"}


# --- reading ----------------------------------------------------------------------------------


def _read(folder: Path) -> Dataset | None:
    """What was prepared, mapped; ``None`` if it is not there, or not as it was written."""
    try:
        record = unseal((folder / "prepared.json").read_bytes().rstrip(b"\n"))
        if any(file_sha256(folder / name) != digest for name, digest in record["files"].items()):
            return None
        preprocessing = Preprocessing.from_arrays(read_arrays(folder / "preprocessing.npz"))
        mapped = {name: _map(folder / name) for name in record["files"] if name.endswith(".npy")}
        return _dataset(record, preprocessing, mapped)
    except (OSError, RunError, ValueError, KeyError, TypeError):
        return None


def _map(file: Path) -> NDArray[Any]:
    return np.asarray(np.load(file, mmap_mode="c", allow_pickle=False))


def _dataset(
    record: Mapping[str, Any], preprocessing: Preprocessing, mapped: Mapping[str, NDArray[Any]]
) -> Dataset:
    examples = {}
    for part, files in record["parts"].items():
        X: RowsLike
        if "stored" in files:
            X = StoredRows(mapped[files["stored"]], mapped[files["rows"]], preprocessing)
        else:
            X = mapped[files["X"]]
        examples[part] = Examples(X, np.array(mapped[f"{part}_y.npy"]))
    facts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in record["facts"].items()
    }
    return Dataset(
        train=examples["train"],
        dev=examples["dev"],
        test=examples.get("test"),
        features=preprocessing.features,
        classes=preprocessing.classes,
        preprocessing=preprocessing,
        facts=Facts(**facts),
    )
