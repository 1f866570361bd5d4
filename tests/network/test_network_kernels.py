import sys
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.errors import UsageError
from hpsearch.network.kernels import NUMPY, kernels


def test_numpy_is_always_there() -> None:
    assert kernels("numpy") is NUMPY


def test_others_are_refused() -> None:
    with pytest.raises(UsageError, match="must be numpy or numba; it is 'cuda'"):
        kernels("cuda")


def test_numba_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hpsearch.network.compiled", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(UsageError, match=r"pip install 'hpsearch\[fast\]'"):
        kernels("numba")


def test_numba_without_a_folder_for_its_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(**options: Any) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.delitem(sys.modules, "hpsearch.network.compiled", raising=False)
    monkeypatch.setitem(sys.modules, "numba", SimpleNamespace(njit=njit))
    with pytest.raises(UsageError, match=r"no locator available; set NUMBA_CACHE_DIR"):
        kernels("numba")
