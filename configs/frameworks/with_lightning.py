"""A LightningModule that logs its metrics, as it is; only the Trainer is given a callback."""

import lightning
import torch
from digits_data import digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from hpsearch.callbacks.lightning import ReportEpochs

QUIET = dict.fromkeys(["logger", "enable_checkpointing", "enable_progress_bar"], False)


class Digits(lightning.LightningModule):
    def __init__(self, alpha, hidden):
        super().__init__()
        self.alpha = alpha
        self.net = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))

    def training_step(self, batch):
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch):
        self.log("val_error", (self.net(batch[0]).argmax(1) != batch[1]).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.alpha)


def train(alpha, hidden_units, batch_size, epochs):
    X, y, X_dev, y_dev = map(torch.from_numpy, digits())
    loader = DataLoader(TensorDataset(X, y), batch_size, shuffle=True)
    dev = DataLoader(TensorDataset(X_dev, y_dev), len(X_dev))
    trainer = lightning.Trainer(max_epochs=epochs, callbacks=[ReportEpochs()], **QUIET)
    trainer.fit(Digits(alpha, hidden_units), loader, dev)
