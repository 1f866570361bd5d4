"""Arrays come back bit for bit, for everybody who has NumPy, and never through pickle."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hpsearch.errors import RunError
from hpsearch.store.arrays import pack_arrays, read_arrays, unpack_arrays, write_arrays

any_array = hnp.arrays(
    st.sampled_from(["f4", "f8", "i8", "u1", "?", ">f8", "c16", "U3", "M8[s]"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
names = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=9)


@given(
    st.dictionaries(names | st.sampled_from(["file", "layer 1/γ", "W.npy"]), any_array, max_size=4)
)
def test_arrays_read_back_bit_for_bit(arrays: dict[str, np.ndarray]) -> None:
    data = pack_arrays(arrays)
    assert data == pack_arrays(arrays)
    back = unpack_arrays(data)
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        assert back[name].shape == array.shape
        assert back[name].tobytes() == array.tobytes()
        assert back[name].flags.writeable


def test_numpy_itself_reads_the_file(tmp_path: Path) -> None:
    weights = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    write_arrays(tmp_path / "model.npz", {"W1": weights, "b1": np.array(0.5)})
    with np.load(tmp_path / "model.npz", allow_pickle=False) as archive:
        assert sorted(archive) == ["W1", "b1"]
        np.testing.assert_array_equal(archive["W1"], weights)
    np.savez(tmp_path / "other.npz", W1=weights)
    np.testing.assert_array_equal(read_arrays(tmp_path / "other.npz")["W1"], weights)


def test_every_flipped_bit_and_cut_reads_the_same_or_is_refused() -> None:
    arrays = {"W": np.array([[1.5, -2.0]], dtype=np.float32)}
    data = pack_arrays(arrays)
    refused = 0
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            back = unpack_arrays(bytes(damaged))
        except ValueError:
            refused += 1
            continue
        # A zip has bytes that say nothing (dates, versions); a changed name is not hidden.
        for name, array in back.items():
            assert array.dtype == np.float32
            assert array.tobytes() == arrays["W"].tobytes(), name
    assert refused > 8 * len(data) // 2
    for end in range(len(data)):
        with pytest.raises(ValueError, match="not an intact npz file"):
            unpack_arrays(data[:end])


def test_objects_are_neither_written_nor_read(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}], dtype=object)
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        write_arrays(tmp_path / "model.npz", {"W": objects})
    assert list(tmp_path.iterdir()) == []
    buffer = io.BytesIO()
    np.savez(buffer, W=objects)
    (tmp_path / "model.npz").write_bytes(buffer.getvalue())
    with pytest.raises(RunError, match=r"model.npz: not an intact npz file \(Object arrays cannot"):
        read_arrays(tmp_path / "model.npz")


def test_a_missing_or_foreign_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"model.npz: cannot read the file: No such file"):
        read_arrays(tmp_path / "model.npz")
    np.save(tmp_path / "one.npy", np.ones(3))
    with pytest.raises(RunError, match=r"one.npy: not an intact npz file"):
        read_arrays(tmp_path / "one.npy")
