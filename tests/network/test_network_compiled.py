"""The compiled kernels beside NumPy's: the same numbers up to rounding, and the same type."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed, so there is nothing compiled")

from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.compiled import NUMBA
from hpsearch.network.hyperparameters import settings
from hpsearch.network.kernels import NUMPY
from hpsearch.network.parts import Kernels

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}
M, UNITS, CLASSES = 9, 6, 5
Result = dict[str, np.ndarray]


@pytest.fixture(params=[np.float32, np.float64])
def dtype(request: pytest.FixtureRequest) -> type:
    return request.param


def random(dtype: type, *shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def assert_alike(ours: Result, theirs: Result, dtype: type) -> None:
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype == dtype, name
        np.testing.assert_allclose(array, theirs[name], atol=TOLERANCE[dtype], err_msg=name)


def batch_norm(kernels: Kernels, dtype: type) -> Result:
    arrays = {
        name: random(dtype, UNITS, seed=seed)
        for seed, name in enumerate(
            ("gamma", "dgamma", "beta", "dbeta", "batch_mean", "batch_variance")
        )
    }
    layer = kernels.batch_norm(**arrays)
    Z, dZ = 3 * random(dtype, M, UNITS, seed=7) + 1, random(dtype, M, UNITS, seed=8)
    before = Z.copy()
    result = {"forward": layer.forward(Z), "backward": layer.backward(dZ), **arrays}
    np.testing.assert_array_equal(Z, before)
    return result


def test_batch_norm(dtype: type) -> None:
    assert_alike(batch_norm(NUMBA, dtype), batch_norm(NUMPY, dtype), dtype)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str, dtype: type) -> None:
    Z, dA = random(dtype, M, UNITS), random(dtype, M, UNITS, seed=2)
    Z[0, 0] = 0
    layers = [kernels.activate(ACTIVATIONS[name]) for kernels in (NUMBA, NUMPY)]
    results = [{"A": layer.forward(Z), "dZ": layer.backward(dA)} for layer in layers]
    assert_alike(*results, dtype)


def test_relu_passes_nan_on() -> None:
    A = NUMBA.activate(ACTIVATIONS["relu"]).forward(np.array([[np.nan, -1.0, 2.0]]))
    np.testing.assert_array_equal(A, [[np.nan, 0, 2]])


def test_cross_entropy(dtype: type) -> None:
    Z = random(dtype, M, CLASSES)
    Z[0, 0], Z[0, 3], Z[1, 1] = -1e30, 1e30, -1e30  # e to the power of these is 0 or infinite
    y = np.arange(M) % CLASSES
    results = []
    for kernels in (NUMBA, NUMPY):
        losses, dZ = kernels.cross_entropy(Z, y)
        results.append({"losses": losses / losses.max(), "few": losses[2:], "dZ": dZ})
    assert_alike(*results, dtype)


def test_adam(dtype: type) -> None:
    chosen = settings({"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3})
    results = []
    for kernels in (NUMBA, NUMPY):
        w = random(dtype, 50)
        optimizer = kernels.optimizers["adam"](w)
        for step in range(3):
            optimizer.step(w, random(dtype, 50, seed=step), 0.1, chosen)
        results.append({"w": w, **optimizer.moments})
    assert_alike(*results, dtype)
