"""Classes or a number to predict: what is found, how numbers are read, split and standardised."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hpsearch.data.digests import fingerprint
from hpsearch.data.labels import class_numbers, find_classes
from hpsearch.data.loading import load, load_rows
from hpsearch.data.numbers import TargetScale
from hpsearch.data.prepared import SharedFolder, load_shared
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.spec import DataSpec
from hpsearch.data.split import split_rows, tenths
from hpsearch.data.table import Table, TextColumn
from hpsearch.data.task import find_task
from hpsearch.errors import DataError

SPEC = DataSpec("t.csv", target="y")


def table(words: list[str]) -> Table:
    """A table of one feature and these targets."""
    names = tuple(dict.fromkeys(words))
    codes = np.array([names.index(word) for word in words], np.intp)
    numbers = np.arange(len(words), dtype=np.float64)[:, None]
    return Table(Path("t.csv"), ("x",), numbers, ("x",), {}, TextColumn(codes, names))


def task_of(words: list[str], spec: DataSpec = SPEC, *, shared_out: bool = True) -> str:
    return find_task(table(words), spec, shared_out=shared_out).task


def write(folder: Path, targets: list[str], delimiter: str = ",", name: str = "t.csv") -> str:
    rows = [f"{i % 7}{delimiter}{target}" for i, target in enumerate(targets)]
    (folder / name).write_text("\n".join([f"x{delimiter}y", *rows, ""]), encoding="utf-8")
    return str(folder / name)


PRICES = [f"{100 + 3 * i + 0.25:.2f}" for i in range(60)]


# --- what is found --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "task"),
    [
        (PRICES, "regression"),
        ([str(i * i) for i in range(60)], "regression"),  # whole, and each in one row
        ([str(1 + i) for i in range(60)], "classification"),  # they number the rows
        ([str(i % 26) for i in range(260)], "classification"),  # letters that are numbered
        ([str(i % 26) for i in range(260)] + ["99"], "regression"),  # one row only: no class
        ([str(i % 2) for i in range(60)] + ["11"], "classification"),  # a slip among two
        ([str((i % 12) / 2) for i in range(60)], "classification"),  # half marks
        (["yes", "no"] * 20, "classification"),
        ([*PRICES, "much"], "classification"),  # a word among them
        ([f"{i * i},5" for i in range(60)], "regression"),  # a decimal comma
    ],
)
def test_what_a_target_is_taken_for(words: list[str], task: str) -> None:
    assert task_of(words) == task


def test_what_was_seen_is_said() -> None:
    found = find_task(table(PRICES), SPEC, shared_out=True)
    assert found.seen == "the target holds 60 different numbers with fractions in 60 rows"


def test_a_value_of_one_row_may_be_a_class_where_the_parts_are_given() -> None:
    words = [str(i % 26) for i in range(260)] + ["99"]
    assert task_of(words, shared_out=False) == "classification"
    ordered = DataSpec("t.csv", target="y", split="order")
    assert task_of(words, ordered) == "classification"


NUMBERS = st.one_of(
    st.integers(-40, 40).map(str), st.integers(-60, 60).map(lambda i: str(i / 4)), st.just("a")
)


@given(
    st.lists(st.tuples(NUMBERS, st.integers(1, 6)), min_size=5, max_size=60),
    st.sampled_from(["stratified", "order"]),
)
@example([(str(i), 2) for i in range(26)], "stratified")
def test_what_can_be_classes_is_taken_for_classes(counted: list[tuple[str, int]], how: str) -> None:
    """No data set that trained as classes so far becomes a regression by itself."""
    words = [word for word, count in counted for _ in range(count)]
    rows = table(words)
    try:
        classes = find_classes(rows)
        y = class_numbers(rows, classes)
        split_rows(rows, y, classes, fractions={"dev": 0.2}, how=how, seed=1)
    except DataError:
        return
    assert task_of(words, DataSpec("t.csv", target="y", split=how)) == "classification"


# --- the numbers ----------------------------------------------------------------------------


def test_the_target_is_standardised_by_train_alone(tmp_path: Path) -> None:
    data = load(DataSpec(write(tmp_path, PRICES), target="y", split="order"), seed=1)
    values = np.array([float(price) for price in PRICES])
    assert data.classes == ()
    target = data.preprocessing.target
    assert target is not None
    assert target.mean == pytest.approx(values[:48].mean())
    assert target.scale == pytest.approx(values[:48].std())
    np.testing.assert_allclose(target.in_units(data.dev.y), values[48:])
    assert (data.train.y.mean(), data.train.y.std()) == pytest.approx((0, 1))
    found = data.facts.target
    assert found["guess_rmse"] == pytest.approx(
        np.sqrt(np.mean((values[48:] - values[:48].mean()) ** 2))
    )
    assert (found["different"], found["low"], found["high"]) == pytest.approx((60, 100.25, 277.25))


@pytest.mark.parametrize(
    ("delimiter", "words", "expected"),
    [
        (",", ["1.5", "-2", "1e3"], [1.5, -2.0, 1000.0]),
        (";", ["1.234,5", "2", "7,25"], [1234.5, 2.0, 7.25]),
        (",", ["45%", "4.5 %", "100%"], [0.45, 0.045, 1.0]),
    ],
)
def test_numbers_are_read_in_the_notation_of_the_column(
    tmp_path: Path, delimiter: str, words: list[str], expected: list[float]
) -> None:
    file = write(tmp_path, words * 10, delimiter)
    spec = DataSpec(file, target="y", task="regression", split="order")
    data = load(spec, seed=1)
    target = data.preprocessing.target
    assert target is not None
    np.testing.assert_allclose(target.in_units(data.train.y)[:3], expected)


def test_npz_holds_numbers_as_they_are(tmp_path: Path) -> None:
    y = np.random.default_rng(1).standard_normal(50).astype(np.float32)
    np.savez(tmp_path / "a.npz", X=np.arange(100.0).reshape(50, 2), y=y)
    data = load(DataSpec(str(tmp_path / "a.npz"), split="order"), seed=1)
    target = data.preprocessing.target
    assert target is not None
    np.testing.assert_allclose(target.in_units(data.train.y), y[:40], rtol=1e-12)


def test_preprocessing_comes_back_from_its_arrays(tmp_path: Path) -> None:
    learnt = load(DataSpec(write(tmp_path, PRICES), target="y"), seed=1).preprocessing
    assert Preprocessing.from_arrays(learnt.to_arrays()).target == learnt.target
    classes = load(DataSpec("digits"), seed=1).preprocessing
    assert "target_mean" not in classes.to_arrays()
    assert Preprocessing.from_arrays(classes.to_arrays()).target is None


def test_prepared_data_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.data.prepared.SMALLEST_BYTES", 1)
    spec = DataSpec(write(tmp_path, PRICES), target="y")
    own = load(spec, 1)
    for _ in range(2):  # written, then mapped
        shared = load_shared(spec, 1, SharedFolder(str(tmp_path / "data"), fingerprint(spec)))
        assert shared.facts == own.facts
        assert shared.preprocessing.target == own.preprocessing.target
        np.testing.assert_array_equal(shared.dev.y, own.dev.y)
    assert (tmp_path / "data").is_dir()


def test_new_rows_are_standardised_as_the_old_ones(tmp_path: Path) -> None:
    spec = DataSpec(write(tmp_path, PRICES), target="y")
    learnt = load(spec, seed=1).preprocessing
    new = DataSpec(write(tmp_path, ["100", "200.5"], name="new.csv"), target="y")
    _, y = load_rows(new, learnt)
    assert learnt.target is not None
    assert y is not None
    np.testing.assert_allclose(learnt.target.in_units(y), [100, 200.5])


# --- the split ------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_tenths_are_in_order_and_of_one_size(values: list[float]) -> None:
    y = np.array(values)
    piece, names = tenths(y, "stratified")
    counts = np.bincount(piece, minlength=len(names))
    assert len(names) == (10 if len(y) >= 20 else 1)
    assert counts.max() - counts.min() <= 1
    for low in range(len(names) - 1):
        assert y[piece == low].max() <= y[piece == low + 1].min()
    assert set(tenths(y, "order")[0]) == {0}


def test_each_part_has_its_share_of_low_and_high_numbers(tmp_path: Path) -> None:
    data = load(DataSpec(write(tmp_path, PRICES), target="y", dev=0.5), seed=3)
    order = np.sort(np.concatenate([data.train.y, data.dev.y]))
    for low, high in zip(range(0, 60, 6), range(6, 66, 6), strict=True):
        inside = (data.dev.y >= order[low]) & (data.dev.y <= order[high - 1])
        assert inside.sum() == 3


# --- what cannot be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "settings", "message"),
    [
        (
            [*PRICES, "much"],
            {"task": "regression"},
            "t.csv:62: the target 'much' is not a number; correct it, or set data.task: class",
        ),
        (
            ["7"] * 30,
            {"task": "regression"},
            "the target is 7 in all of the 24 train rows, so there is nothing to predict",
        ),
        (
            [*PRICES, "1e40"],
            {"task": "regression"},
            "t.csv:62: the target is 1e40, which no network can learn",
        ),
        (
            [*PRICES, ""],
            {"task": "regression"},
            "t.csv:62: the label is missing",
        ),
        (
            [f'"{i},{100 + 7 * i}"' for i in range(1, 40)],
            {"task": "regression"},
            "set data.decimal to the file's decimal mark",
        ),
        (
            PRICES,
            {"task": "classification"},
            "these are no classes; set data.task: regression to predict the number",
        ),
        (
            [str(i * i) for i in range(60)],
            {"task": "classification"},
            "name another column in data.target, or set data.task: regression",
        ),
        ([str(i) for i in range(60)], {}, "a number of the row; name another column in data.tar"),
    ],
)
def test_one_line_says_what_is_wrong(
    tmp_path: Path, words: list[str], settings: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(DataSpec(write(tmp_path, words), target="y", **settings), seed=1)
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_a_scale_there_and_back_again() -> None:
    scale = TargetScale(2026.0, 0.5)
    assert scale.standardise(np.array([2027.0])).tolist() == [2.0]
    assert scale.in_units(np.array([2.0], np.float32)).tolist() == [2027.0]
