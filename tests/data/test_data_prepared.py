"""Data prepared once for all processes: the same bits, and nothing that can go wrong for good."""

from __future__ import annotations

import dataclasses
import gzip
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from data_files import WriteFile, WriteNpz, idx_bytes

from hpsearch.data import loading, prepared
from hpsearch.data.dataset import Dataset
from hpsearch.data.digests import fingerprint
from hpsearch.data.loading import load
from hpsearch.data.prepared import SharedFolder, load_shared
from hpsearch.data.rows import StoredRows, is_mapped
from hpsearch.data.spec import DataSpec
from hpsearch.errors import DataError


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "SMALLEST_BYTES", 0)


@pytest.fixture
def table(write: WriteFile) -> DataSpec:
    """Numbers with gaps, words, and a column that is constant."""
    rows = [
        f"{'' if i % 7 == 3 else i * 0.37},{['red', 'green', 'blue'][i % 3]},5,{'xy'[i % 2]}"
        for i in range(60)
    ]
    path = write("t.csv", "\n".join(["a,colour,k,label", *rows, ""]))
    return DataSpec(path, "label", test=0.2, missing="impute")


def folder_of(tmp_path: Path, spec: DataSpec) -> SharedFolder:
    return SharedFolder(str(tmp_path / "run" / "data"), fingerprint(spec))


def assert_same(one: Dataset, other: Dataset) -> None:
    for part in ("train", "dev", "test"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert mine.X[:].tobytes() == theirs.X[:].tobytes()
            assert (mine.X.shape, mine.X.dtype) == (theirs.X.shape, theirs.X.dtype)
            assert (mine.y.tobytes(), mine.y.dtype) == (theirs.y.tobytes(), theirs.y.dtype)
    assert (one.classes, one.features, one.facts) == (other.classes, other.features, other.facts)
    mine, theirs = one.preprocessing.to_arrays(), other.preprocessing.to_arrays()
    assert [*mine] == [*theirs]
    for name, array in mine.items():
        assert (array.tobytes(), array.dtype) == (theirs[name].tobytes(), theirs[name].dtype), name


def test_it_is_what_load_gives_mapped(tmp_path: Path, table: DataSpec) -> None:
    shared = folder_of(tmp_path, table)
    plain, first = load(table, 3), load_shared(table, 3, shared)
    Path(table.path).unlink()  # the second process has no need of it
    second = load_shared(table, 3, shared)
    for found in (first, second):
        assert_same(found, plain)
        assert type(found.train.X) is np.ndarray
        assert is_mapped(found.train.X)
        assert found.train.X.flags.carray  # compiled code takes it as it is


def test_bytes_stay_bytes(
    tmp_path: Path, write: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 30)).astype(np.uint8)
    write("labels-idx1-ubyte.gz", gzip.compress(idx_bytes(np.arange(90) % 3)))
    spec = DataSpec(write("images-idx3-ubyte.gz", gzip.compress(idx_bytes(pixels))))
    monkeypatch.setattr(loading, "IN_MEMORY_BYTES", 0)
    shared = folder_of(tmp_path, spec)
    found = load_shared(spec, 0, shared)
    assert isinstance(found.train.X, StoredRows)
    assert found.train.X.mapped
    assert_same(found, load(spec, 0))
    (stored,) = Path(shared.path).glob("*/stored_*.npy")  # train and dev share it
    assert stored.stat().st_size < 1.1 * pixels.size


def test_what_is_mapped_already_or_small_is_not_written(
    tmp_path: Path, npz: WriteNpz, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = DataSpec(npz("a.npz", X=np.random.default_rng(0).random((80, 9)), y=np.arange(80) % 2))
    shared = folder_of(tmp_path, spec)
    with monkeypatch.context() as patch:
        patch.setattr(loading, "IN_MEMORY_BYTES", 0)
        load_shared(spec, 0, shared)
    with monkeypatch.context() as patch:
        patch.setattr(prepared, "SMALLEST_BYTES", 4 * 80 * 9 + 1)
        load_shared(spec, 0, shared)
    assert not Path(shared.path).exists()


def test_wide_rows_in_memory_become_float32_however_many(
    write: WriteFile, npz: WriteNpz, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "IN_MEMORY_BYTES", 0)
    rows = [f"{i / 7},{i / 11},{i % 2}" for i in range(40)]
    text = load(DataSpec(write("a.csv", "\n".join(rows)), -1), 0)
    assert isinstance(text.train.X, np.ndarray)
    pixels = load(
        DataSpec(write("b.csv", "\n".join(f"{i},{i % 3},{i % 2}" for i in range(40))), -1), 0
    )
    assert isinstance(pixels.train.X, StoredRows)
    assert pixels.train.X.stored.dtype == np.uint8


@pytest.mark.parametrize("changed", ["seed", "spec", "file"])
def test_other_data_are_other_data(tmp_path: Path, table: DataSpec, changed: str) -> None:
    load_shared(table, 3, folder_of(tmp_path, table))
    seed, spec = 3, table
    if changed == "seed":
        seed = 4
    elif changed == "spec":
        spec = dataclasses.replace(table, ignore=("k",))
    else:
        file = Path(table.path)
        file.write_text(file.read_text().replace("0.37", "0.38"))
    found = load_shared(spec, seed, folder_of(tmp_path, spec))
    assert_same(found, load(spec, seed))


def test_a_file_that_changed_under_the_run_is_refused(tmp_path: Path, table: DataSpec) -> None:
    shared = folder_of(tmp_path, table)
    file = Path(table.path)
    file.write_text(file.read_text().replace("0.37", "0.38"))
    with pytest.raises(DataError, match="have changed since the run was started"):
        load_shared(table, 3, shared)


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "seal", "pickle"])
def test_what_is_damaged_is_made_again(tmp_path: Path, table: DataSpec, damage: str) -> None:
    shared = folder_of(tmp_path, table)
    load_shared(table, 3, shared)
    (folder,) = Path(shared.path).iterdir()
    file = folder / ("prepared.json" if damage == "seal" else "train_X.npy")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "remove":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "pickle":
        np.save(file, np.array([{"not": "numbers"}]), allow_pickle=True)
    else:
        file.write_bytes(content)
    assert_same(load_shared(table, 3, shared), load(table, 3))
    Path(table.path).unlink()
    load_shared(table, 3, shared)  # it is there again
    assert [entry.name for entry in Path(shared.path).iterdir()] == [folder.name]


def test_where_nothing_can_be_written_every_process_has_its_own(
    tmp_path: Path, table: DataSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = folder_of(tmp_path, table)
    (tmp_path / "run").write_text("a file where the folder should be")
    assert_same(load_shared(table, 3, shared), load(table, 3))
    (tmp_path / "run").unlink()
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    assert_same(load_shared(table, 3, shared), load(table, 3))
    assert [*Path(shared.path).iterdir()] == []


def test_a_process_that_writes_to_its_rows_changes_no_others(
    tmp_path: Path, table: DataSpec
) -> None:
    shared = folder_of(tmp_path, table)
    mine = load_shared(table, 3, shared)
    mine.train.X[:] = 7  # type: ignore[index]
    assert_same(load_shared(table, 3, shared), load(table, 3))


KILLED_WHILE_WRITING = """
import os, sys
from hpsearch.data import prepared
from hpsearch.data.prepared import SharedFolder, load_shared
from hpsearch.data.spec import DataSpec
prepared.SMALLEST_BYTES = 0
# The arrays are there, their list is not.
prepared.file_sha256 = lambda file: os.kill(os.getpid(), 9)
load_shared(DataSpec(sys.argv[1], "label", test=0.2, missing="impute"), 3,
            SharedFolder(sys.argv[2], sys.argv[3]))
"""


def test_a_process_that_is_killed_half_way_leaves_nothing_behind(
    tmp_path: Path, table: DataSpec
) -> None:
    shared = folder_of(tmp_path, table)
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, table.path, shared.path, shared.sha256]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    (left,) = Path(shared.path).iterdir()
    assert left.name.endswith(".tmp")
    assert_same(load_shared(table, 3, shared), load(table, 3))
    (folder,) = Path(shared.path).iterdir()
    assert not folder.name.endswith(".tmp")


def _digest_of_rows(spec: DataSpec, shared: SharedFolder) -> bytes:
    prepared.SMALLEST_BYTES = 0
    return load_shared(spec, 3, shared).train.X[:].tobytes()


def test_ten_processes_at_once_get_the_same(tmp_path: Path, table: DataSpec) -> None:
    shared = folder_of(tmp_path, table)
    with ProcessPoolExecutor(10, get_context("fork")) as pool:
        found = list(pool.map(_digest_of_rows, [table] * 10, [shared] * 10))
    assert set(found) == {load(table, 3).train.X[:].tobytes()}
    (folder,) = Path(shared.path).iterdir()
    assert not folder.name.startswith(".")
