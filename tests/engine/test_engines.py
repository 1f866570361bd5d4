"""The same search on every engine: same table, nothing lost, nothing left behind. Real processes.

A search with dask takes 2 seconds to start and one with ray 10, so the latter are for ``-m slow``.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpsearch.engine import cluster, dask_pool
from hpsearch.engine.pools import open_pool
from hpsearch.errors import RunError, UsageError
from tests.engine.dask_cluster import local_cluster
from tests.shell import Shell

LIBRARIES = {"dask": "distributed", "ray": "ray"}
WITH_RAY = ["dask", pytest.param("ray", marks=pytest.mark.slow)]

# With the seed 3, trial 0 raises and trial 2 ends its process, each time that it is trained.
OBJECTIVE = """
import os, signal
def cost(w):
    print("w is", w)
    if w > 13 and w < 19:
        os.kill(os.getpid(), signal.SIGKILL)
    if w > 10:
        raise ValueError("too large")
    for epoch in range(3):
        yield (w - 5) ** 2 / (epoch + 1)
"""
FUNCTION = """
name: search
trainable: objective.py:cost
epochs: 3
metric: J
seed: 3
parameters: {w: {min: -10, max: 20}}
search: {max_trials: 8, lookahead: 4}
"""
NETWORK = """
name: search
data: digits
epochs: 2
parameters:
  alpha:        {min: 1e-4, max: 1, scale: log}
  hidden_units: {min: 8, max: 24, type: int}
  dropout:      {min: 0, max: 0.5}
  batch_size:   256
search: {max_trials: 10, lookahead: 4}
"""
CONFIGS = {"function": FUNCTION, "network": NETWORK}
SLEEPER = """
import os, pathlib, time
def cost(w):
    pathlib.Path(f"started-{os.getpid()}").touch()
    while not pathlib.Path("go-on").exists():
        time.sleep(0.05)
    return (w - 5) ** 2
"""


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if importlib.util.find_spec(LIBRARIES[name]) is None:
        pytest.skip(f"{LIBRARIES[name]} is not installed: pip install 'hpsearch[{name}]'")
    return name


def shell_in(folder: Path, config: str, objective: str = OBJECTIVE) -> Shell:
    folder.mkdir(exist_ok=True)
    shell = Shell(folder)
    shell.write("config.yaml", config)
    shell.write("objective.py", objective)
    return shell


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The tables of one worker of loky's."""
    tables = {}
    for name, config in CONFIGS.items():
        shell = shell_in(tmp_path_factory.mktemp(name), config)
        done = shell("run", "config.yaml", "-w", "1", "-q")
        assert done.code == 0, done.err
        tables[name] = shell.table("search")
    assert {"done", "failed"} <= {line.split(",")[2] for line in tables["function"].split()[1:]}
    return tables


def marked(mark: str) -> list[int]:
    """The living processes that have ``mark`` in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and f"MARK={mark}".encode() in (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def wait_until_gone(mark: str, engine: str) -> None:
    # Two agents of ray's own wait for up to a minute for a server that was killed with them.
    deadline = time.monotonic() + (90 if engine == "ray" else 20)
    while marked(mark):
        assert time.monotonic() < deadline, "processes outlive the search"
        time.sleep(0.05)


@pytest.mark.parametrize("engine", WITH_RAY, indirect=True)
@pytest.mark.parametrize(
    ("config", "workers"),
    [
        ("function", "1"),
        pytest.param("function", "2", marks=pytest.mark.slow),
        pytest.param("network", "1", marks=pytest.mark.slow),
        ("network", "2"),
    ],
)
def test_the_same_table_on_every_engine_and_a_clean_screen(
    tmp_path: Path, engine: str, workers: str, config: str, expected: dict[str, str]
) -> None:
    shell = shell_in(tmp_path, CONFIGS[config])
    done = shell("run", "config.yaml", "-w", workers, "-q", "--engine", engine, MARK=str(tmp_path))
    assert done.code == 0, done.err
    # The first run of a folder may be told of an extra that is not installed.
    assert [line for line in done.err.splitlines() if not line.startswith("note: ")] == []
    assert shell.table("search") == expected[config]
    wait_until_gone(str(tmp_path), engine)
    if config == "function":
        errors = [r["error"] or "" for r in shell.records("search")]
        died = [error for error in errors if "its worker process" in error]
        assert died
        assert all("killed by SIGKILL" in error for error in died)
        log = (shell.folder / "runs/search/trials/0000/log.txt").read_text()
        assert log.startswith("w is ")


@pytest.mark.slow
@pytest.mark.parametrize("engine", WITH_RAY, indirect=True)
def test_a_killed_coordinator_takes_all_along_and_another_engine_goes_on(
    tmp_path: Path, engine: str, expected: dict[str, str]
) -> None:
    shell = shell_in(tmp_path, FUNCTION)
    process = shell.start("run", "config.yaml", "-w", "2", "--engine", engine, MARK=str(tmp_path))
    journal = shell.folder / "runs/search/trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 3, process)
    process.kill()
    process.communicate()
    wait_until_gone(str(tmp_path), engine)
    done = shell("run", "config.yaml", "-w", "2", "-q", "--engine", "loky")
    assert done.code == 0, done.err
    assert shell.table("search") == expected["function"]


@pytest.mark.parametrize("engine", WITH_RAY, indirect=True)
@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_lets_trials_finish_and_a_second_does_not(
    tmp_path: Path, engine: str, times: int
) -> None:
    shell = shell_in(tmp_path, FUNCTION.replace("epochs: 3", "epochs: 1"), SLEEPER)
    process = shell.start(
        "run",
        "config.yaml",
        "-w",
        "2",
        "--progress",
        "plain",
        "--engine",
        engine,
        MARK=str(tmp_path),
    )
    shell.wait_for(lambda: len(list(tmp_path.glob("started-*"))) == 2, process)
    for _ in range(times):
        shell.signal_group(process, signal.SIGINT)
        time.sleep(0.3)
    if times == 1:
        shell.write("go-on", "")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert len(shell.records("search")) == (2 if times == 1 else 0)
    assert "Traceback" not in err
    wait_until_gone(str(tmp_path), engine)


def test_dask_looks_after_the_time_limit(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="pip install 'hpsearch[dask]'")
    shell = shell_in(tmp_path, FUNCTION.replace("max_trials: 8", "max_trials: 2"), SLEEPER)
    done = shell(
        "run", "config.yaml", "-w", "2", "-q", "--engine", "dask", "--set", "run.time_limit=0.5"
    )
    assert done.code == 1
    assert [record["error"] for record in shell.records("search")] == [
        "it took longer than run.time_limit"
    ] * 2


@pytest.fixture
def dask_cluster() -> Iterator[Any]:
    """A cluster that is there before the search, in this process: one worker with two threads."""
    with local_cluster(threads=2) as cluster:
        yield cluster


def test_a_cluster_that_is_there_already(
    tmp_path: Path, dask_cluster: Any, expected: dict[str, str]
) -> None:
    shell = shell_in(tmp_path, NETWORK)
    address = dask_cluster.scheduler_address
    done = shell("run", "config.yaml", "-w", "2", "-q", "--engine", "dask", "--address", address)
    assert done.code == 0, done.err
    assert shell.table("search") == expected["network"]


def test_a_cluster_lets_go_of_a_killed_coordinators_trials(
    tmp_path: Path, dask_cluster: Any
) -> None:
    shell = shell_in(tmp_path, FUNCTION, SLEEPER)
    address = dask_cluster.scheduler_address
    process = shell.start("run", "config.yaml", "-w", "2", "--engine", "dask", "--address", address)
    shell.wait_for(lambda: len(list(tmp_path.glob("started-*"))) == 2, process)
    process.kill()
    process.communicate()
    pids = [int(path.name.partition("-")[2]) for path in tmp_path.glob("started-*")]
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, "trials go on that nobody waits for"
        time.sleep(0.05)


def test_a_cluster_without_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with local_cluster(workers=0) as empty:
        pool = open_pool("dask", 2, 1, empty.scheduler_address)
        try:
            with pytest.raises(RunError, match=r"has had no workers for 0\.5 seconds; start"):
                pool.submit(os.getpid).result(timeout=30)
        finally:
            pool.close()


@pytest.mark.slow  # dask's client tries for half a minute to reach it again
def test_a_cluster_that_goes_away_ends_the_search() -> None:
    with local_cluster() as leaving:
        pool = open_pool("dask", 1, 1, leaving.scheduler_address)
        try:
            answer = pool.submit(time.sleep, 60)
            threading.Timer(0.5, leaving.close).start()
            with pytest.raises(RunError, match="is gone; when it is there again, go on with"):
                answer.result(timeout=60)
        finally:
            pool.close()


def test_what_a_closing_cluster_no_longer_waits_for_is_not_said() -> None:
    pytest.importorskip("distributed", reason="pip install 'hpsearch[dask]'")
    code = (
        "import asyncio, gc; from hpsearch.engine.pools import open_pool\n"
        "pool = open_pool('dask', 1, 1)\n"
        "async def abandon(): asyncio.get_running_loop().create_future().set_exception(OSError())\n"
        "asyncio.run(abandon()); gc.collect(); pool.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stderr == ""


def test_no_cluster_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="pip install 'hpsearch[dask]'")
    monkeypatch.setattr(dask_pool, "CONNECT_SECONDS", 0.3)
    with pytest.raises(RunError, match=r"no dask scheduler answers at 127\.0\.0\.1:9"):
        open_pool("dask", 1, 1, "127.0.0.1:9")


@pytest.mark.slow  # importing ray alone takes seconds
def test_no_ray_cluster_answers() -> None:
    pytest.importorskip("ray", reason="pip install 'hpsearch[ray]'")
    with pytest.raises(RunError, match=r"no ray cluster answers at 127\.0\.0\.1:9 \(.*refused\)"):
        open_pool("ray", 1, 1, "127.0.0.1:9")
    with pytest.raises(UsageError, match="'nonsense' is no address of ray's"):
        open_pool("ray", 1, 1, "nonsense")


@pytest.mark.parametrize("engine", LIBRARIES)
def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    monkeypatch.setitem(sys.modules, LIBRARIES[engine], None)
    with pytest.raises(UsageError, match=rf"{engine} .*: pip install 'hpsearch\[{engine}\]'"):
        open_pool(engine, 1, 1)


@pytest.mark.parametrize("engine", ["loky"])
def test_libraries_are_loaded_only_where_they_are_used(engine: str) -> None:
    code = (
        f"import sys; from hpsearch.engine.pools import open_pool; open_pool({engine!r}, 1, 1); "
        "print([name for name in ('dask', 'distributed', 'ray') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
