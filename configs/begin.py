"""A made-up training: what it comes to depends on the rate, the layers' widths and the batch."""

import math


def train(optimizer, widths, batch):
    """The error; the best rate is 0.02 with adam, and a network of two layers does."""
    best = 0.02 if optimizer["name"] == "adam" else 0.3
    off = math.log10(optimizer["rate"] / best)
    return 0.05 + 0.1 * off**2 + 0.02 * abs(len(widths) - 2) + 0.001 * math.log2(batch / 64) ** 2
