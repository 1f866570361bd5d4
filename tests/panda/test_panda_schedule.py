"""A branch as a schedule: what a person found, as a trial."""

from pathlib import Path

import numpy as np
import pytest

from hpsearch.config import load_text
from hpsearch.errors import TrainableError, UsageError
from hpsearch.panda.schedule import Scheduled, as_config, read_steps
from hpsearch.seeds import trial_seed
from tests.panda.test_panda_killed import carry_out
from tests.panda.toy import DIGITS, TOY, started


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
def test_a_trial_of_the_schedule_comes_to_the_branchs_numbers(tmp_path: Path, text: str) -> None:
    name = "beta" if text is TOY else "optimizer"
    with started(tmp_path, text) as panda:
        change = "beta 0.5" if text is TOY else "optimizer sgd"
        for line in ("alpha *2", "go 2", "alpha /3", "go 2", change, "go 2", "back 5", "go 2"):
            carry_out(panda, line)
        # What holds for points of a search holds for no branch: its settings were changed by hand.
        of_search = "\nsearch: {repeats: 2, patience: 3}\nconstraints: [alpha < 1000]\n"
        config = load_text(text + of_search, "config.yaml", tmp_path, "config").config
        path = panda.folder.resolved_path
        exported = as_config(config, path, panda.lineage, "b1", "found")
        expected = [dict(epoch.values) for epoch in panda.lineage.chain()]
        state = panda.checkpoints.load(panda.lineage.chain()[-1])
    scheduled = load_text(exported, "found.yaml", tmp_path, "found").config
    assert scheduled.epochs == 7
    assert scheduled.search.max_trials == 1
    assert (scheduled.search.repeats, scheduled.search.patience) == (1, None)
    assert scheduled.constraints == ()
    hparams = scheduled.space().decode([])
    assert str(hparams["schedule"]).startswith("3: alpha=")
    assert f"5: {name}=" in str(hparams["schedule"])
    seed = trial_seed(scheduled.seed, 0)
    whole = Scheduled(hparams, seed, 7)
    assert [whole.train_epoch(n) for n in range(1, 8)] == expected
    saved = dict(whole.save())
    del saved["nested.metric"]
    assert {n: a.tobytes() for n, a in saved.items()} == {n: a.tobytes() for n, a in state.items()}
    for cut in (1, 4, 6):
        first, second = Scheduled(hparams, seed, 7), Scheduled(hparams, seed, 7)
        for n in range(1, cut + 1):
            first.train_epoch(n)
        second.load({n: np.array(a) for n, a in first.save().items()})
        assert [second.train_epoch(n) for n in range(cut + 1, 8)] == expected[cut:]


def test_what_a_schedule_cannot_say(tmp_path: Path) -> None:
    assert read_steps("") == {}
    for text in ("alpha=3", "x: alpha=3", "3: alpha", "3:", "3: alpha=1; gp"):
        with pytest.raises(TrainableError, match="is not understood; write 9: l2="):
            read_steps(text)
    with started(tmp_path) as panda:
        config = load_text(TOY, "config.yaml", tmp_path, "config").config
        path = panda.folder.resolved_path
        with pytest.raises(UsageError, match="has no epochs yet"):
            as_config(config, path, panda.lineage, "main", "x")
    known = {"schedule_of": str(path), "alpha": 0.1, "beta": 0.9, "width": 3}
    with pytest.raises(TrainableError, match="gamma has no value at the start"):
        Scheduled({**known, "schedule": "2: gamma=1"}, 1, 5)
    fixed = Scheduled({**known, "schedule": "1: width=4"}, 1, 5)
    with pytest.raises(TrainableError, match="width cannot change while the model trains"):
        fixed.train_epoch(1)
