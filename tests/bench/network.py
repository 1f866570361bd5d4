"""The built-in network beside PyTorch, scikit-learn and JAX: CPU time of one epoch, one thread.

    python tests/bench/network.py [--workloads 1 2 …] [--only NAME …] [--repeats N]

All train the same four architectures on the same random numbers in float32: batch norm and ReLU
in each hidden layer, softmax over 10 classes, Adam, mini-batches in a new order each epoch, the
mean loss and error of the epoch as a result. scikit-learn has no batch norm, which makes its work
lighter. What is not installed is left out, and said.

The contenders take turns, so that a slow minute of the machine hits all of them; the clock is the
process's CPU time, and one core and one thread is all there is. ``limit`` is the time of the
matrix products alone, in NumPy: what no contender of the same arithmetic can go below. ``flat`` is
the same arithmetic in NumPy written for speed alone (``flat_network.py``). Ratios are to
``hpsearch``: 2.0 takes twice its time.

OpenBLAS chooses its kernels by the processor; OPENBLAS_CORETYPE overrules it and can halve NumPy's
speed, so that the kernels in use are printed. The other libraries bring their own.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402 - after the thread count
from flat_network import FlatNetwork  # noqa: E402 - it imports NumPy

from hpsearch.network.network import Network  # noqa: E402 - likewise

CLASSES = 10
ALPHA, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8
BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM = 1e-5, 0.9

Epoch = Callable[[], object]


@dataclass(frozen=True)
class Workload:
    """An architecture and a number of rows; ``epochs`` are measured at a time."""

    rows: int
    features: int
    hidden: tuple[int, ...]
    batch: int
    epochs: int

    def __str__(self) -> str:
        return f"{self.rows}x{self.features}, {list(self.hidden)}, batch {self.batch}"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        X = rng.standard_normal((self.rows, self.features), dtype=np.float32)
        return X, rng.integers(0, CLASSES, self.rows)

    def sizes(self) -> list[int]:
        return [self.features, *self.hidden, CLASSES]


WORKLOADS = (
    Workload(1437, 64, (64, 64), 64, epochs=20),
    Workload(1437, 64, (100, 100, 100), 32, epochs=8),
    Workload(60000, 784, (256, 128), 128, epochs=1),
    Workload(20000, 100, (512, 512), 256, epochs=1),
)


class Tapered(Network):
    """The network with hidden layers of any widths, where one ``hidden_units`` says too little."""

    def __init__(self, work: Workload, kernels: str) -> None:
        self.hidden = work.hidden
        hparams = {"batch_size": work.batch, "layers": len(work.hidden), "alpha": ALPHA}
        rng = np.random.default_rng(1)
        super().__init__(work.features, CLASSES, hparams, rng, kernels=kernels)

    def _hidden_widths(self) -> list[int]:
        return list(self.hidden)


# --- contenders: each gives a function that trains one epoch ----------------------------------


def hpsearch(kernels: str) -> Callable[[Workload], Epoch]:
    def contender(work: Workload) -> Epoch:
        X, y = work.data()
        net, rng = Tapered(work, kernels), np.random.default_rng(2)
        return lambda: net.train_epoch(X, y, rng, epoch=1)

    return contender


def flat(work: Workload) -> Epoch:
    X, y = work.data()
    net, rng = FlatNetwork(work.sizes(), np.random.default_rng(1)), np.random.default_rng(2)
    return lambda: net.train_epoch(X, y, rng.permutation(work.rows), work.batch, ALPHA)


def limit(work: Workload) -> Epoch:
    """The products of forward and backward passes; the input needs no gradient."""
    rng = np.random.default_rng(0)
    sizes = work.sizes()
    weights = [rng.random(shape, dtype=np.float32) for shape in pairwise(sizes)]
    ragged = work.rows % work.batch
    batches = [work.batch] * (work.rows // work.batch) + ([ragged] if ragged else [])
    values = {m: [rng.random((m, n), dtype=np.float32) for n in sizes] for m in set(batches)}

    def epoch() -> None:
        for m in batches:
            for layer, W in enumerate(weights):
                A, Z = values[m][layer], values[m][layer + 1]
                A @ W
                A.T @ Z
                if layer > 0:
                    Z @ W.T

    return epoch


def torch_contender(compiled: bool = False, **adam: bool) -> Callable[[Workload], Epoch]:
    """PyTorch in eager mode, or its forward pass and loss compiled, with variants of its Adam."""

    def contender(work: Workload) -> Epoch:
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
        X, y = (torch.from_numpy(array) for array in work.data())
        modules, inputs = [], work.features
        for units in work.hidden:
            modules += [torch.nn.Linear(inputs, units, bias=False), torch.nn.BatchNorm1d(units)]
            modules.append(torch.nn.ReLU())
            inputs = units
        model = torch.nn.Sequential(*modules, torch.nn.Linear(inputs, CLASSES))
        optimizer = torch.optim.Adam(model.parameters(), lr=ALPHA, **adam)
        cross_entropy = torch.nn.functional.cross_entropy

        def loss_of(X: Any, y: Any) -> tuple[Any, Any]:
            Z = model(X)
            return cross_entropy(Z, y), Z

        forward = torch.compile(loss_of) if compiled else loss_of

        def epoch() -> float:
            total, wrong = torch.zeros(()), torch.zeros((), dtype=torch.int64)
            for rows in torch.randperm(work.rows).split(work.batch):
                labels = y[rows]
                loss, Z = forward(X[rows], labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.detach() * len(rows)
                wrong += (Z.argmax(dim=1) != labels).sum()
            return float(total) + float(wrong)

        return epoch

    return contender


def scikit_learn(work: Workload) -> Epoch:
    neural_network = importlib.import_module("sklearn.neural_network")
    X, y = work.data()
    model = neural_network.MLPClassifier(
        work.hidden, batch_size=work.batch, alpha=0, learning_rate_init=ALPHA
    )
    classes = np.arange(CLASSES)
    return lambda: model.partial_fit(X, y, classes=classes)


def jax_contender(scan: bool) -> Callable[[Workload], Epoch]:
    """JAX with one jitted step, called from Python or scanned over the epoch's full batches."""

    def contender(work: Workload) -> Epoch:
        jax = importlib.import_module("jax")
        jnp = jax.numpy
        train_step, state = jax_step(jax, work)
        X, y = (jnp.asarray(array) for array in work.data())
        rng = np.random.default_rng(2)
        step = jax.jit(lambda state, rows: train_step(state, X[rows], y[rows]), donate_argnums=0)
        scanned = jax.jit(
            lambda state, batches: jax.lax.scan(
                lambda s, rows: train_step(s, X[rows], y[rows]), state, batches
            ),
            donate_argnums=0,
        )
        full = work.rows // work.batch * work.batch

        def epoch() -> float:
            nonlocal state
            order = rng.permutation(work.rows)
            parts = []
            if scan:
                state, sums = scanned(state, order[:full].reshape(-1, work.batch))
                parts.append(sums.sum(axis=0))
            else:
                for start in range(0, full, work.batch):
                    state, sums = step(state, order[start : start + work.batch])
                    parts.append(sums)
            if full < work.rows:
                state, sums = step(state, order[full:])
                parts.append(sums)
            return float(sum(np.asarray(part)[0] for part in parts))

        return epoch

    return contender


def jax_step(jax: Any, work: Workload) -> tuple[Callable[..., Any], Any]:
    """A training step, (state, X, y) → (state, sums of losses and errors), and the first state."""
    jnp = jax.numpy
    rng = np.random.default_rng(1)
    sizes, hidden = work.sizes(), range(len(work.hidden))
    shapes = list(pairwise(sizes))
    normal = [np.sqrt(2 / n) * rng.standard_normal((n, units)) for n, units in shapes]
    params = {
        "W": [jnp.asarray(W, jnp.float32) for W in normal],
        "gamma": [jnp.ones(units) for units in work.hidden],
        "beta": [jnp.zeros(units) for units in work.hidden],
        "b": jnp.zeros(CLASSES),
    }
    running = [(jnp.zeros(units), jnp.ones(units)) for units in work.hidden]

    def loss_of(params: Any, X: Any, y: Any) -> tuple[Any, Any]:
        A, statistics = X, []
        for layer in hidden:
            Z = A @ params["W"][layer]
            mu, variance = Z.mean(axis=0), Z.var(axis=0)
            statistics.append((mu, variance * (len(X) / (len(X) - 1))))
            Z = (Z - mu) * jax.lax.rsqrt(variance + BATCH_NORM_EPSILON)
            A = jax.nn.relu(params["gamma"][layer] * Z + params["beta"][layer])
        logp = jax.nn.log_softmax(A @ params["W"][-1] + params["b"])
        losses = -jnp.take_along_axis(logp, y[:, None], axis=1)
        sums = jnp.stack([losses.sum(), (logp.argmax(axis=1) != y).sum()])
        return losses.mean(), (statistics, sums)

    gradient_of = jax.grad(loss_of, has_aux=True)
    tree_map = jax.tree_util.tree_map

    def train_step(state: Any, X: Any, y: Any) -> tuple[Any, Any]:
        params, v, s, t, running = state
        g, (statistics, sums) = gradient_of(params, X, y)
        t = t + 1
        v = tree_map(lambda v, g: BETA1 * v + (1 - BETA1) * g, v, g)
        s = tree_map(lambda s, g: BETA2 * s + (1 - BETA2) * g * g, s, g)
        c1, c2 = 1 - BETA1**t, 1 - BETA2**t
        params = tree_map(
            lambda w, v, s: w - ALPHA * (v / c1) / (jnp.sqrt(s / c2) + EPSILON), params, v, s
        )
        running = tree_map(
            lambda old, new: BATCH_NORM_MOMENTUM * old + (1 - BATCH_NORM_MOMENTUM) * new,
            running,
            statistics,
        )
        return (params, v, s, t, running), sums

    zeros = tree_map(jnp.zeros_like, params)
    return train_step, (params, zeros, tree_map(jnp.copy, zeros), jnp.zeros(()), running)


CONTENDERS: dict[str, Callable[[Workload], Epoch]] = {
    "hpsearch": hpsearch("numpy"),
    "hpsearch numba": hpsearch("numba"),
    "flat": flat,
    "limit": limit,
    "torch": torch_contender(),
    "torch foreach": torch_contender(foreach=True),
    "torch fused": torch_contender(fused=True),
    "torch compiled": torch_contender(compiled=True, fused=True),
    "scikit-learn": scikit_learn,
    "jax step": jax_contender(scan=False),
    "jax scan": jax_contender(scan=True),
}


# --- measuring and printing -------------------------------------------------------------------


def measure(work: Workload, names: list[str], repeats: int) -> dict[str, np.ndarray]:
    """CPU milliseconds an epoch, ``repeats`` of them for each contender, taken in turns."""
    epochs, times = {}, {}
    for name in names:
        try:
            epochs[name] = CONTENDERS[name](work)
            epochs[name]()  # compiles, fills caches
        except Exception as error:
            epochs.pop(name, None)
            print(f"left out: {name}: {type(error).__name__}: {str(error).splitlines()[0]}")
            continue
        times[name] = np.empty(repeats)
    for repeat in range(repeats):
        for name, epoch in epochs.items():
            start = time.process_time()
            for _ in range(work.epochs):
                epoch()
            times[name][repeat] = (time.process_time() - start) / work.epochs * 1000
    return times


def show(work: Workload, times: dict[str, np.ndarray]) -> None:
    print(f"\n{work}\n{'':16}{'ms an epoch':>12}{'quartiles':>20}{'ratio':>8}")
    ours = np.median(times["hpsearch"])
    for name, taken in times.items():
        low, median, high = np.percentile(taken, [25, 50, 75])
        print(f"{name:16}{median:12.2f}{low:10.2f}{high:10.2f}{median / ours:8.2f}")
    theirs = [np.median(taken) for name, taken in times.items() if name.startswith("torch")]
    if theirs:
        print(f"best of PyTorch: {min(theirs) / ours:.2f} times hpsearch's time")
    if "flat" in times:
        print(f"hpsearch takes {ours / np.median(times['flat']):.2f} times flat's time")
    if "limit" in times:
        print(f"hpsearch reaches {np.median(times['limit']) / ours:.0%} of the limit")


def describe_machine(core: str) -> None:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "")
    print(f"{platform.platform()}; {model or platform.processor()}; core {core} only, one thread")
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, {blas['name']} {_kernels()}",
        end="",
    )
    for name in ("torch", "sklearn", "jax"):
        try:
            print(f", {name} {importlib.import_module(name).__version__}", end="")
        except ImportError:
            print(f", no {name}", end="")
    print()


def _kernels() -> str:
    """The kernels that OpenBLAS chose for this processor, or was told to use."""
    told = os.environ.get("OPENBLAS_CORETYPE")
    try:
        pools = importlib.import_module("threadpoolctl").threadpool_info()
    except ImportError:
        return f"(OPENBLAS_CORETYPE={told})" if told else ""
    chosen = ", ".join({pool.get("architecture", "?") for pool in pools})
    return f"({chosen}{' as OPENBLAS_CORETYPE says' if told else ''})"


def take_one_core() -> str:
    """Keep this process, and what it will import, on one core where the system allows it."""
    if not hasattr(os, "sched_setaffinity"):
        return "any"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return str(core)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=CONTENDERS)
    parser.add_argument("--workloads", nargs="+", type=int, default=[1, 2, 3, 4], metavar="1-4")
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")  # scikit-learn's, of training that has not converged
    os.environ |= {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}
    describe_machine(take_one_core())
    names = ["hpsearch", *(n for n in options.only or CONTENDERS if n != "hpsearch")]
    for number in options.workloads:
        work = WORKLOADS[number - 1]
        show(work, measure(work, names, options.repeats))


if __name__ == "__main__":
    main()
