"""Real files as people have them; nothing but ``path`` and ``target`` is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hpsearch.data.loading import load
from hpsearch.data.spec import BUILTIN, DataSpec


def test_letters_have_string_labels_first_and_numbers_as_names(shared_data: Path) -> None:
    data = load(DataSpec(str(shared_data / "letter-recognition.csv"), "Letter"), 7)
    assert data.train.X.shape == (16000, 16)
    assert data.dev.X.shape == (4000, 16)
    assert "".join(data.classes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert data.features == tuple(str(i) for i in range(1, 17))
    # first row of the file: T, 2, 8, 3, …
    by_position = load(DataSpec(str(shared_data / "letter-recognition.csv"), 0), 7)
    assert by_position.train.X[:].tobytes() == data.train.X[:].tobytes()


def test_optdigits_with_a_test_file_of_its_own(shared_data: Path) -> None:
    spec = DataSpec(
        str(shared_data / "optdigits.tra.csv"),
        "Class",
        test=str(shared_data / "optdigits.tes.csv"),
    )
    data = load(spec, 7)
    assert data.test is not None
    assert data.facts.rows == {"train": 3823 - 765, "dev": 765, "test": 1797}
    assert data.classes == tuple("0123456789")
    shares = [counts["dev"] / counts["train"] for counts in data.facts.class_counts.values()]
    assert max(shares) < 0.26
    assert min(shares) > 0.24


def test_the_built_in_digits_are_the_test_part_of_optdigits(shared_data: Path) -> None:
    rows = np.loadtxt(shared_data / "optdigits.tes.csv", delimiter=",", skiprows=1)
    with np.load(BUILTIN["digits"], allow_pickle=False) as digits:
        assert np.array_equal(digits["X"], rows[:, :64])
        assert np.array_equal(digits["y"], rows[:, 64])
