"""The same seed gives the same draws, of every library that the user's code has imported."""

import random
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from hpsearch.training.build import build
from hpsearch.training.protocol import Context, TrainableSpec
from hpsearch.training.seeding import fingerprints, seed_generators


def fake(name: str, monkeypatch: pytest.MonkeyPatch, *path: str) -> list[int]:
    """A module that notes the seeds it is given at ``path``."""
    seeds: list[int] = []
    module = inner = types.ModuleType(name)
    for part in path[:-1]:
        following = types.ModuleType(part)
        setattr(inner, part, following)
        inner = following
    setattr(inner, path[-1], seeds.append)
    monkeypatch.setitem(sys.modules, name, module)
    return seeds


def test_libraries_are_seeded_where_they_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake("torch", monkeypatch, "manual_seed")
    tensorflow = fake("tensorflow", monkeypatch, "random", "set_seed")
    keras = fake("keras", monkeypatch, "utils", "set_random_seed")
    seed_generators(7)
    first = random.random(), np.random.rand()  # noqa: NPY002
    seed_generators(7)
    assert (random.random(), np.random.rand()) == first  # noqa: NPY002
    assert torch == tensorflow == keras == [7, 7]
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))  # half imported
    seed_generators(7)


def test_a_trial_draws_the_same_whether_its_module_was_imported_before(tmp_path: Path) -> None:
    file = tmp_path / "drawing_model.py"
    file.write_text("import random\nFIXED = random.random()\ndef f(): return random.random()\n")
    spec = TrainableSpec("object", f"{file}:f", data_seed=3)
    context = Context(0, 42, 1, "loss", {})
    values = [build(spec, context).train_epoch(1) for _ in range(2)]
    fixed = sys.modules["drawing_model"].FIXED
    del sys.modules["drawing_model"]
    random.seed()
    values.append(build(spec, context).train_epoch(1))
    assert values[0] == values[1] == values[2]
    assert fixed == sys.modules["drawing_model"].FIXED


def test_fingerprints_tell_which_generator_was_used() -> None:
    seed_generators(1)
    before = fingerprints()
    assert fingerprints() == before
    random.random()
    after = fingerprints()
    assert [name for name in before if before[name] != after[name]] == ["random"]


def test_a_library_is_seeded_when_it_is_imported_in_the_middle_of_a_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text(
        "import random\nseeds = []\ndef manual_seed(seed): seeds.append(seed); random.seed(0)\n"
    )
    (tmp_path / "late_model.py").write_text(
        "import random\ndef f():\n    import torch\n    return len(torch.seeds) + random.random()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    spec = TrainableSpec("object", f"{tmp_path}/late_model.py:f")
    first = build(spec, Context(0, 42, 1, "loss", {})).train_epoch(1)
    torch = sys.modules["torch"]
    assert torch.seeds == [42]
    assert torch.__spec__ is not None
    assert type(torch.__loader__).__name__ == "SourceFileLoader"
    torch.seeds.clear()
    monkeypatch.setattr(torch, "manual_seed", torch.seeds.append)
    again = build(spec, Context(0, 42, 1, "loss", {}))
    torch.seeds[:] = [42]
    assert again.train_epoch(1) == first
    del sys.modules["torch"]  # which monkeypatch would put back
