"""An ordinary training loop of PyTorch; the two lines that hpsearch needs are marked."""

import torch
from digits_data import digits
from torch import nn

import hpsearch  # the first


def train(alpha, beta1, hidden_units, batch_size, epochs):
    X, y, X_dev, y_dev = map(torch.from_numpy, digits())
    net = nn.Sequential(nn.Linear(64, hidden_units), nn.ReLU(), nn.Linear(hidden_units, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=alpha, betas=(beta1, 0.999))
    for _ in range(epochs):
        for rows in torch.randperm(len(X)).split(batch_size):
            loss = nn.functional.cross_entropy(net(X[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            error = (net(X_dev).argmax(1) != y_dev).float().mean()
        hpsearch.epoch(dev_error=error, train_loss=loss)  # the second
