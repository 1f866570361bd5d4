"""What save() may give comes back as it was, and what it may not is named with its place."""

import sys
import types
from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.store.arrays import pack_arrays, unpack_arrays
from hpsearch.training.states import STRUCTURE, UnsavableError, as_arrays, from_arrays


def there_and_back(state: Any) -> Any:
    return from_arrays(unpack_arrays(pack_arrays(as_arrays(state))))


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary()
)
KEYS = st.one_of(st.text(max_size=4), st.integers(-3, 3))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(KEYS, inner)
    ),
    max_leaves=12,
)


@given(st.one_of(st.binary(), st.dictionaries(KEYS, TREES)))
def test_plain_values_come_back_as_they_were(state: Any) -> None:
    back = there_and_back(state)
    assert repr(back) == repr(state)


def test_arrays_keep_their_type_and_place() -> None:
    state = {"a": np.arange(3, dtype=np.int8), "b": [np.float32(2.5), np.zeros((0, 2))], "c": 1}
    back = there_and_back(state)
    assert back["a"].dtype == np.int8
    assert type(back["b"][0]) is np.float32
    assert back["b"][1].shape == (0, 2)
    assert back["c"] == 1
    back["a"][0] = 9  # it is the loader's own


def test_a_plain_dict_of_arrays_is_written_as_those_arrays() -> None:
    arrays = {"w": np.ones(2), "b/c": np.zeros(1)}
    assert as_arrays(arrays) == arrays
    old = {"n": np.asarray(3), "w": np.ones(2)}  # a checkpoint of an older version
    assert from_arrays(old) == old


def test_names_that_clash_are_told_apart() -> None:
    state = {
        "a": {"b": np.ones(1)},
        "a/b": np.zeros(1),
        "bytes": b"x",
        STRUCTURE: np.ones(2),
        "": b"",
    }
    back = there_and_back(state)
    assert back["a"]["b"] == 1
    assert back["a/b"] == 0
    assert (back["bytes"], back[""]) == (b"x", b"")
    assert list(back[STRUCTURE]) == [1, 1]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "a NoneType"),
        ([1], "a list"),
        ({"a": {"b": [0, object()]}}, "an object at 'a/b/1'"),
        ({"a": np.array([None])}, "an array of objects at 'a'"),
        ({"a": {1, 2}}, "a set at 'a'"),
        ({"a": 1j}, "a complex at 'a'"),
        ({("a", 1): 1}, "the key"),
        ({"a": namedtuple("Adam", "mu nu")(1, 2)}, "an Adam at 'a'"),
        ({"a": lambda: 1}, "a function at 'a'"),
    ],
)
def test_what_needs_pickle_is_refused_with_its_place(state: Any, said: str) -> None:
    with pytest.raises(UnsavableError, match=said):
        as_arrays(state)


class Tensor:
    """What of a PyTorch tensor the conversion uses."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> Any:
        return self.values


def test_tensors_come_back_as_tensors_where_torch_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = {"net": OrderedDict(w=Tensor([1.0, 2.0])), "opt": {"state": {0: {"step": Tensor(3)}}}}
    torch = types.ModuleType("torch")
    torch.from_numpy = Tensor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    back = there_and_back(state)
    assert isinstance(back["net"]["w"], Tensor)
    assert list(back["net"]["w"].values) == [1.0, 2.0]
    assert back["opt"]["state"][0]["step"].values == 3
    monkeypatch.delitem(sys.modules, "torch")
    assert list(there_and_back(state)["net"]["w"]) == [1.0, 2.0]


def test_pytorch_itself() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(2, 1)
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(3, 2)).sum().backward()
    optimizer.step()
    half = torch.ones(3, dtype=torch.bfloat16) / 3
    state = {"net": net.state_dict(), "opt": optimizer.state_dict(), "half": half}
    back = there_and_back(state)
    assert torch.equal(back["half"], half)
    other = torch.nn.Linear(2, 1)
    again = torch.optim.Adam(other.parameters())
    other.load_state_dict(back["net"])
    again.load_state_dict(back["opt"])
    assert pack_arrays(as_arrays(again.state_dict())) == pack_arrays(
        as_arrays(optimizer.state_dict())
    )


def test_jax_itself() -> None:
    jnp = pytest.importorskip("jax.numpy")
    state = {"w": jnp.ones(3, dtype=jnp.bfloat16) / 3, "n": jnp.asarray(2)}
    back = there_and_back(state)
    assert back["w"].dtype == jnp.bfloat16
    assert bool((back["w"] == state["w"]).all())
    assert int(back["n"]) == 2
