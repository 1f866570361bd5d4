"""A fork resumes in the middle of a trial, and begins as the model that it was forked from."""

from pathlib import Path

import numpy as np
import pytest

from hpsearch.config import load_text
from hpsearch.errors import RunError
from hpsearch.panda.fork import Fork, forked
from hpsearch.panda.positions import Position
from tests.panda.toy import DIGITS, TOY, go, started


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
def test_a_fork_goes_on_as_the_model_itself_would(tmp_path: Path, text: str) -> None:
    searched = text.replace("alpha: 0.01\n", "alpha: {min: 0.01, max: 1, scale: log}\n")
    with started(tmp_path, text) as panda:
        go(panda, 3)
        loaded = load_text(searched, "config.yaml", tmp_path, "config")
        config = forked(loaded, f"{panda.folder.name}@3", tmp_path)[0].config
        space = config.space()
        hparams = space.decode([0.7] * space.dimensions)
        panda.set({"alpha": hparams["alpha"]})
        go(panda, 3)
        expected = [dict(epoch.values) for epoch in panda.lineage.chain()[3:]]
        state = panda.checkpoints.load(panda.lineage.chain()[-1])
    whole = Fork(hparams)
    assert [whole.train_epoch(n) for n in (1, 2, 3)] == expected
    first = Fork(hparams)
    assert first.train_epoch(1) == expected[0]
    second = Fork(hparams)
    second.load({name: np.array(array) for name, array in first.save().items()})
    assert [second.train_epoch(n) for n in (2, 3)] == expected[1:]
    for each in (whole, second):
        saved = dict(each.save())
        assert len(saved.pop("nested.metric")) == 3
        assert {n: a.tobytes() for n, a in saved.items()} == {
            n: a.tobytes() for n, a in state.items()
        }


def test_the_state_that_was_forked_is_the_one_meant(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 2)
        loaded = load_text(TOY, "config.yaml", tmp_path, "config")
        config = forked(loaded, "toy-panda@best", tmp_path)[0].config
        space = config.space()
        hparams = space.decode([0.5] * space.dimensions)
        assert Position.parse(str(hparams["fork_at"])).branch == "main"
    with pytest.raises(RunError, match="is not the state that this search was forked from"):
        Fork({**hparams, "fork_sha256": "0" * 64})
    with pytest.raises(RunError, match="is gone"):
        Fork({**hparams, "fork_run": str(tmp_path / "elsewhere")})
