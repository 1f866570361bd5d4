"""The global random generators that a user's code may draw from: seeded, and compared.

Python's and NumPy's are seeded for every trial, and those of PyTorch, TensorFlow and Keras if the
user's code has imported them by the time that its model is made. JAX has none: its keys are made
from the ``seed`` that a trainable is given.
"""

from __future__ import annotations

import hashlib
import random
import sys
from typing import Any

import numpy as np

ADVICE = {
    "random": "random.seed(seed)",
    "numpy": "np.random.seed(seed)",
    "torch": "torch.manual_seed(seed)",
}
"""What seeds a generator whose state can be compared."""


def seed_generators(seed: int) -> None:
    """Seed every global generator that this process has."""
    # Keras first: it seeds what it is built on with numbers of its own.
    _call("keras", ("utils", "set_random_seed"), seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - for user code that draws from the global generator
    _call("torch", ("manual_seed",), seed)
    _call("tensorflow", ("random", "set_seed"), seed)


def _call(library: str, names: tuple[str, ...], seed: int) -> None:
    """Call a function of a library if it is imported, to its end."""
    found: Any = sys.modules.get(library)
    for name in names:
        found = getattr(found, name, None)
    if callable(found):
        found(seed)


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
