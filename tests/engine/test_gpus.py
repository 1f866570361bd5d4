"""Each worker sees a GPU of its own. The devices are numbers only: no GPU is needed here."""

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hpsearch.config.load import load_config
from hpsearch.config.model import RunConfig
from hpsearch.engine import gpus as gpus_module
from hpsearch.engine.gpus import Gpus, gpus_line, visible_devices
from hpsearch.engine.pools import planned_workers
from hpsearch.errors import RunError, UsageError
from tests.engine.dask_cluster import local_cluster
from tests.shell import Shell

VARIABLES = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "OMP_NUM_THREADS")

# Noted as the module is imported, which is when a framework would look. The first four trials wait
# for one another, so that all four are at work at once.
OBJECTIVE = f"""
import json, os, pathlib, time
SEEN = [os.environ.get(name) for name in {VARIABLES}]
def cost(w):
    path = pathlib.Path(f"seen-{{os.getpid()}}.json")
    path.write_text(json.dumps(SEEN))
    while len(list(pathlib.Path().glob("seen-*.json"))) < 4:
        time.sleep(0.01)
    assert SEEN[0] == os.environ.get("CUDA_VISIBLE_DEVICES")
    return (w - 5) ** 2
"""
CONFIG = """
name: search
trainable: objective.py:cost
metric: J
parameters: {w: {min: -10, max: 20}}
search: {max_trials: 8, lookahead: 8}
run: {gpus: [0, 1], trials_per_gpu: 2}
"""
ENGINES = ["loky", "dask", pytest.param("ray", marks=pytest.mark.slow)]
LIBRARIES = {"dask": "distributed", "ray": "ray"}


@pytest.fixture(autouse=True)
def nothing_visible_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (gpus_module.CUDA, gpus_module.HIP, gpus_module.ORDER):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG)
    shell.write("objective.py", OBJECTIVE)
    return shell


def needs(engine: str) -> None:
    if engine in LIBRARIES and importlib.util.find_spec(LIBRARIES[engine]) is None:
        pytest.skip(f"{LIBRARIES[engine]} is not installed: pip install 'hpsearch[{engine}]'")


def seen(folder: Path) -> list[list[str | None]]:
    return [json.loads(path.read_text()) for path in folder.glob("seen-*.json")]


def fake_smi(folder: Path, body: str) -> None:
    """An nvidia-smi on the path that does this."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


# --- whole searches -------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_each_of_four_workers_has_its_share(shell: Shell, engine: str) -> None:
    needs(engine)
    done = shell("run", "config.yaml", "-q", "--engine", engine)
    assert done.code == 0, done.err
    assert "note: 4 workers on 2 GPUs (0, 1), 2 trials on each" in done.err
    found = seen(shell.folder)
    devices = Counter(str(cuda) for cuda, *_ in found)
    if engine == "ray":  # it may begin another process while one is idle
        assert set(devices) == {"0", "1"}
    else:
        assert devices == {"0": 2, "1": 2}
    assert all(hip == cuda for cuda, hip, *_ in found)
    assert {(order, threads) for *_, order, threads in found} == {("PCI_BUS_ID", "1")}


def test_the_table_is_that_of_a_search_without_gpus(shell: Shell) -> None:
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    table = shell.table("search")
    plain = ["--set", "run.gpus=null", "--set", "run.trials_per_gpu=1", "--name", "plain"]
    done = shell("run", "config.yaml", "-q", "-w", "4", *plain)
    assert done.code == 0, done.err
    assert shell.table("plain") == table
    # And with other devices the same run goes on.
    more = ["--set", "run.gpus=[1]", "--set", "search.max_trials=10"]
    done = shell("run", "config.yaml", "-q", *more)
    assert done.code == 0, done.err
    assert len(shell.records("search")) == 10


def test_a_worker_that_dies_leaves_its_slot_to_the_next(shell: Shell) -> None:
    shell.write(
        "objective.py",
        "import os, pathlib, signal\n"
        "def cost(w):\n"
        "    with open('seen.txt', 'a') as file:\n"
        "        file.write(os.environ['CUDA_VISIBLE_DEVICES'] + '\\n')\n"
        "    if not pathlib.Path('died').exists():\n"
        "        pathlib.Path('died').touch()\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return (w - 5) ** 2\n",
    )
    done = shell("run", "config.yaml", "-q", "--set", "run.trials_per_gpu=1")
    assert done.code == 0, done.err
    assert {record["state"] for record in shell.records("search")} == {"done"}
    assert set((shell.folder / "seen.txt").read_text().split()) <= {"0", "1"}


def test_a_command_sees_it_too(shell: Shell) -> None:
    shell.write(
        "config.yaml",
        CONFIG.replace(
            "objective.py:cost",
            "{command: \"sh -c 'echo J: $CUDA_VISIBLE_DEVICES; echo {w} > /dev/null'\"}",
        ),
    )
    more = ["--set", "run.gpus=[7]", "--set", "run.trials_per_gpu=1"]
    done = shell("run", "config.yaml", "-q", *more)
    assert done.code == 0, done.err
    assert {record["value"] for record in shell.records("search")} == {7.0}


def test_without_semaphores_it_is_the_same(tmp_path: Path) -> None:
    script = (
        "import os\n"
        "from hpsearch.engine.gpus import Gpus\n"
        "from hpsearch.engine.local_pool import LocalPool\n"
        "gpus = Gpus((0, 1))\n"
        "pool = LocalPool(2, 1, gpus)\n"
        "answers = [pool.submit(os.getenv, 'CUDA_VISIBLE_DEVICES') for _ in range(6)]\n"
        "print(sorted({answer.result() for answer in answers}) <= ['0', '1'])\n"
        "pool.close()\n"
        "print(gpus.folder.exists())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.stdout.split(), done.stderr) == (["True", "False"], "")


def test_dask_workers_need_the_resource(shell: Shell) -> None:
    needs("dask")
    with local_cluster() as cluster:
        address = cluster.scheduler_address
        done = shell("run", "config.yaml", "-q", "--engine", "dask", "--address", address)
    assert done.code == 1
    assert f"no dask worker at {address} has the resource GPU; start them with" in done.err


# --- which devices --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cuda", "asked", "expected"),
    [
        (None, [0, 3], ("0", "3")),
        (None, ["GPU-8f1c"], ("GPU-8f1c",)),
        ("4,5", [0, 1], ("4", "5")),  # as a scheduler of jobs gives them
        ("4, 5", [1], ("5",)),
        ("GPU-a,GPU-b", [1], ("GPU-b",)),
        ("4,5", None, ("4", "5")),
    ],
)
def test_numbers_count_among_the_visible_ones(
    monkeypatch: pytest.MonkeyPatch,
    cuda: str | None,
    asked: list[int | str] | None,
    expected: tuple[str, ...],
) -> None:
    if cuda is not None:
        monkeypatch.setenv(gpus_module.CUDA, cuda)
    assert visible_devices(asked) == expected


def test_a_number_beyond_the_visible_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gpus_module.CUDA, "4,5")
    with pytest.raises(UsageError, match=r"no GPU 2: CUDA_VISIBLE_DEVICES lets us see 2 GPUs"):
        visible_devices([0, 2])


def test_all_asks_nvidia_smi(shell: Shell) -> None:
    fake_smi(shell.folder, "printf '0\\n1\\n2\\n'")
    path = f"{shell.folder}{os.pathsep}{os.environ['PATH']}"
    more = ["--set", "run.gpus=all", "--set", "run.trials_per_gpu=1"]
    shown = shell("preview", "config.yaml", *more, PATH=path)
    assert shown.code == 0, shown.err
    assert "3 workers on 3 GPUs (0, 1, 2)" in shown.out


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "all asks nvidia-smi, which is not on the path; write their numbers"),
        ("echo driver not loaded >&2; exit 9", "which failed (driver not loaded); write"),
        ("exit 0", "which lists no GPU; write their numbers"),
    ],
)
def test_all_without_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str | None, message: str
) -> None:
    if body is not None:
        fake_smi(tmp_path, body)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        visible_devices(None)
    assert message in caught.value.message


def test_a_slot_is_taken_once_and_the_devices_in_turn() -> None:
    gpus = Gpus((0, 1), per_gpu=2)
    found = [gpus_module._free_device(gpus) for _ in range(4)]
    assert found == ["0", "1", "0", "1"]
    assert len(list(gpus.folder.iterdir())) == 4
    gpus.tidy()
    assert not gpus.folder.exists()


def test_more_workers_than_slots_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus_module, "WAIT_FOR_SLOT", 0.1)
    gpus = Gpus((0,), per_gpu=2)
    assert [gpus_module._free_device(gpus) for _ in range(2)] == ["0", "0"]
    with pytest.raises(RunError, match=r"2 trials at once are all .* start fewer"):
        gpus_module._free_device(gpus)
    gpus.tidy()


def test_a_machine_without_the_gpus_is_told_and_no_trial_blamed(tmp_path: Path) -> None:
    script = (
        "import os\n"
        "from hpsearch.engine.gpus import Gpus\n"
        "from hpsearch.engine.local_pool import LocalPool\n"
        "os.environ['CUDA_VISIBLE_DEVICES'] = '4'\n"
        "pool = LocalPool(1, 1, Gpus((0, 1)))\n"
        "print(repr(pool.submit(os.getpid).exception()))\n"
        "pool.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout.startswith("RunError"), done.stderr
    assert "there is no GPU 1" in done.stdout


def test_from_python_it_is_said_too(shell: Shell) -> None:
    shell.write(
        "script.py",
        "import hpsearch\n"
        "if __name__ == '__main__':\n"
        "    run = hpsearch.run('config.yaml')\n"
        "    print(len(run.trials))\n",
    )
    done = subprocess.run(
        [sys.executable, "script.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=shell.folder,
    )
    assert done.stdout.split()[-1] == "8", done.stderr
    assert "4 workers on 2 GPUs (0, 1), 2 trials on each" in done.stdout + done.stderr


def test_a_device_that_was_assigned_needs_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gpus_module.CUDA, "x")
    monkeypatch.setenv(gpus_module.HIP, "x")
    monkeypatch.setenv(gpus_module.ORDER, "FASTEST_FIRST")
    gpus = Gpus((0, 1)).to("3")
    gpus.take()
    assert [os.environ[name] for name in VARIABLES[:3]] == ["3", "3", "FASTEST_FIRST"]
    assert not gpus.folder.exists()


@pytest.mark.parametrize(("per_gpu", "share"), [(1, 1.0), (2, 0.5), (3, 0.3333), (8, 0.125)])
def test_the_share_of_a_device(per_gpu: int, share: float) -> None:
    assert Gpus((0,), per_gpu).share == share
    assert per_gpu * share <= 1


# --- how many workers -----------------------------------------------------------------------


def test_as_many_workers_as_there_is_room_for() -> None:
    run = RunConfig(gpus=(0, 1, 2), trials_per_gpu=2)
    assert planned_workers(run) == 6
    assert planned_workers(run, 4) == 4
    assert gpus_line(run) == "3 GPUs (0, 1, 2), 2 trials on each"
    with pytest.raises(UsageError, match=r"room for 6 trials at once, and 7 workers are asked"):
        planned_workers(run, 7)


def test_on_a_cluster_the_devices_are_each_machines() -> None:
    run = RunConfig(gpus=(0, 1), address="tcp://10.0.0.5:8786", workers=16)
    assert planned_workers(run) == 16
    assert gpus_line(run) == "GPUs 0, 1 of each machine"
    assert gpus_line(RunConfig(gpus="all", address="tcp://a:1")) == "all GPUs of each machine"


# --- the config -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("run.gpus=[]", "run.gpus: names no GPU; write gpus: [0], or delete it"),
        ("run.gpus=[1, 1]", "run.gpus: 1 is there twice; to share a GPU write trials_per_gpu: 2"),
        ("run.gpus=2", "run.gpus: must be a list or all, not 2; for example gpus: [0, 1]"),
        ("run.gpus=[-1]", "run.gpus[0]: must be"),
        ("run.workers=5", "5 workers need 5 places on GPUs, and there are 4; write workers: 4"),
        ("run.cuda=[0]", "unknown key; here it is called gpus"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(shell: Shell, option: str, message: str) -> None:
    done = shell("run", "config.yaml", "--set", option)
    assert done.code == 2
    assert message in done.err
    assert not (shell.folder / "runs/search").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["run.gpus=null"], "run.trials_per_gpu: has no effect without gpus"),
        (["search.lookahead=2"], "there is room for 4 trials at once, and with a lookahead of 2"),
        (
            ["trainable=network", "data=digits", "metric=dev_error", "parameters={alpha: 0.1}"],
            "run.gpus: has no effect: the built-in network trains on the CPU",
        ),
    ],
)
def test_what_is_probably_not_meant(shell: Shell, options: list[str], message: str) -> None:
    loaded = load_config(shell.folder / "config.yaml", options)
    assert any(message in warning for warning in loaded.warnings), loaded.warnings


def test_the_best_config_names_no_devices(shell: Shell) -> None:
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    best = load_config(shell.folder / "runs/search/best.yaml")
    assert (best.config.run.gpus, best.config.run.trials_per_gpu) == (None, 1)
    assert best.warnings == []
    resolved = (shell.folder / "runs/search/resolved.yaml").read_text()
    assert "  gpus: [0, 1]\n  trials_per_gpu: 2\n" in resolved
