import sys
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.errors import UsageError
from hpsearch.network import kernels


@pytest.mark.parametrize(
    ("installed", "expected"),
    [({"numba", "scipy"}, "numba"), ({"numba"}, "numpy"), ({"scipy"}, "numpy"), (set(), "numpy")],
)
def test_auto_takes_numba_where_all_it_needs_is_there(
    installed: set[str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "find_spec", lambda name: name if name in installed else None)
    assert kernels.resolved("auto") == expected
    assert kernels.resolved("numpy") == "numpy"
    assert kernels.resolved("numba") == "numba"


def test_numpy_is_always_there() -> None:
    kernels.check_kernels("numpy")


def test_others_are_refused() -> None:
    with pytest.raises(UsageError, match="must be numpy or numba; it is 'cuda'"):
        kernels.check_kernels("cuda")


def test_numba_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hpsearch.network.compiled", raising=False)
    monkeypatch.delitem(sys.modules, "hpsearch.network.compiled_formulas", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(UsageError, match=r"pip install 'hpsearch\[fast\]'"):
        kernels.check_kernels("numba")


def test_numba_without_a_folder_for_its_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(**options: Any) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.delitem(sys.modules, "hpsearch.network.compiled", raising=False)
    monkeypatch.delitem(sys.modules, "hpsearch.network.compiled_formulas", raising=False)
    monkeypatch.setitem(sys.modules, "numba", SimpleNamespace(njit=njit))
    with pytest.raises(UsageError, match=r"no locator available; set NUMBA_CACHE_DIR"):
        kernels.check_kernels("numba")
