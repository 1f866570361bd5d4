"""From a spec to a data set, and from a saved preprocessing to new rows."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import logging
import pickle
from pathlib import Path

import numpy as np
import pytest
from data_files import WriteFile, WriteNpz, idx_bytes, small_csv_text

from hpsearch.data import loading
from hpsearch.data.digests import fingerprint
from hpsearch.data.loading import has_test_split, load, load_rows
from hpsearch.data.rows import StoredRows
from hpsearch.data.spec import DataSpec
from hpsearch.errors import DataError


def test_digits() -> None:
    data = load(DataSpec("digits"), 7)
    assert data.train.X.shape == (1438, 64)
    assert data.dev.X.shape == (359, 64)
    assert data.train.X.dtype == np.float32
    assert data.test is None
    assert data.classes == tuple("0123456789")
    assert data.facts.constant == ("x0", "x32", "x39", "x56")  # always blank in these corners
    assert data.facts.in_memory
    assert sum(counts["train"] for counts in data.facts.class_counts.values()) == 1438


def test_the_seed_decides_the_split_and_nothing_else_does() -> None:
    first, again = load(DataSpec("digits"), 1), load(DataSpec("digits"), 1)
    assert first.train.X[:].tobytes() == again.train.X[:].tobytes()
    assert first.dev.y.tolist() != load(DataSpec("digits"), 2).dev.y.tolist()


def test_every_row_keeps_its_label(npz: WriteNpz) -> None:
    X = np.arange(60.0).reshape(30, 2)
    path = npz("a.npz", X=X, y=(X[:, 0] // 2 % 3))
    data = load(DataSpec(path, dev=0.2, test=0.3, standardize=False), 0)
    assert data.test is not None
    for part, size in ((data.train, 15), (data.dev, 6), (data.test, 9)):
        assert len(part) == size
        assert np.array_equal(part.y, part.X[:][:, 0] // 2 % 3)


def test_classes_that_are_numbers_are_in_the_order_of_numbers(write: WriteFile) -> None:
    path = write("a.csv", "a,c\n" + "".join(f"{i},{11 - i % 12}\n" for i in range(48)))
    data = load(DataSpec(path, "c", standardize=False), 0)
    assert data.classes == tuple(str(c) for c in range(12))
    assert np.array_equal(data.train.y, 11 - data.train.X[:][:, 0] % 12)


def test_standardising_knows_train_alone(write: WriteFile) -> None:
    text = "a,c\n" + "".join(f"{i},{'xy'[i % 2]}\n" for i in range(8)) + "1000,x\n2000,y\n"
    data = load(DataSpec(write("a.csv", text), "c", split="order"), 0)
    assert data.preprocessing.mean.tolist() == [3.5]
    assert data.dev.X[:].min() > 100


def test_files_of_their_own_for_dev_and_test(write: WriteFile, small_csv: str) -> None:
    header, *rows = small_csv.splitlines()
    swapped = "c,b,a\n" + "".join(",".join(reversed(row.split(","))) + "\n" for row in rows[:9])
    spec = DataSpec(
        write("train.csv", small_csv),
        "c",
        dev=write("dev.csv", swapped),
        test=write("test.csv", "\n".join([header, *rows[:6]])),
    )
    data = load(spec, 0)
    assert data.test is not None
    assert [len(part) for part in (data.train, data.dev, data.test)] == [30, 9, 6]
    assert data.dev.X[:6].tobytes() == data.train.X[:6].tobytes() == data.test.X[:].tobytes()
    assert data.facts.files == (spec.path, spec.dev, spec.test)


def test_a_file_with_sets_split_already_needs_no_fractions(npz: WriteNpz) -> None:
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    path = npz("a.npz", x_train=X, y_train=y, x_test=X[:4], y_test=y[:4])
    data = load(DataSpec(path), 0)
    assert data.facts.rows == {"train": 8, "dev": 2, "test": 4}


def test_facts_tell_what_was_done_and_are_json(write: WriteFile) -> None:
    rows = [f"{i},{'pqr'[i % 3]},{i},5,{'xy'[i % 2]}" for i in range(20)]
    rows[0] = ",p,0,5,x"
    path = write("a.csv", "\n".join(["n,w,id,k,c", *rows]))
    facts = load(DataSpec(path, "c", ignore=("id",), missing="impute"), 0).facts
    assert facts.columns == 3
    assert facts.features == 5
    assert facts.one_hot == {"w": 3}
    assert facts.constant == ("k",)
    assert facts.imputed == {"n": 1}
    assert facts.notes == ("ignored id",)
    assert facts.class_counts == {"x": {"train": 8, "dev": 2}, "y": {"train": 8, "dev": 2}}
    assert json.loads(json.dumps(dataclasses.asdict(facts)))["rows"] == {"train": 16, "dev": 4}


def test_a_word_in_dev_alone_is_counted(write: WriteFile) -> None:
    rows = [f"{i},{'p' if i < 18 else 'new'},{'xy'[i % 2]}" for i in range(20)]
    path = write("a.csv", "\n".join(["n,w,c", *rows]))
    facts = load(DataSpec(path, "c", split="order"), 0).facts
    assert facts.one_hot == {"w": 1}
    assert facts.unknown == {"w": 2}


@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
def test_large_data_are_read_by_batch_with_the_same_bits(
    npz: WriteNpz, monkeypatch: pytest.MonkeyPatch, dtype: str
) -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (200, 30)).astype(dtype)
    if dtype != "u1":
        X /= 255  # fractions that float32 rounds and float64 does not
    spec = DataSpec(npz("a.npz", X=X, y=np.arange(200) % 4), test=0.1)
    small = load(spec, 3)
    monkeypatch.setattr(loading, "IN_MEMORY_BYTES", 4 * 200 * 30 - 1)
    large = load(spec, 3)
    assert isinstance(large.train.X, StoredRows)
    assert not large.facts.in_memory
    for mine, theirs in ((small.train, large.train), (small.dev, large.dev)):
        assert mine.X[:].tobytes() == theirs.X[:].tobytes()
        assert np.array_equal(mine.y, theirs.y)


def test_formats_agree(npz: WriteNpz, write: WriteFile) -> None:
    X, y = np.arange(60, dtype=np.uint8).reshape(20, 3) % 11, np.arange(20, dtype=np.uint8) % 2
    rows = [",".join(map(str, [*x, label])) for x, label in zip(X, y, strict=True)]
    write("labels-idx1-ubyte", idx_bytes(y))
    specs = [
        DataSpec(npz("a.npz", X=X, y=y)),
        DataSpec(write("images-idx3-ubyte", idx_bytes(X))),
        DataSpec(write("a.csv", "\n".join(rows)), -1),
        DataSpec(write("b.csv", gzip.compress("\n".join(["a,b,c,d", *rows]).encode())), "d"),
    ]
    first, *others = [load(spec, 0) for spec in specs]
    for other in others:
        assert other.train.X[:].tobytes() == first.train.X[:].tobytes()
        assert other.dev.y.tolist() == first.dev.y.tolist()
        assert other.classes == first.classes


def test_a_spec_travels_between_processes() -> None:
    spec = DataSpec("digits", ignore=(1, "a"))
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert hash(spec) == hash(dataclasses.replace(spec))
    assert json.dumps(dataclasses.asdict(spec))


# --- new rows ---------------------------------------------------------------------------------


def test_new_rows_get_the_inputs_of_training(write: WriteFile, small_csv: str) -> None:
    spec = DataSpec(write("a.csv", small_csv), "c", split="order")
    data = load(spec, 0)
    X, y = load_rows(spec, data.preprocessing)
    assert X[:24].tobytes() == data.train.X[:].tobytes()
    assert y is not None
    assert y[:24].tolist() == data.train.y.tolist()


def test_new_rows_by_name_in_any_order_with_or_without_labels(
    write: WriteFile, small_csv: str
) -> None:
    spec = DataSpec(write("a.csv", small_csv), "c", split="order")
    data = load(spec, 0)
    new = dataclasses.replace(spec, path=write("new.csv", "id,b,a\n17,0.5,1\n18,0,0\n"))
    X, y = load_rows(new, data.preprocessing)
    assert y is None
    assert X[:].tobytes() == data.train.X[[1, 0]].tobytes()  # type: ignore[call-overload]


def test_a_label_by_position_is_not_taken_from_a_feature(write: WriteFile) -> None:
    rows = [f"{'xy'[i % 2]},{i},{i * i}" for i in range(10)]
    spec = DataSpec(write("a.csv", "\n".join(["c,a,b", *rows])), 0)
    new = dataclasses.replace(spec, path=write("n.csv", "b,a\n1,2\n3,4\n"))
    assert load_rows(new, load(spec, 0).preprocessing)[1] is None


@pytest.mark.parametrize("labelled", [True, False])
def test_new_rows_by_position(write: WriteFile, labelled: bool) -> None:
    rows = [f"{'xy'[i % 2]},{i},{i * i}" for i in range(10)]
    spec = DataSpec(write("a.csv", "\n".join(rows)), 0, split="order")
    data = load(spec, 0)
    text = "\n".join(row if labelled else row[2:] for row in rows)
    X, y = load_rows(dataclasses.replace(spec, path=write("n.csv", text)), data.preprocessing)
    assert X[:8].tobytes() == data.train.X[:].tobytes()
    assert (y is not None) == labelled


def test_new_rows_with_labels_all_empty_have_none(write: WriteFile, small_csv: str) -> None:
    spec = DataSpec(write("a.csv", small_csv), "c")
    new = dataclasses.replace(spec, path=write("new.csv", "a,b,c\n1,2,\n3,4,\n"))
    assert load_rows(new, load(spec, 0).preprocessing)[1] is None


def test_new_rows_from_arrays_need_no_labels(npz: WriteNpz, write: WriteFile) -> None:
    X, y = np.arange(40, dtype=np.uint8).reshape(20, 2), np.arange(20) % 2
    spec = DataSpec(npz("a.npz", X=X, y=y), split="order")
    preprocessing = load(spec, 0).preprocessing
    for path in (npz("b.npz", X=X[:3]), write("c.idx", idx_bytes(X[:3]))):
        new, labels = load_rows(dataclasses.replace(spec, path=path), preprocessing)
        assert labels is None
        assert new[:].tobytes() == load(spec, 0).train.X[:3].tobytes()


def test_the_words_of_training_rule_new_rows(
    write: WriteFile, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [f"{i},{'pq'[i % 2]},{'xy'[i % 2]}" for i in range(10)]
    spec = DataSpec(write("a.csv", "\n".join(["n,w,c", *rows])), "c")
    new = dataclasses.replace(spec, path=write("new.csv", "n,w\n1,q\n2,new\n"))
    with caplog.at_level(logging.WARNING, "hpsearch.data"):
        X, _ = load_rows(new, load(spec, 0).preprocessing)
    assert X[:][:, 1:].tolist() == [[0, 1], [0, 0]]
    assert "column 'w': 1 cell holds a word that was not in the train set" in caplog.text


def test_labels_that_are_not_asked_for_may_be_unknown(write: WriteFile, small_csv: str) -> None:
    spec = DataSpec(write("a.csv", small_csv), "c")
    preprocessing = load(spec, 0).preprocessing
    new = dataclasses.replace(spec, path=write("new.csv", "a,b,c\n1,2,?\n3,4,X\n5,6,x\n"))
    assert load_rows(new, preprocessing, labels=False)[1] is None
    with pytest.raises(DataError):
        load_rows(new, preprocessing)


def test_a_text_column_stays_text_where_most_of_its_words_are_numbers(write: WriteFile) -> None:
    train = "\n".join(
        ["w,n,c", *(f"{'p' if i % 3 else i % 2},{i},{'xy'[i % 2]}" for i in range(12))]
    )
    other = write("other.csv", "w,n,c\n1,0,x\n0.0,1,y\n1,2,x\np,3,y\n")
    spec = DataSpec(write("a.csv", train), "c", dev=other)
    data = load(spec, 0)
    words = [[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert data.features[1:] == ("w=0", "w=1", "w=p")
    assert data.dev.X[:][:, 1:].tolist() == words
    new = dataclasses.replace(spec, path=other)
    assert load_rows(new, data.preprocessing)[0][:][:, 1:].tolist() == words


def test_columns_may_all_be_text(write: WriteFile) -> None:
    rows = [f"{'pq'[i % 2]},{'rst'[i % 3]},{'xy'[i % 2]}" for i in range(24)]
    data = load(DataSpec(write("a.csv", "\n".join(["v,w,c", *rows])), "c"), 0)
    assert data.features == ("v=p", "v=q", "w=r", "w=s", "w=t")
    assert (data.train.X[:].sum(axis=1) == 2).all()


@pytest.mark.parametrize("labelled", [True, False])
def test_labels_of_new_rows_may_be_left_unseen(write: WriteFile, labelled: bool) -> None:
    spec = DataSpec(write("a.csv", small_csv_text()), "c")
    new = dataclasses.replace(spec, path=write("new.csv", "a,b,c\n1,2,unknown\n"))
    preprocessing = load(spec, 0).preprocessing
    if labelled:
        with pytest.raises(DataError, match="the label 'unknown' is not one of those"):
            load_rows(new, preprocessing)
    else:
        assert load_rows(new, preprocessing, labels=False)[1] is None


def test_a_test_split_is_asked_for_or_lies_in_the_file(npz: WriteNpz) -> None:
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    split = npz("split.npz", x_train=X, y_train=y, x_test=X, y_test=y)
    whole = npz("whole.npz", X=X, y=y)
    assert has_test_split(DataSpec(split))
    assert has_test_split(DataSpec(whole, test=0.2))
    assert not has_test_split(DataSpec(whole))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,bb\n1,2\n", "has no column 'b'; did you mean 'bb'"),
        ("a\n1\n", "has no column 'b'"),
        ("a,b,c\n1,2,X\n", r"new.csv:2: the label 'X' is not one of .*; did you mean 'x'"),
        ("a,b\n1,\n", "1 cell is empty or not a number, by column b: 1"),
        ("a,b\n1,w\n", "new.csv:2: column 'b' holds the word 'w', and in the train set"),
    ],
)
def test_new_rows_that_do_not_fit(write: WriteFile, text: str, message: str) -> None:
    spec = DataSpec(write("a.csv", small_csv_text()), "c")
    new = dataclasses.replace(spec, path=write("new.csv", text))
    with pytest.raises(DataError, match=message):
        load_rows(new, load(spec, 0).preprocessing)


# --- fingerprints -----------------------------------------------------------------------------


def test_a_fingerprint_is_the_sha256_of_the_bytes(write: WriteFile) -> None:
    path = write("a.csv", "a,c\n1,x\n")
    assert fingerprint(DataSpec(path)) == hashlib.sha256(b"a,c\n1,x\n").hexdigest()


def test_every_file_counts(write: WriteFile) -> None:
    images = write("images-idx3-ubyte", idx_bytes(np.zeros((2, 2), np.uint8)))
    labels = Path(write("labels-idx1-ubyte", idx_bytes(np.array([0, 1], np.uint8))))
    before = fingerprint(DataSpec(images))
    labels.write_bytes(idx_bytes(np.array([1, 0], np.uint8)))
    assert fingerprint(DataSpec(images)) != before
    dev = write("dev.csv", "1")
    assert fingerprint(DataSpec(dev, dev=dev)) != fingerprint(DataSpec(dev))


# --- categories and empty cells, from file to new rows ---------------------------------------


def test_numbers_that_are_codes_become_one_hot_in_every_format(
    write: WriteFile, npz: WriteNpz
) -> None:
    zones, y = np.arange(60) % 3 * 10, np.arange(60) % 2
    rows = [f"{zone},{i},{c}" for i, (zone, c) in enumerate(zip(zones, y, strict=True))]
    csv = DataSpec(write("a.csv", "\n".join(["zone,n,c", *rows])), "c", categorical=("zone",))
    arrays = DataSpec(
        npz("a.npz", X=np.column_stack([zones, np.arange(60)]), y=y), categorical=(0,)
    )
    for spec, name in ((csv, "zone"), (arrays, "x0")):
        data = load(spec, 0)
        assert data.features[1:] == (f"{name}=0", f"{name}=10", f"{name}=20")
        assert data.facts.one_hot == {name: 3}
        X, labels = load_rows(spec, data.preprocessing)
        assert labels is not None
        assert X[:3][:, 1:].tolist() == np.eye(3).tolist()


def test_new_rows_are_read_with_the_same_empty_cells(write: WriteFile) -> None:
    rows = [f"{('NA', 'DE', 'ZA')[i % 3]},{-999 if i == 5 else i},{'xy'[i % 2]}" for i in range(60)]
    spec = DataSpec(
        write("a.csv", "\n".join(["land,n,c", *rows])), "c", na_values=(-999,), missing="impute"
    )
    data = load(spec, 0)
    assert data.features == ("n", "land=DE", "land=NA", "land=ZA")
    assert data.facts.imputed == {"n": 1}
    new = dataclasses.replace(spec, path=write("new.csv", "n,land\n-999,NA\n"))
    X, _ = load_rows(new, data.preprocessing)
    assert X[:1].tolist() == [[0, 0, 1, 0]]  # the mean, and Namibia


def test_minus_999_in_an_array_is_empty(npz: WriteNpz) -> None:
    X = np.arange(40).reshape(20, 2)
    X[3, 1] = -999
    spec = DataSpec(npz("a.npz", X=X, y=np.arange(20) % 2), na_values=(-999,))
    with pytest.raises(DataError, match=r"row 3 .*1 cell is empty"):
        load(spec, 0)
    assert load(dataclasses.replace(spec, missing="impute"), 0).facts.imputed == {"x1": 1}
