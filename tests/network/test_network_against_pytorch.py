"""Three full steps, the last of them ragged, beside PyTorch's in float64: equal to 1e-10."""

from typing import Any

import numpy as np
import pytest

from hpsearch.network.network import Network
from hpsearch.records import Value

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed, so nothing is compared with it"
)

ROWS, BATCH, FEATURES, CLASSES, UNITS, LAYERS = 22, 8, 5, 4, 6, 2
ALPHA, BETA, L2 = 0.05, 0.8, 0.03


def twin(net: Network) -> Any:
    """PyTorch's network with the same weights; its running averages start alike."""
    modules = []
    for layer in range(1, LAYERS + 2):
        W, b = net.parameters[f"W{layer}"], net.parameters.get(f"b{layer}")
        linear = torch.nn.Linear(*W.shape, bias=b is not None, dtype=torch.float64)
        linear.weight.data = torch.from_numpy(W.T.copy())
        if b is not None:
            linear.bias.data = torch.from_numpy(b.copy())
        modules.append(linear)
        if layer <= LAYERS:
            if net.settings.batch_norm:
                rest = 1 - net.settings.bn_momentum
                modules.append(torch.nn.BatchNorm1d(UNITS, momentum=rest, dtype=torch.float64))
            modules.append(torch.nn.ReLU())
    return torch.nn.Sequential(*modules)


def optimizer_of(model: Any, name: str) -> Any:
    """PyTorch's optimiser with the L2 penalty on weight matrices only."""
    matrices = [p for p in model.parameters() if p.ndim == 2]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": L2}, {"params": vectors}]
    match name:
        case "sgd":
            return torch.optim.SGD(groups, lr=ALPHA)
        case "momentum":
            return torch.optim.SGD(groups, lr=ALPHA * (1 - BETA), momentum=BETA)
        case "rmsprop":
            return torch.optim.RMSprop(groups, lr=ALPHA, alpha=0.999)
        case _:
            return torch.optim.Adam(groups, lr=ALPHA)


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_three_steps(optimizer: str, batch_norm: bool) -> None:
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((ROWS, FEATURES)), rng.integers(0, CLASSES, ROWS)
    hparams: dict[str, Value] = {
        "alpha": ALPHA,
        "beta": BETA,
        "l2": L2,
        "optimizer": optimizer,
        "batch_norm": batch_norm,
        "bn_momentum": 0.7,
        "batch_size": BATCH,
        "hidden_units": UNITS,
        "layers": LAYERS,
    }
    net = Network(FEATURES, CLASSES, hparams, rng, np.float64)
    model = twin(net)
    metrics = net.train_epoch(X, y, np.random.default_rng(2), epoch=1)

    step, loss_of = optimizer_of(model, optimizer), torch.nn.CrossEntropyLoss()
    order = np.random.default_rng(2).permutation(ROWS)
    total = 0.0
    for start in range(0, ROWS, BATCH):
        rows = order[start : start + BATCH]
        loss = loss_of(model(torch.from_numpy(X[rows])), torch.from_numpy(y[rows]))
        step.zero_grad()
        loss.backward()
        step.step()
        total += loss.item() * len(rows)

    assert metrics["train_loss"] == pytest.approx(total / ROWS, rel=1e-10)
    compare(net, model)
    with torch.no_grad():
        P = torch.softmax(model.eval()(torch.from_numpy(X)), dim=1).numpy()
    np.testing.assert_allclose(net.predict_proba(X), P, atol=1e-10)


def compare(net: Network, model: Any) -> None:
    """All weights and all running statistics."""
    matrices = [m for m in model if isinstance(m, torch.nn.Linear)]
    norms = [m for m in model if isinstance(m, torch.nn.BatchNorm1d)]
    for layer, linear in enumerate(matrices, start=1):
        close(net.parameters[f"W{layer}"], linear.weight.T)
        if linear.bias is not None:
            close(net.parameters[f"b{layer}"], linear.bias)
    for layer, norm in enumerate(norms, start=1):
        close(net.parameters[f"gamma{layer}"], norm.weight)
        close(net.parameters[f"beta{layer}"], norm.bias)
        close(net.averages[f"mean{layer}"], norm.running_mean)
        close(net.averages[f"variance{layer}"], norm.running_var)
    assert len(norms) == (LAYERS if net.settings.batch_norm else 0)


def close(ours: np.ndarray, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=0, atol=1e-10)
