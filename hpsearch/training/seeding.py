"""The global random generators that a user's code may draw from: seeded, and compared.

Python's and NumPy's are seeded for every trial, and those of PyTorch, TensorFlow and Keras where
the user's code has imported them: before its model is made, or as soon as it imports them. JAX has
none: its keys are made from the ``seed`` that a trainable is given.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np

ADVICE = {
    "random": "random.seed(seed)",
    "numpy": "np.random.seed(seed)",
    "torch": "torch.manual_seed(seed)",
}
"""What seeds a generator whose state can be compared."""


# Keras seeds what it is built on as well, so it goes first.
_LIBRARIES = {
    "keras": ("utils", "set_random_seed"),
    "torch": ("manual_seed",),
    "tensorflow": ("random", "set_seed"),
}


def seed_generators(seed: int) -> None:
    """Seed every global generator that this process has, and those of libraries to come."""
    for library in _LIBRARIES:
        _seed_library(library, seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - for user code that draws from the global generator
    _late.seed = seed
    if _late not in sys.meta_path:
        sys.meta_path.insert(0, _late)


def _seed_library(library: str, seed: int) -> None:
    """Call what seeds a library, if it is imported to its end."""
    found: Any = sys.modules.get(library)
    for name in _LIBRARIES[library]:
        found = getattr(found, name, None)
    if callable(found):
        found(seed)


class _LateImports(MetaPathFinder):
    """Seeds a library that is imported in the middle of a trial, where it is imported.

    The next trial of the same process finds it imported: both must draw the same.
    """

    def __init__(self) -> None:
        self.seed = 0

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _LIBRARIES:
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _SeedingLoader(spec.loader, self)
        return spec


class _SeedingLoader(Loader):
    """Loads a module as its own loader does, and seeds it."""

    def __init__(self, loader: Any, late: _LateImports) -> None:
        self._loader, self._late = loader, late

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        # What the import draws, and Keras seeds as well, is put back: it happens but once.
        states = random.getstate(), np.random.get_state()  # noqa: NPY002
        self._loader.exec_module(module)
        _seed_library(module.__name__, self._late.seed)
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002


_late = _LateImports()


def fingerprints() -> dict[str, str]:
    """For each global generator that can tell its state, a digest of it."""
    numpy: Any = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    states: dict[str, bytes] = {
        "random": repr(random.getstate()).encode(),
        "numpy": numpy["key"].tobytes() + bytes(f"{numpy['pos']}", "ascii"),
    }
    read = getattr(sys.modules.get("torch"), "get_rng_state", None)
    if callable(read):
        states["torch"] = bytes(read().numpy().tobytes())
    return {name: hashlib.sha256(state).hexdigest() for name, state in states.items()}
