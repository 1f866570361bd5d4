"""Which kernels a run trains with: resolved when it is started, and never changed on the way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.config import load_config, load_text
from hpsearch.errors import UsageError
from hpsearch.network import kernels
from hpsearch.records import State, Trial, TrialResult
from hpsearch.search.open_run import Launch, open_run
from hpsearch.store.journal import Journal

Installed = Callable[[bool], None]


@pytest.fixture
def numba_installed(monkeypatch: pytest.MonkeyPatch) -> Installed:
    def install(there: bool) -> None:
        monkeypatch.setattr(kernels, "find_spec", lambda name: name if there else None)

    return install


def opened(root: Path, more: str = "", name: str = "k") -> Launch:
    text = f"name: {name}\ndata: digits\nparameters: {{alpha: {{min: 0.1, max: 1}}}}\n{more}"
    with open_run(load_text(text, "c.yaml", root, "k"), root, "test") as launch:
        return launch


def recorded(root: Path) -> str:
    return load_config(root / "k" / "resolved.yaml").config.run.kernels


def test_a_run_keeps_the_kernels_it_was_started_with(
    tmp_path: Path, numba_installed: Installed
) -> None:
    numba_installed(False)
    assert opened(tmp_path).config.run.kernels == "numpy"
    numba_installed(True)
    assert opened(tmp_path).config.run.kernels == "numpy"
    assert recorded(tmp_path) == "numpy"


def test_auto_takes_numba_where_it_is_installed(tmp_path: Path, numba_installed: Installed) -> None:
    numba_installed(True)
    launch = opened(tmp_path)
    assert launch.config.run.kernels == "numba"
    assert not launch.hint
    assert recorded(tmp_path) == "numba"


def test_the_first_run_says_what_numba_would_give(
    tmp_path: Path, numba_installed: Installed
) -> None:
    numba_installed(False)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / ".gitkeep").touch()  # which is no run
    assert "pip install 'hpsearch[fast]'" in opened(tmp_path / "runs").hint
    assert not opened(tmp_path / "runs", name="second").hint
    assert not opened(tmp_path / "others", "run: {kernels: numpy}\n").hint


def test_other_trainables_have_no_kernels(tmp_path: Path, numba_installed: Installed) -> None:
    numba_installed(True)
    text = (
        "name: k\ntrainable: {command: 'echo {w}'}\nmetric: {name: J, goal: minimize}\n"
        "parameters: {w: {min: 0, max: 1}}\n"
    )
    with open_run(load_text(text, "c.yaml", tmp_path, "k"), tmp_path, "test") as launch:
        assert launch.config.run.kernels == "auto"


def test_other_kernels_under_one_name_are_refused_once_there_are_trials(
    tmp_path: Path, numba_installed: Installed
) -> None:
    numba_installed(False)
    launch = opened(tmp_path)
    with Journal(launch.folder.trials_path) as journal:
        trial = Trial(index=0, seed=1, hparams={}, unit=())
        journal.append(TrialResult(trial, State.DONE, 0.5, 1, 1, {}).to_record())
    with pytest.raises(UsageError, match=r"run\.kernels"):
        opened(tmp_path, "run: {kernels: numba}\n")
