"""npz and idx files: keys, mapping, and nothing unpickled."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from data_files import WriteFile, WriteNpz, idx_bytes

from hpsearch.data.idx import labels_file, read_idx
from hpsearch.data.npz import read_npz
from hpsearch.data.spec import DataSpec
from hpsearch.errors import DataError

X = np.arange(24, dtype=np.int16).reshape(8, 3)
Y = np.array([0, 1] * 4)


def is_mapped(array: np.ndarray) -> bool:
    base: object = array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return False


def read(path: str, target: str | None = None, **settings: object) -> dict:
    return read_npz(Path(path), DataSpec(path, target, **settings))


@pytest.mark.parametrize("keys", [("X", "y"), ("x", "target"), ("data", "labels"), ("Images", "Y")])
def test_the_usual_keys_are_found(npz: WriteNpz, keys: tuple[str, str]) -> None:
    table = read(npz("a.npz", **dict(zip(keys, (X, Y), strict=True))))["train"]
    assert np.array_equal(table.numbers, X)
    assert table.labels.names == ("0", "1")
    assert table.labels.codes.tolist() == Y.tolist()


def test_a_key_can_be_given(npz: WriteNpz) -> None:
    table = read(npz("a.npz", X=X, y=Y * 0, kind=Y), "kind")["train"]
    assert table.labels.codes.tolist() == Y.tolist()


def test_sets_that_are_split_already_are_kept_apart(npz: WriteNpz) -> None:
    path = npz("a.npz", x_train=X, y_train=Y, X_val=X[:2], y_val=Y[:2], x_test=X[:4], y_test=Y[:4])
    assert {part: len(table) for part, table in read(path).items()} == {
        "train": 8,
        "dev": 2,
        "test": 4,
    }


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["u1", ">i4", "<f4", "f8", "?"])
def test_uncompressed_members_are_mapped_where_they_lie(
    npz: WriteNpz, order: str, dtype: str
) -> None:
    array = np.asarray(np.arange(40).reshape(8, 5) % 7, dtype=dtype, order=order)  # type: ignore[call-overload]
    table = read(npz("a.npz", before=np.arange(5), X=array, y=Y))["train"]
    assert is_mapped(table.numbers)
    assert np.array_equal(table.numbers, array)


def test_compressed_members_are_read(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", X=X, y=Y)
    table = read(str(tmp_path / "a.npz"))["train"]
    assert not is_mapped(table.numbers)
    assert np.array_equal(table.numbers, X)


def test_images_are_flattened_and_columns_ignored_by_position(npz: WriteNpz) -> None:
    images = np.arange(8 * 4).reshape(8, 2, 2)
    table = read(npz("a.npz", X=images, y=Y[:, None]), ignore=(0, -1))["train"]
    assert table.numbers[1].tolist() == [5, 6]
    assert table.columns == ("x1", "x2")


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array([2.0, 10.0] * 4), ("2", "10")),
        (np.array(["b", "a"] * 4), ("a", "b")),
        (np.array([b"b", b"a"] * 4), ("a", "b")),
        (np.array([True, False] * 4), ("0", "1")),
    ],
)
def test_labels_of_any_plain_type(npz: WriteNpz, labels: np.ndarray, names: tuple[str]) -> None:
    assert read(npz("a.npz", X=X, y=labels))["train"].labels.names == names


def test_an_object_array_is_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    np.savez(tmp_path / "a.npz", X=np.array([[Trap()]] * 8, dtype=object), y=Y, allow_pickle=True)
    with pytest.raises(DataError, match="X is an array of Python objects"):
        read(str(tmp_path / "a.npz"))
    assert not (tmp_path / "sprung").exists()


def test_idx_images_and_the_labels_beside_them(write: WriteFile) -> None:
    images = np.arange(8 * 6, dtype=np.uint8).reshape(8, 2, 3)
    path = write("t10k-images-idx3-ubyte", idx_bytes(images))
    write("t10k-labels-idx1-ubyte", idx_bytes(Y.astype(np.uint8)))
    table = read_idx(Path(path), DataSpec(path))
    assert is_mapped(table.numbers)
    assert np.array_equal(table.numbers, images.reshape(8, 6))
    assert table.labels is not None
    assert table.labels.codes.tolist() == Y.tolist()


@pytest.mark.parametrize(
    ("code", "dtype"), [(8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]
)
def test_every_idx_type(write: WriteFile, code: int, dtype: str) -> None:
    rows = np.array([[1, -2], [3, 4]]).astype(dtype)
    path = write("images.idx3-ubyte", idx_bytes(rows, code))
    write("labels.idx1-ubyte.gz", gzip.compress(idx_bytes(Y[:2].astype(np.uint8))))
    assert np.array_equal(read_idx(Path(path), DataSpec(path)).numbers, rows)


def test_compressed_idx_files(write: WriteFile) -> None:
    path = write("images-idx3-ubyte.gz", gzip.compress(idx_bytes(X.astype(np.uint8))))
    beside = write("labels-idx1-ubyte.gz", gzip.compress(idx_bytes(Y.astype(np.uint8))))
    assert labels_file(Path(path)) == Path(beside)
    assert np.array_equal(read_idx(Path(path), DataSpec(path)).numbers, X)


def test_new_images_need_no_labels(write: WriteFile) -> None:
    path = write("scans.idx", idx_bytes(X.astype(np.uint8)))
    assert read_idx(Path(path), DataSpec(path), label_needed=False).labels is None
    with pytest.raises(DataError, match="its labels are not beside it"):
        read_idx(Path(path), DataSpec(path))
