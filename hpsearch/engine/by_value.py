"""Objects of the running Python on their way to workers: pickled by value, with what they use.

They travel from this process to the workers of this search and nowhere else; no run folder ever
holds one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from joblib.externals.loky.backend.reduction import dumps

from hpsearch.errors import TrainableError, kind_and_message


def pickled(target: Callable[..., Any], name: str) -> bytes:
    """A function or class as bytes that a worker can make it from; ``name`` is for messages.

    Raises:
        TrainableError: something that it uses cannot leave this process.
    """
    try:
        return bytes(dumps(target))
    except Exception as e:  # each object has reasons of its own
        raise TrainableError(
            f"train: {name} cannot be sent to the workers ({kind_and_message(e, 200)}); open or "
            f"make what it uses inside of it"
        ) from e
