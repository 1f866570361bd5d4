"""What is wrong with a cluster is said in the words of whoever found it. Real processes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpsearch.engine import messenger
from hpsearch.engine.dask_pool import DaskPool
from hpsearch.errors import RunError
from tests.engine.dask_cluster import local_cluster
from tests.shell import Shell

distributed = pytest.importorskip("distributed", reason="pip install 'hpsearch[dask]'")

CONFIG = """
name: c
trainable: m.py:f
metric: {name: J, goal: minimize}
parameters: {a: {min: 0, max: 1}}
search: {max_trials: 4}
run: {engine: dask, workers: 1}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("m.py", "def f(a):\n    return a\n")
    shell.write("c.yaml", CONFIG)
    return shell


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A cluster in this process: what is changed here is another machine to a search."""
    with local_cluster() as cluster:
        yield cluster


def ends_with(shell: Shell, address: str, code: int) -> str:
    """What the command says on its last line, and nothing else, when it ends with a code."""
    done = shell("run", "c.yaml", "-q", "--address", address)
    assert (done.code, done.out) == (code, ""), done.err
    assert len(done.err.splitlines()) == 1, done.err
    return done.err


def test_other_versions_are_named(
    shell: Shell, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = [(n, "1.0.0" if n == "NumPy" else v) for n, v in messenger.versions()]
    monkeypatch.setattr(messenger, "versions", lambda: tuple(theirs))
    said = ends_with(shell, cluster.scheduler_address, 1)
    assert said.startswith("error: NumPy is 1.0.0 on ")
    assert "install the same versions on all machines" in said
    assert shell.records("c") == []


def test_a_folder_that_is_not_shared_is_named(
    shell: Shell, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = messenger.Messenger._take

    def take_elsewhere(self: Any, setup: messenger.Setup) -> Any:
        return take(self, replace(setup, folder="/no/such/folder"))

    monkeypatch.setattr(messenger.Messenger, "_take", take_elsewhere)
    said = ends_with(shell, cluster.scheduler_address, 1)
    assert said.startswith("error: /no/such/folder: is not there on ")
    assert "on a disk they share" in said
    assert shell.records("c") == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "localhost",
            "'localhost' has no port; write it as the scheduler prints it, for example "
            "tcp://localhost:8786",
        ),
        ("tls://10.0.0.5", "for example tls://10.0.0.5:8786"),
        ("nonsense://x:1", "it knows no nonsense://, only"),
    ],
)
def test_an_address_that_is_none(shell: Shell, address: str, said: str) -> None:
    assert said in ends_with(shell, address, 2)


@pytest.mark.parametrize("error", [OSError("no"), KeyError("unforeseen")])
def test_a_scheduler_of_our_own_that_does_not_answer_is_closed(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    class Cluster:
        def __init__(self, **_: Any) -> None:
            pass

        def close(self) -> None:
            closed.append(True)

    def refuse(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(distributed, "LocalCluster", Cluster)
    monkeypatch.setattr(distributed, "Client", refuse)
    with pytest.raises((RunError, KeyError)) as caught:
        DaskPool(1, 1, None)
    assert closed == [True]
    if isinstance(error, OSError):
        assert "dask's own scheduler, started in this process, did not answer" in str(caught.value)
