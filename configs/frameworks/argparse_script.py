"""A script with options of its own. Run by hand it prints its epochs; in a trial they are told."""

import argparse

import numpy as np
from digits_data import digits

import hpsearch

parser = argparse.ArgumentParser()
parser.add_argument("--alpha", type=float, default=0.1)
parser.add_argument("--l2", type=float, default=0.0)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--momentum", action="store_true")
options = parser.parse_args()

X, y, X_dev, y_dev = digits()
W, velocity = np.zeros((64, 10)), np.zeros((64, 10))
for _ in range(options.epochs):
    scores = np.exp(X @ W - (X @ W).max(1, keepdims=True))
    p = scores / scores.sum(1, keepdims=True)
    gradient = X.T @ (p - np.eye(10)[y]) / len(X) + options.l2 * W
    velocity = (0.9 * velocity if options.momentum else 0) + gradient
    W -= options.alpha * velocity
    error = ((X_dev @ W).argmax(1) != y_dev).mean()
    hpsearch.epoch(dev_error=error, train_loss=-np.log(p[np.arange(len(y)), y] + 1e-12).mean())
