"""Real disks that are full, limited or read-only: one clear line each, and nothing lost."""

from __future__ import annotations

import errno
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.errors import RunError
from hpsearch.store.atomic import write_text
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import RunFolder

OnDisk = Callable[..., subprocess.CompletedProcess[str]]

FILL_JOURNAL = """
import sys
from pathlib import Path
from hpsearch.errors import RunError
from hpsearch.store.journal import Journal, read_journal

path = Path(sys.argv[1]) / "trials.jsonl"
with Journal(path) as journal:
    appended = 0
    try:
        while True:
            journal.append({"trial": appended, "curve": [0.125] * 100})
            appended += 1
    except RunError as error:
        print(error)
assert appended > 10
assert [record["trial"] for record in read_journal(path)] == list(range(appended))
path.with_name("ballast").unlink(missing_ok=True)  # somebody frees space
with Journal(path) as journal:
    journal.append({"trial": appended})
assert [record["trial"] for record in read_journal(path)] == list(range(appended + 1))
"""


def test_a_disk_that_fills_up_loses_no_record(on_disk: OnDisk) -> None:
    ballast = "import sys; open(sys.argv[1] + '/ballast', 'wb').write(bytes(8192))\n"
    done = on_disk(ballast + FILL_JOURNAL)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(
        "trials.jsonl: cannot write a record: No space left on device; "
        "free space and run the same command again: nothing recorded is lost\n"
    )


def test_a_full_disk_leaves_no_half_file_checkpoint_or_run(on_disk: OnDisk) -> None:
    script = """
import sys
from pathlib import Path
import numpy as np
from hpsearch.errors import RunError
from hpsearch.store.atomic import write_bytes
from hpsearch.store.checkpoint import Checkpoint, latest_checkpoint, save_checkpoint
from hpsearch.store.rundir import RunFolder

disk = Path(sys.argv[1])
write_bytes(disk / "best.yaml", b"old")
save_checkpoint(disk / "checkpoint", Checkpoint(1, {"W": np.ones(10)}))
before = sorted(disk.rglob("*"))
for action in (
    lambda: write_bytes(disk / "best.yaml", bytes(100_000)),
    lambda: save_checkpoint(disk / "checkpoint", Checkpoint(2, {"W": np.ones(20_000)})),
    lambda: RunFolder(disk / "digits").create("x" * 100_000, "y"),
):
    try:
        action()
    except RunError as error:
        print(error)
assert sorted(disk.rglob("*")) == before
assert (disk / "best.yaml").read_bytes() == b"old"
latest, notes = latest_checkpoint(disk / "checkpoint")
assert latest.epoch == 1 and not notes
"""
    done = on_disk(script)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(": ")[0].rsplit("/", 1)[1] for line in lines] == [
        "best.yaml",
        "000002",
        "digits",
    ]
    assert all(": No space left on device; free space and run" in line for line in lines)


def test_a_read_only_disk_can_be_read_and_refuses_the_rest_in_one_line(on_disk: OnDisk) -> None:
    prepare = """
import sys
from pathlib import Path
from hpsearch.store.rundir import RunFolder
RunFolder(Path(sys.argv[1]) / "digits").create("a", "b")
"""
    script = """
import sys
from pathlib import Path
from hpsearch.errors import RunError
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder, find_runs

[run] = find_runs(Path(sys.argv[1]))
assert run.results() == [] and not run.is_locked()
for action in (
    lambda: run.lock("hpsearch run").__enter__(),
    lambda: Journal(run.trials_path),
    lambda: RunFolder(Path(sys.argv[1]) / "letters").create("a", "b"),
):
    try:
        action()
    except RunError as error:
        print(error)
"""
    done = on_disk(script, read_only=prepare)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all(
        ": Read-only file system; make the file system writable, or choose another place" in line
        for line in lines
    )


def test_a_limit_on_file_size_loses_no_record(tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    script = FILL_JOURNAL.replace(
        "path.with_name(",
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "path.with_name(",
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=limit,
    )
    assert done.returncode == 0, done.stderr
    assert "cannot write a record: File too large; raise the limit on file sizes" in done.stdout


def test_every_error_is_one_line_with_path_reason_and_advice() -> None:
    path = Path("runs") / "digits"
    for number in errno.errorcode:
        with pytest.raises(RunError) as caught, disk_errors(path, "write the file"):
            raise OSError(number, "the reason", str(path))
        start, advice = caught.value.message.split("; ", 1)
        assert start == "runs/digits: cannot write the file: the reason"
        assert len(advice) > 20
        assert "\n" not in advice


def test_a_file_above_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(RunError, match=r"File exists \(.*/runs\); move away what stands there"):
        RunFolder(tmp_path / "runs" / "digits").create("a", "b")


def test_an_error_without_a_number_keeps_its_words(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match=r"cannot read: odd; when that is mended"),
        disk_errors(tmp_path, "read"),
    ):
        raise OSError("odd")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "table.csv"
    with pytest.raises(RunError, match=f"there is no folder {path.parent}: make it"):
        write_text(path, "trial\n")


def test_a_folder_that_takes_no_files() -> None:
    with pytest.raises(RunError, match=r"run the same command again, or choose another place"):
        write_text(Path("/proc/table.csv"), "trial\n")
