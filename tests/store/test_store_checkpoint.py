"""A checkpoint is read whole, or the one before it is, and it is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hpsearch.store.checkpoint import (
    Checkpoint,
    latest_checkpoint,
    read_checkpoint,
    save_checkpoint,
)
from hpsearch.store.sealed import seal, unseal

KillAt = Callable[[Callable[[], object]], Iterator[int]]


def state(epoch: int) -> Checkpoint:
    """A small state that tells its epoch in every part."""
    rng = np.random.default_rng(epoch)
    arrays = {"W": rng.normal(size=(2, 3)).astype(np.float32), "adam/t": np.array(epoch)}
    return Checkpoint(epoch, arrays, {"curve": [1 / 3] * epoch, "best": None, "alpha": 1e-4})


def assert_same(a: Checkpoint | None, b: Checkpoint) -> None:
    assert a is not None
    assert (a.epoch, repr(dict(a.meta))) == (b.epoch, repr(dict(b.meta)))
    assert list(a.arrays) == list(b.arrays)
    for name, array in b.arrays.items():
        assert a.arrays[name].dtype == array.dtype
        assert a.arrays[name].tobytes() == array.tobytes()


def epochs_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_checkpoint_reads_back_exactly(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "checkpoint", state(12))
    assert path == tmp_path / "checkpoint" / "000012"
    assert_same(read_checkpoint(path), state(12))
    latest, notes = latest_checkpoint(tmp_path / "checkpoint")
    assert_same(latest, state(12))
    assert notes == []


def test_the_files_are_for_everybody(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, state(2))
    manifest = json.loads((path / "manifest.json").read_text("ascii"))
    assert list(manifest) == ["format", "epoch", "meta", "files", "crc"]
    assert manifest["epoch"] == 2
    with np.load(path / "arrays.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == ["W", "adam/t"]


def test_without_checkpoints_there_is_none(tmp_path: Path) -> None:
    assert latest_checkpoint(tmp_path / "missing") == (None, [])
    assert latest_checkpoint(tmp_path) == (None, [])


def test_the_newest_is_by_number_not_by_name(tmp_path: Path) -> None:
    for epoch in (999_999, 1_000_000):
        save_checkpoint(tmp_path, Checkpoint(epoch, {}))
    latest, _ = latest_checkpoint(tmp_path)
    assert latest is not None
    assert latest.epoch == 1_000_000


@pytest.mark.parametrize(
    ("keep", "kept"),
    [(1, ["000005"]), (2, ["000004", "000005"]), (None, [f"00000{e}" for e in range(1, 6)])],
)
def test_only_the_last_few_are_kept(tmp_path: Path, keep: int | None, kept: list[str]) -> None:
    for epoch in range(1, 6):
        save_checkpoint(tmp_path, state(epoch), keep)
    assert epochs_in(tmp_path) == kept


def test_one_for_the_same_epoch_is_replaced_and_later_ones_stay(tmp_path: Path) -> None:
    for epoch in (1, 2, 3):
        save_checkpoint(tmp_path, state(epoch), keep=None)
    changed = Checkpoint(2, {"W": np.zeros(1)}, {"changed": True})
    save_checkpoint(tmp_path, changed, keep=1)
    assert epochs_in(tmp_path) == ["000002", "000003"]
    assert_same(read_checkpoint(tmp_path / "000002"), changed)


@pytest.mark.parametrize("name", ["arrays.npz", "manifest.json"])
def test_any_flipped_bit_in_any_file_is_noticed(tmp_path: Path, name: str) -> None:
    path = save_checkpoint(tmp_path, state(1)) / name
    data = path.read_bytes()
    for bit in range(0, 8 * len(data), 1 if name == "manifest.json" else 7):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        path.unlink()  # rewriting it in place would wait for the disk each time
        path.write_bytes(damaged)
        with pytest.raises(ValueError):  # noqa: PT011 - it may say anything
            read_checkpoint(path.parent)
    path.write_bytes(data)
    assert_same(read_checkpoint(path.parent), state(1))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut arrays": lambda path: (path / "arrays.npz").write_bytes(b"PK\3\4"),
    "empty arrays": lambda path: (path / "arrays.npz").write_bytes(b""),
    "no arrays": lambda path: (path / "arrays.npz").unlink(),
    "cut manifest": lambda path: (path / "manifest.json").write_bytes(b'{"format": 1'),
    "empty manifest": lambda path: (path / "manifest.json").write_bytes(b""),
    "no manifest": lambda path: (path / "manifest.json").unlink(),
    "foreign manifest": lambda path: (path / "manifest.json").write_bytes(b"{}\n"),
    "edited manifest": lambda path: (path / "manifest.json").write_text(
        (path / "manifest.json").read_text("ascii").replace("0.0001", "0.0002"), "ascii"
    ),
    "folder for a file": lambda path: (
        (path / "arrays.npz").unlink(),
        (path / "arrays.npz").mkdir(),
    ),
    "empty folder": lambda path: (shutil.rmtree(path), path.mkdir()),
    "file for a folder": lambda path: (shutil.rmtree(path), path.touch()),
    "another epoch's": lambda path: (
        shutil.rmtree(path),
        shutil.copytree(path.with_name("000001"), path),
    ),
    "another epoch's arrays": lambda path: shutil.copy(
        path.with_name("000001") / "arrays.npz", path / "arrays.npz"
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_checkpoint_is_passed_over_aloud(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    save_checkpoint(tmp_path, state(1))
    path = save_checkpoint(tmp_path, state(2))
    damage(path)
    latest, notes = latest_checkpoint(tmp_path)
    assert_same(latest, state(1))
    [note] = notes
    assert note.startswith(f"{path}: the checkpoint is damaged and passed over: ")
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - each has its own words
        read_checkpoint(path)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_a_later_format_is_not_guessed_at(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, state(1))
    manifest = unseal((path / "manifest.json").read_bytes().removesuffix(b"\n"))
    (path / "manifest.json").write_bytes(seal(manifest | {"format": 2}))
    with pytest.raises(ValueError, match="its format is 2, and this version reads 1"):
        read_checkpoint(path)


def test_when_all_are_damaged_each_is_named(tmp_path: Path) -> None:
    for epoch in (1, 2):
        (save_checkpoint(tmp_path, state(epoch)) / "arrays.npz").unlink()
    latest, notes = latest_checkpoint(tmp_path)
    assert latest is None
    assert [note.split(":")[0][-6:] for note in notes] == ["000002", "000001"]


def test_a_damaged_checkpoint_is_replaced_when_training_comes_by_again(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, state(1))
    (save_checkpoint(tmp_path, state(2)) / "manifest.json").unlink()
    save_checkpoint(tmp_path, state(2))
    latest, notes = latest_checkpoint(tmp_path)
    assert_same(latest, state(2))
    assert notes == []


def test_a_writer_killed_at_any_step_leaves_an_intact_checkpoint(
    tmp_path: Path, killed_at_each_step: KillAt
) -> None:
    for epoch in (1, 2):
        save_checkpoint(tmp_path, state(epoch))
    found = set()
    for _ in killed_at_each_step(lambda: save_checkpoint(tmp_path, state(3))):
        latest, notes = latest_checkpoint(tmp_path)
        assert latest is not None
        assert_same(latest, state(latest.epoch))
        assert notes == []
        for name in filter(str.isdigit, epochs_in(tmp_path)):
            assert_same(read_checkpoint(tmp_path / name), state(int(name)))
        found.add(latest.epoch)
        shutil.rmtree(tmp_path / "000003", ignore_errors=True)
        for epoch in (1, 2):  # the next writer tidies up
            save_checkpoint(tmp_path, state(epoch))
        assert epochs_in(tmp_path) == ["000001", "000002"]
    assert found == {2, 3}
    assert epochs_in(tmp_path) == ["000002", "000003"]


def test_a_replacer_killed_at_any_step_falls_back_at_most_one_checkpoint(
    tmp_path: Path, killed_at_each_step: KillAt
) -> None:
    found = set()
    for epoch in (1, 2):
        save_checkpoint(tmp_path, state(epoch))
    for _ in killed_at_each_step(lambda: save_checkpoint(tmp_path, state(2))):
        latest, notes = latest_checkpoint(tmp_path)
        assert latest is not None
        assert_same(latest, state(latest.epoch))
        found.add((latest.epoch, len(notes)))
        save_checkpoint(tmp_path, state(2))
        assert epochs_in(tmp_path) == ["000001", "000002"]
    assert found == {(1, 0), (2, 0)}


def test_what_is_not_json_or_not_an_array_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_checkpoint(tmp_path, Checkpoint(1, {}, {"loss": float("nan")}))
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        save_checkpoint(tmp_path, Checkpoint(1, {"W": np.array([print])}))
    assert list(tmp_path.iterdir()) == []
