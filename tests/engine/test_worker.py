"""One trial in a worker, called in this process: states, cut-offs, going on, and a clean desk."""

import dataclasses
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from hpsearch.engine import worker
from hpsearch.engine.worker import Job, train
from hpsearch.errors import RunError
from hpsearch.records import Goal, Metric, State, Trial
from hpsearch.store.rundir import RunFolder
from hpsearch.training.protocol import Context, TrainableSpec

CURVE = """
import os, pathlib
class Model:
    def __init__(self, a, seed):
        self.a, self.epoch = a, 0
    def train_epoch(self, epoch):
        assert epoch == self.epoch + 1
        self.epoch = epoch
        crash = pathlib.Path("crash")
        if crash.exists() and epoch == int(crash.read_text()):
            crash.unlink()
            raise KeyboardInterrupt("cut short")
        return {"loss": self.a / epoch, "more": float(epoch)}
    def save(self):
        return {"epoch": self.epoch}
    def load(self, state):
        self.epoch = int(state["epoch"])
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model_of_worker_test.py").write_text(CURVE)
    folder = RunFolder(tmp_path / "runs" / "test")
    folder.create("", "")
    return folder


def job(run: RunFolder, body: str | None = None, name: str = "Model", **changes: Any) -> Job:
    file = run.path.parents[1] / "model_of_worker_test.py"
    if body is not None:
        file = file.with_name(f"user_{abs(hash(body))}.py")
        file.write_text(body)
    trial = Trial(3, 77, {"a": 1.0}, (0.5,), cutoffs=changes.pop("cutoffs", {}))
    made = Job(
        folder=str(run.path),
        trial=trial,
        inactive=(),
        trainable=TrainableSpec("object", f"{file}:{name}"),
        metric=Metric("loss"),
        epochs=10,
        time_limit=None,
        checkpoint_every=0.0,
    )
    return dataclasses.replace(made, **changes)


def test_done(run: RunFolder) -> None:
    result = train(job(run))
    assert (result.state, result.value, result.best_epoch, result.epochs) == (
        State.DONE,
        0.1,
        10,
        10,
    )
    assert result.curves["loss"] == tuple(1 / e for e in range(1, 11))
    assert result.curves["more"] == tuple(float(e) for e in range(1, 11))
    assert not run.curve_path(3).exists()
    assert not run.log_path(3).exists()


@pytest.mark.parametrize(
    ("cutoffs", "state", "epochs"),
    [
        ({4: 0.25}, State.DONE, 10),  # as bad as allowed: it may go on
        ({4: 0.2499}, State.STOPPED, 4),
        ({2: 9.0, 5: 0.1, 9: 0.0}, State.STOPPED, 5),
        ({10: 0.0}, State.STOPPED, 10),
    ],
)
def test_cutoffs(run: RunFolder, cutoffs: dict[int, float], state: State, epochs: int) -> None:
    result = train(job(run, cutoffs=cutoffs))
    assert (result.state, result.epochs) == (state, epochs)
    assert result.value == 1 / epochs


def test_cutoffs_of_a_metric_that_is_maximised(run: RunFolder) -> None:
    # "more" is 1, 2, 3 …: after epoch 3 it is 3.
    metric = Metric("more", Goal.MAXIMIZE)
    assert train(job(run, metric=metric, cutoffs={3: 3.1})).epochs == 3
    forget(run)
    assert train(job(run, metric=metric, cutoffs={3: 3.0})).epochs == 10


@pytest.mark.parametrize("at", [1, 2, 5, 10])
@pytest.mark.parametrize("cutoffs", [{}, {4: 0.2499}])
def test_cut_short_and_gone_on_with_it_is_as_if_never(
    run: RunFolder, at: int, cutoffs: dict[int, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(job(run, cutoffs=cutoffs))
    forget(run)
    Path("crash").write_text(str(at))
    with monkeypatch.context() as patch:
        # As if the process were killed: nothing that train does about exceptions happens.
        patch.setattr(worker._Outcome, "result", _die)
        with pytest.raises(ProcessLookupError):
            train(job(run, cutoffs=cutoffs))
    again = train(job(run, cutoffs=cutoffs))
    assert dataclasses.replace(again, seconds=0) == dataclasses.replace(whole, seconds=0)


def forget(run: RunFolder) -> None:
    """Remove the checkpoints, as the coordinator does when a trial is recorded."""
    shutil.rmtree(run.trial_folder(3), ignore_errors=True)


def _die(*_: Any) -> None:
    raise ProcessLookupError


def test_cut_short_right_at_its_cutoff_it_does_not_go_past_it(run: RunFolder) -> None:
    whole = train(job(run, cutoffs={4: 0.2499}))
    forget(run)
    # Trained to epoch 4 without a cut-off, so that its checkpoint is there; then told of it.
    Path("crash").write_text("5")
    train(job(run))
    assert run.checkpoint_folder(3).exists()
    again = train(job(run, cutoffs={4: 0.2499}))
    assert dataclasses.replace(again, seconds=0) == dataclasses.replace(whole, seconds=0)


def test_user_code_cannot_spoil_the_next_trial(run: RunFolder) -> None:
    spoiler = (
        "import os, random, numpy as np\n"
        "def f(a):\n"
        "    os.chdir('/'); os.environ['SPOILED'] = '1'; os.environ.pop('HOME', None)\n"
        "    return random.random() + np.random.rand()\n"
    )
    before, home = Path.cwd(), os.environ.get("HOME")
    random.seed(1)
    first = train(job(run, spoiler, "f"))
    random.seed(2)
    second = train(job(run, spoiler, "f"))
    assert first.value == second.value, "the global generators start from the trial's seed"
    assert Path.cwd() == before
    assert "SPOILED" not in os.environ
    assert os.environ.get("HOME") == home


def test_what_is_printed_below_python_is_in_the_log_too(run: RunFolder) -> None:
    body = "import os\ndef f(a):\n    os.system('echo from the shell')\n    return a\n"
    train(job(run, body, "f"))
    assert run.log_path(3).read_text() == "from the shell\n"


def test_a_generator_that_yields_nothing(run: RunFolder) -> None:
    result = train(job(run, "def f(a):\n    if a < 0:\n        yield a\n", "f"))
    assert result.state is State.FAILED
    assert "before its first epoch" in (result.error or "")


def test_a_run_folder_that_cannot_be_written_is_not_the_trials_fault(run: RunFolder) -> None:
    run.trial_folder(3).mkdir(parents=True)
    run.checkpoint_folder(3).write_text("a file is in the way")
    with pytest.raises(RunError, match="checkpoint"):
        train(job(run))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise KeyboardInterrupt", "KeyboardInterrupt (FILE:2)"),
        ("raise MemoryError", "MemoryError (FILE:2)"),
        ("raise ValueError('a\\n b')", "ValueError: a b (FILE:2)"),
        ("eval('1 +')", "SyntaxError: invalid syntax (FILE:2)"),
    ],
)
def test_an_error_is_its_kind_its_words_and_its_place(run: RunFolder, line: str, said: str) -> None:
    made = job(run, f"def f(a):\n    {line}\n", "f")
    file = Path(made.trainable.reference.rpartition(":")[0]).name
    assert train(made).error == said.replace("FILE", file)


def test_a_check_leaves_a_clean_desk(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_WORKER_TEST", "before")
    body = (
        "import os\nos.environ['OF_WORKER_TEST'] = 'changed'\nos.chdir('/')\nprint('said')\n"
        "def f(a):\n    return a\n"
    )
    place = worker.SetUp(run.path)
    here = Path.cwd()
    checked = worker.try_build(
        job(run, body, "f").trainable, Context(0, 0, 1, "loss", {"a": 1.0}), place
    )
    assert checked.wrong is None
    assert (Path.cwd(), os.environ["OF_WORKER_TEST"]) == (here, "before")
    assert place.log.read_text() == "said\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import no_such_thing\n", "ModuleNotFoundError: No module named 'no_such_thing' (FILE:1)"),
        ("a = 1\ndef f(a:\n", "SyntaxError: '(' was never closed (FILE:2)"),
        ("def f(a):\n    pass\nraise SystemExit\n", "SystemExit (FILE:3)"),
    ],
)
def test_what_cannot_be_loaded_is_named(run: RunFolder, body: str, said: str) -> None:
    spec = job(run, body, "f").trainable
    file = Path(spec.reference.rpartition(":")[0]).name
    told = f"trainable {file}:f cannot be loaded: {said.replace('FILE', file)}"
    checked = worker.try_build(spec, Context(0, 0, 1, "loss", {"a": 1.0}), worker.SetUp(run.path))
    assert checked == worker.Checked(told)


def test_the_look_after_the_last_epoch_is_not_the_trials_time(run: RunFolder) -> None:
    body = (
        "import time\ndef f(a):\n    for _ in range(2):\n        yield a\n"
        "    time.sleep(60)\n    yield a\n"
    )
    made = job(run, body, "f", epochs=2, time_limit=2.0)
    first = dataclasses.replace(made, trial=dataclasses.replace(made.trial, index=0))
    result = train(first)
    assert (result.state, result.epochs) == (State.DONE, 2)
    [note] = result.notes
    assert note.startswith("f was still at work 2 seconds after 2 epochs")
    assert train(made).notes == ()


def test_the_clock_leaves_no_note_in_a_result(run: RunFolder) -> None:
    body = (
        "class M:\n    def __init__(self, a):\n        pass\n"
        "    def train_epoch(self, epoch):\n        return 1.0\n"
        "    def save(self):\n        raise KeyError('w')\n"
        "    def load(self, state):\n        pass\n"
    )
    often, never = (
        train(job(run, body, "M", checkpoint_every=every)) for every in (0.0, float("inf"))
    )
    assert dataclasses.replace(often, seconds=0) == dataclasses.replace(never, seconds=0)
    assert "no checkpoints: save() failed: KeyError: 'w'" in run.log_path(3).read_text()
