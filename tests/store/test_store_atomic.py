"""Files and folders appear completely or not at all, whenever their writer is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from hpsearch.errors import RunError
from hpsearch.store import atomic

KillAt = Callable[[Callable[[], object]], Iterator[int]]
Maker = Callable[[Path], AbstractContextManager[Path]]

OLD, NEW = b"old\n" * 1000, b"new\n" * 2000


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def fill(folder: Path, content: bytes) -> None:
    (folder / "inner").mkdir()
    (folder / "a.txt").write_bytes(content)
    (folder / "inner" / "b.txt").write_bytes(content)


def content_of(folder: Path) -> list[bytes]:
    return [(folder / "a.txt").read_bytes(), (folder / "inner" / "b.txt").read_bytes()]


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "best.yaml"
    atomic.write_text(path, "β: 0.9\r\n")
    assert path.read_bytes() == b"\xce\xb2: 0.9\r\n"
    atomic.write_bytes(path, NEW)
    assert path.read_bytes() == NEW
    assert names(tmp_path) == ["best.yaml"]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is forced to the disk, by name, and each rename, in their order."""
    events: list[str] = []
    rename, replace = os.rename, os.replace

    def logged_fsync(descriptor: int) -> None:
        target = Path(f"/proc/self/fd/{descriptor}").readlink()
        events.append(f"sync {target.name.replace(str(os.getpid()), 'N')}")

    def logged_rename(source: Path, target: Path) -> None:
        (rename if Path(source).is_dir() else replace)(source, target)
        events.append("rename")

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(os, "rename", logged_rename)
    monkeypatch.setattr(os, "replace", logged_rename)
    return events


@pytest.mark.posix
def test_a_files_content_is_on_the_disk_before_its_name_and_that_before_the_return(
    tmp_path: Path, events: list[str]
) -> None:
    atomic.write_bytes(tmp_path / "best.yaml", NEW)
    assert events == ["sync .best.yaml.N.tmp", "rename", f"sync {tmp_path.name}"]


@pytest.mark.posix
@pytest.mark.parametrize("make", [atomic.new_folder, atomic.replace_folder])
def test_a_folders_content_is_on_the_disk_before_its_name_and_that_before_the_return(
    tmp_path: Path, events: list[str], make: Maker
) -> None:
    with make(tmp_path / "digits") as folder:
        fill(folder, NEW)
    content = events[: events.index("rename")]
    assert sorted(content) == ["sync .digits.N.tmp", "sync a.txt", "sync b.txt", "sync inner"]
    assert content[-1] == "sync .digits.N.tmp"
    assert events[len(content) :] == ["rename", f"sync {tmp_path.name}"]


def test_a_leftover_of_a_process_of_the_same_number_is_overwritten(tmp_path: Path) -> None:
    for leftover in (f".digits.{os.getpid()}.tmp", f".digits.old.{os.getpid()}.tmp"):
        (tmp_path / leftover).mkdir()
        (tmp_path / leftover / "half").touch()
    for content in (OLD, NEW):
        with atomic.replace_folder(tmp_path / "digits") as folder:
            fill(folder, content)
    assert names(tmp_path) == ["digits"]
    assert names(tmp_path / "digits") == ["a.txt", "inner"]


@pytest.mark.posix
def test_a_writer_killed_at_any_step_leaves_the_old_file_or_the_new(
    tmp_path: Path, killed_at_each_step: KillAt
) -> None:
    path = tmp_path / "best.yaml"
    path.write_bytes(OLD)
    seen = []
    for _ in killed_at_each_step(lambda: atomic.write_bytes(path, NEW)):
        seen.append(path.read_bytes())
        path.write_bytes(OLD)
        atomic.sweep(tmp_path)
        assert names(tmp_path) == ["best.yaml"]
    assert set(seen) == {OLD, NEW}  # killed before the rename, and after it
    assert path.read_bytes() == NEW


@pytest.mark.posix
def test_a_maker_killed_at_any_step_leaves_no_folder_or_a_full_one(
    tmp_path: Path, killed_at_each_step: KillAt
) -> None:
    path = tmp_path / "runs" / "digits"

    def make() -> None:
        with atomic.new_folder(path) as folder:
            fill(folder, NEW)

    seen = []
    for _ in killed_at_each_step(make):
        seen.append(path.exists())
        if path.exists():
            assert content_of(path) == [NEW, NEW]
            atomic.remove_folder(path)
        if path.parent.exists():
            atomic.sweep(path.parent)
            assert names(path.parent) == []
    assert set(seen) == {False, True}
    assert content_of(path) == [NEW, NEW]


def test_a_replacer_killed_at_any_step_leaves_the_old_folder_the_new_or_none(
    tmp_path: Path, killed_at_each_step: KillAt
) -> None:
    path = tmp_path / "000012"

    def replace(content: bytes) -> None:
        with atomic.replace_folder(path) as folder:
            fill(folder, content)

    replace(OLD)
    seen = set()
    for _ in killed_at_each_step(lambda: replace(NEW)):
        seen.add(content_of(path)[0] if path.exists() else None)
        replace(OLD)
        assert content_of(path) == [OLD, OLD]
        atomic.sweep(tmp_path)
        assert names(tmp_path) == ["000012"]
    assert seen == {OLD, None, NEW}
    assert content_of(path) == [NEW, NEW]


def test_a_remover_killed_at_any_step_leaves_the_folder_whole_or_nothing(
    tmp_path: Path, killed_at_each_step: KillAt
) -> None:
    path = tmp_path / "000012"
    path.mkdir()
    fill(path, OLD)
    for _ in killed_at_each_step(lambda: atomic.remove_folder(path)):
        if path.exists():
            assert content_of(path) == [OLD, OLD]
        else:
            path.mkdir()
            fill(path, OLD)
        atomic.sweep(tmp_path)
        assert names(tmp_path) == ["000012"]
    assert names(tmp_path) == []
    atomic.remove_folder(path)  # nothing there: nothing to do


@pytest.mark.parametrize("make", [atomic.new_folder, atomic.replace_folder])
def test_a_failing_body_leaves_no_trace_and_its_own_error(tmp_path: Path, make: Maker) -> None:
    def fail_within() -> None:
        with make(tmp_path / "digits") as folder:
            fill(folder, NEW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_within()
    assert names(tmp_path) == []


def test_a_new_folder_takes_an_empty_ones_place_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "digits"
    path.mkdir()
    with atomic.new_folder(path) as folder:
        fill(folder, NEW)
    with (
        pytest.raises(RunError, match=r"digits: cannot make the folder: .*; move away what stands"),
        atomic.new_folder(path) as folder,
    ):
        fill(folder, OLD)
    assert content_of(path) == [NEW, NEW]
    assert names(tmp_path) == ["digits"]


def test_a_failed_file_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "best.yaml"
    path.write_bytes(OLD)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        RunError, match=r"best.yaml: cannot write the file: No space left on device"
    ):
        atomic.write_bytes(path, NEW)
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["best.yaml"]


def test_a_scratch_folder_is_beside_and_gone_afterwards(tmp_path: Path) -> None:
    with atomic.scratch_folder(tmp_path / "work") as folder:
        fill(folder, NEW)
        assert names(tmp_path) == [f".work.{os.getpid()}.tmp"]
        atomic.sweep(tmp_path)  # this process lives
        assert content_of(folder) == [NEW, NEW]
    assert names(tmp_path) == []


def test_a_scratch_folder_of_a_failing_body_is_gone_too(tmp_path: Path) -> None:
    def work(path: Path) -> None:
        with atomic.scratch_folder(path) as folder:
            fill(folder, NEW)
            raise FileNotFoundError("of the body")

    with pytest.raises(FileNotFoundError, match="of the body"):
        work(tmp_path / "work")
    assert names(tmp_path) == []
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot make a folder to work in"):
        work(tmp_path / "file" / "work")


def test_sweeping_spares_the_living_and_everything_else(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f".best.yaml.{ended.pid}.tmp").touch()
    (tmp_path / f".000012.{ended.pid}.tmp").mkdir()
    (tmp_path / f".000012.{ended.pid}.tmp" / "arrays.npz").touch()
    kept = [
        f".best.yaml.{os.getpid()}.tmp",
        ".best.yaml.1.tmp",
        ".notes.tmp",
        "best.yaml",
        "x.7.tmp",
    ]
    for name in kept:
        (tmp_path / name).touch()
    atomic.sweep(tmp_path)
    assert names(tmp_path) == sorted(kept)
    atomic.sweep(tmp_path / "missing")


@pytest.mark.parametrize("number", ["0" * 400, "9" * 400, "0"])
def test_sweeping_survives_names_that_are_no_process(tmp_path: Path, number: str) -> None:
    (tmp_path / f".x.{number[:200]}.tmp").touch()
    atomic.sweep(tmp_path)


@pytest.mark.posix
def test_folders_are_made_on_the_way_and_a_file_stops_them(
    tmp_path: Path, events: list[str]
) -> None:
    for _ in range(2):
        atomic.make_folders(tmp_path / "a" / "b" / "c")
        assert (tmp_path / "a" / "b" / "c").is_dir()
        assert events == [f"sync {name}" for name in (tmp_path.name, "a", "b")]
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "b", tmp_path / "file"):
        with pytest.raises(FileExistsError):
            atomic.make_folders(path)


def test_a_pipe_takes_the_bytes_and_stays_a_pipe(tmp_path: Path) -> None:
    """What holds for a pipe holds for a device, such as /dev/full: nothing is renamed over it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        atomic.write_bytes(pipe, b"rows")
        assert os.read(reader, 100) == b"rows"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    atomic.write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"
