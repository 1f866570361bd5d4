"""Find the user's object: ``package.module:Object`` or ``path/to/file.py:object``.

Three things can be wrong, and each has its own message: the module is not there, it fails while
it is imported (shown as it is, never called "not found"), or it has no such object.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any

from hpsearch.errors import TrainableError
from hpsearch.metrics import with_article
from hpsearch.text import nearest

OF_PROCESS = "__main__"
"""The module in the reference of an object that only one Python process has."""

_under_way = ContextVar("under_way", default=False)


def refuse_of_process(reference: str) -> None:
    """Refuse a reference to an object of another Python process, which nobody can find.

    Raises:
        TrainableError: says how to go on.
    """
    place, _, name = reference.rpartition(":")
    if place == OF_PROCESS:
        raise TrainableError(
            f"trainable {reference!r}: {name} was defined in a notebook or a script, and only that "
            f"knows it; go on from there, by calling hpsearch.run with it under the same name, or "
            f"hpsearch.babysit with train={name}; or move it into a file and write file.py:{name}"
        )


def is_importing() -> bool:
    """Whether a user's module is being imported here, to find the object in it."""
    return _under_way.get()


@contextlib.contextmanager
def _import_under_way() -> Iterator[None]:
    token = _under_way.set(True)
    try:
        yield
    finally:
        _under_way.reset(token)


def import_object(reference: str, folder: str = "") -> Callable[..., Any]:
    """The callable that ``reference`` names.

    A module is looked for on Python's path, and then in ``folder``.

    Raises:
        TrainableError: the reference, the module or the object is not there, or not callable.
        Exception: whatever the user's own module raises while it is imported.
    """
    place, colon, name = reference.rpartition(":")
    if not colon or not place or not name:
        raise TrainableError(
            f"trainable {reference!r}: write package.module:object or path/to/file.py:object"
        )
    refuse_of_process(reference)
    with _import_under_way():
        module = _from_file(Path(place)) if place.endswith(".py") else _from_name(place, folder)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = nearest(part, [n for n in dir(found) if n[0] != "_"])
            hint = f"; did you mean {near!r}?" if near else ""
            raise TrainableError(f"trainable {reference!r}: {place} has no {part!r}{hint}")
        found = getattr(found, part)
    if not callable(found):
        kind = with_article(type(found).__name__)
        raise TrainableError(f"trainable {reference!r}: {name} is {kind}; name a function or class")
    return found  # type: ignore[no-any-return]  # callable() narrows Any to a callable of Any


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise TrainableError(f"trainable: there is no file {path}")
    # Its own folder first, as if the file were run: it may import its neighbours.
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    if path.stem in sys.modules and getattr(sys.modules[path.stem], "__file__", "") == str(path):
        return sys.modules[path.stem]
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs, as import does: pickle and dataclasses look it up by name.
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _from_name(name: str, folder: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        # Only our own request counts as "not found"; an import inside the user's module is theirs.
        if e.name is None or not (name == e.name or name.startswith(e.name + ".")):
            raise
        if folder and folder not in sys.path:
            # Last, so that nothing that was found before is found elsewhere now.
            sys.path.append(folder)
            return _from_name(name, folder)
        place = f" or in {folder}" if folder else ""
        raise TrainableError(
            f"trainable: there is no module {e.name!r} on Python's path{place}; "
            f"put it beside the config, install it, or write path/to/file.py:object"
        ) from e
