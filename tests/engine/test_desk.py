"""What a trial changes in its worker ends with it; its log has a limit."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hpsearch.engine import desk
from hpsearch.engine.desk import redirected, restored
from hpsearch.errors import RunError


@pytest.mark.parametrize(
    "spoil",
    [
        "sys.stdout.close()",
        "sys.stdout = None",
        "sys.stdout = sys.stderr = open(os.devnull); sys.stdout.close()",
        "os.close(1); os.close(2)",
        "sys.stdout.write('x'); os.close(1)",
        "sys.stderr = sys.stdin = 5",
    ],
)
def test_streams_and_descriptors_are_what_they_were(tmp_path: Path, spoil: str) -> None:
    code = (
        "import os, sys; from pathlib import Path; from hpsearch.engine.desk import redirected\n"
        "with redirected(Path('first'), 1e6):\n"
        f"    {spoil}\n"
        "with redirected(Path('second'), 1e6):\n"
        "    print('out'); print('err', file=sys.stderr); os.system('echo below')\n"
        "print('at the end')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("at the end\n", "")
    assert (tmp_path / "second").read_text() == "out\nerr\nbelow\n"


def test_what_a_trial_may_change_is_put_back() -> None:
    def state() -> tuple[object, ...]:
        mask = os.umask(0)
        os.umask(mask)
        handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
        return (
            Path.cwd(),
            dict(os.environ),
            list(sys.path),
            list(sys.argv),
            sys.getrecursionlimit(),
            np.geterr(),
            mask,
            handlers,
            signal.getitimer(signal.ITIMER_REAL),
        )

    before = state()
    with restored(3):
        first = random.random(), np.random.random()  # noqa: NPY002
        os.chdir("/")
        os.environ["SPOILED"] = "1"
        sys.path.insert(0, "/spoiled")
        sys.argv.append("spoiled")
        sys.setrecursionlimit(5000)
        np.seterr(all="ignore")
        os.umask(0o777)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.alarm(100)
    assert state() == before
    with restored(3):
        assert (random.random(), np.random.random()) == first  # noqa: NPY002


def test_a_folder_that_is_gone_is_nobodys_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    going = tmp_path / "going"
    going.mkdir()
    os.chdir(going)
    gone = "the folder in which the search was started is gone"
    with pytest.raises(RunError, match=f"going: {gone}"), restored(0):
        going.rmdir()
    with pytest.raises(RunError, match=gone), restored(0):
        pass


def test_a_log_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    with redirected(path, 1000) as log:
        os.write(1, b"a" * 999 + b"bc")
        desk.look_after_log()
        os.write(1, b"lost" * 1000)
        print("lost as well")
        log.write("what ended it\n")
    text = path.read_text()
    assert text.startswith("a" * 999 + "b\nhpsearch: the log is cut here, after run.log_limit: ")
    assert text.endswith("\nwhat ended it\n")
    assert "lost" not in text


def test_a_log_within_its_limit_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    with redirected(path, 1000):
        os.write(2, b"a" * 1000)
        desk.look_after_log()
    assert path.read_text() == "a" * 1000


def test_a_log_that_nobody_looked_at_is_cut_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    before = [os.fstat(number).st_ino for number in (1, 2)]
    with redirected(path, 1000):
        os.write(1, b"a" * 5000)
    assert path.read_text().startswith("a" * 1000 + "\nhpsearch: the log is cut here")
    assert path.stat().st_size < 1200
    assert [os.fstat(number).st_ino for number in (1, 2)] == before
