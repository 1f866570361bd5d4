"""JAX: the steps of an epoch in one compiled scan; the seed is the trial's."""

import jax
import jax.numpy as jnp
from digits_data import digits

import hpsearch


def scores(params, X):
    return jax.nn.relu(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def loss(params, X, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(scores(params, X)), y[:, None], 1).mean()


@jax.jit
def one_epoch(params, X, y, batches, alpha):
    def step(params, rows):
        gradients = jax.grad(loss)(params, X[rows], y[rows])
        return jax.tree.map(lambda p, g: p - alpha * g, params, gradients), None

    return jax.lax.scan(step, params, batches)[0]


def train(alpha, hidden_units, batch_size, epochs, seed):
    X, y, X_dev, y_dev = digits()
    first, second, key = jax.random.split(jax.random.key(seed), 3)
    W1 = jax.random.normal(first, (64, hidden_units)) / 8
    W2 = jax.random.normal(second, (hidden_units, 10)) / hidden_units**0.5
    params = {"W1": W1, "b1": jnp.zeros(hidden_units), "W2": W2, "b2": jnp.zeros(10)}
    for epoch in range(epochs):
        rows = jax.random.permutation(jax.random.fold_in(key, epoch), len(X))
        rows = rows[: len(X) // batch_size * batch_size].reshape(-1, batch_size)
        params = one_epoch(params, X, y, rows, alpha)
        hpsearch.epoch(dev_error=(scores(params, X_dev).argmax(1) != y_dev).mean())
