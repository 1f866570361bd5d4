"""What a user's ``save()`` gives as named arrays, and back: no pickle of ours anywhere.

A state may be bytes, or dicts, lists and tuples in each other that hold arrays, tensors (PyTorch,
JAX, TensorFlow, Keras), numbers, texts, bytes, ``True``, ``False`` and ``None``. A dict's keys are
texts or numbers, as in the state of PyTorch's optimisers.

* Bytes are one array, ``bytes``; a plain dict of NumPy arrays is those arrays.
* Anything else is one array for each array, tensor and bytes in it, named by its place, and
  ``structure.json``, in which an array's place says what it was.

What comes back is equal and of the same kind: tensors as tensors on the CPU where their library is
imported (``load_state_dict`` moves them to where they belong), as NumPy arrays elsewhere. A dict of
any kind comes back as a plain one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.metrics import with_article
from hpsearch.training.protocol import Arrays

BYTES = "bytes"
STRUCTURE = "structure.json"

ADVICE = (
    "return bytes, or dicts and lists of tensors, arrays, numbers, texts and None; for other "
    "objects their state_dict(), or bytes that your own code makes of them"
)


class UnsavableError(ValueError):
    """A state holds what cannot be written without pickle; the message says what, and where."""


def as_arrays(state: Any) -> Arrays:
    """A state as named arrays.

    Raises:
        UnsavableError: it holds an object that has no place in one.
    """
    if isinstance(state, bytes | bytearray):
        return {BYTES: np.frombuffer(bytes(state), dtype=np.uint8)}
    if not isinstance(state, Mapping):
        raise UnsavableError(f"{_kind(state)}")
    plain = all(
        isinstance(k, str) and k.isprintable() and type(v) is np.ndarray for k, v in state.items()
    )
    if plain and not {BYTES, STRUCTURE} & state.keys():
        for name, value in state.items():
            _refuse_objects(value, name)
        return {str(name): value for name, value in state.items()}
    arrays: dict[str, NDArray[Any]] = {}
    structure = _packed(state, "", arrays)
    text = json.dumps(structure).encode()
    return {**arrays, STRUCTURE: np.frombuffer(text, dtype=np.uint8)}


def from_arrays(arrays: Arrays) -> Any:
    """The state that :func:`as_arrays` was given."""
    if set(arrays) == {BYTES}:
        return arrays[BYTES].tobytes()
    if STRUCTURE not in arrays:
        return dict(arrays)
    return _unpacked(json.loads(arrays[STRUCTURE].tobytes()), arrays)


def _packed(value: Any, place: str, arrays: dict[str, NDArray[Any]]) -> Any:
    """A node of the structure: ``[kind, …]``; its arrays go to ``arrays``."""
    if value is None or type(value) in (bool, int, float, str):
        return ["value", value]
    if isinstance(value, bytes | bytearray):
        return _array_node("bytes", np.frombuffer(bytes(value), np.uint8), place, arrays)
    if isinstance(value, Mapping):
        items = []
        for key, item in value.items():
            if not isinstance(key, str | int | float) or isinstance(key, np.generic):
                raise UnsavableError(f"the key {key!r} at {place!r}")
            items.append([key, _packed(item, f"{place}/{key}" if place else str(key), arrays)])
        return ["dict", items]
    if type(value) in (list, tuple):
        items = [_packed(item, f"{place}/{n}", arrays) for n, item in enumerate(value)]
        return [type(value).__name__, items]
    return _packed_array(value, place, arrays)


def _packed_array(value: Any, place: str, arrays: dict[str, NDArray[Any]]) -> Any:
    library = type(value).__module__.partition(".")[0]
    try:
        if isinstance(value, np.ndarray | np.generic):
            kind = "array" if isinstance(value, np.ndarray) else "scalar"
            return _array_node(kind, np.asarray(value), place, arrays)
        if hasattr(value, "detach"):
            return _torch_node(value.detach().cpu(), place, arrays)
        kind = {"jaxlib": "jax", "jax": "jax", "tensorflow": "tensorflow"}.get(library, "array")
        if hasattr(value, "numpy"):
            return _array_node(kind, np.asarray(value.numpy()), place, arrays)
        if hasattr(value, "__array__"):
            return _array_node(kind, np.asarray(value), place, arrays)
    except UnsavableError:
        raise
    except Exception as e:
        raise UnsavableError(f"{_kind(value)} at {place!r} ({e})") from e
    raise UnsavableError(f"{_kind(value)} at {place!r}")


def _torch_node(tensor: Any, place: str, arrays: dict[str, NDArray[Any]]) -> Any:
    try:
        return _array_node("torch", np.array(tensor.numpy()), place, arrays)
    except TypeError:  # NumPy has no bfloat16
        raw = tensor.contiguous().view(sys.modules["torch"].uint8)
        name = str(tensor.dtype).removeprefix("torch.")
        return [*_array_node("torch", np.array(raw.numpy()), place, arrays), name]


def _array_node(
    kind: str, array: NDArray[Any], place: str, arrays: dict[str, NDArray[Any]]
) -> list[Any]:
    _refuse_objects(array, place)
    # A zip's names end at a NUL; the structure has the keys as they are.
    name = "".join(c if c.isprintable() else "_" for c in place)
    while name in arrays or name in ("", BYTES, STRUCTURE):
        name += "_"
    if array.dtype.kind == "V" and array.dtype.names is None:  # JAX's bfloat16 and its like
        arrays[name] = np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
        return [kind, name, array.dtype.name]
    arrays[name] = array
    return [kind, name]


def _unpacked(node: Any, arrays: Arrays) -> Any:
    kind, held, *form = node
    if kind == "value":
        return held
    if kind == "dict":
        return {key: _unpacked(item, arrays) for key, item in held}
    if kind in ("list", "tuple"):
        items = [_unpacked(item, arrays) for item in held]
        return items if kind == "list" else tuple(items)
    return _unpacked_array(kind, arrays[held], form)


def _unpacked_array(kind: str, array: NDArray[Any], form: list[str]) -> Any:
    if kind == "bytes":
        return array.tobytes()
    if kind == "scalar":
        return array[()]
    if kind == "torch":
        return _tensor(array, form)
    array = array.view(np.dtype(form[0])) if form else np.array(array)
    if kind == "jax" and "jax.numpy" in sys.modules:
        return sys.modules["jax.numpy"].asarray(array)
    if kind == "tensorflow" and "tensorflow" in sys.modules:
        return sys.modules["tensorflow"].convert_to_tensor(array)
    return array


def _tensor(array: NDArray[Any], form: list[str]) -> Any:
    torch = sys.modules.get("torch")
    if torch is None:
        return np.array(array)
    tensor = torch.from_numpy(np.array(array))  # of its own memory, which may be written to
    return tensor.view(getattr(torch, form[0])) if form else tensor


def _refuse_objects(array: NDArray[Any], place: str) -> None:
    if array.dtype.hasobject:
        raise UnsavableError(f"an array of objects at {place!r}")


def _kind(value: Any) -> str:
    return with_article(type(value).__name__)
