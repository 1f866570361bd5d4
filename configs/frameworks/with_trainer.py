"""The Trainer of Hugging Face's transformers: a callback of two lines pushes its evaluations."""

from tempfile import TemporaryDirectory

from digits_data import digits
from torch import nn
from transformers import Trainer, TrainerCallback, TrainingArguments

import hpsearch

QUIET = {"save_strategy": "no", "report_to": "none", "disable_tqdm": True}


class ReportEpochs(TrainerCallback):
    def on_evaluate(self, *_, metrics, **__):
        hpsearch.epoch(metrics)


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))

    def forward(self, X, labels):
        scores = self.layers(X)
        return {"loss": nn.functional.cross_entropy(scores, labels), "logits": scores}


def rows(X, y):
    return [{"X": x, "labels": label} for x, label in zip(X, y, strict=True)]


def train(alpha, hidden_units, epochs, seed):
    X, y, X_dev, y_dev = digits()
    settings = {"learning_rate": alpha, "num_train_epochs": epochs, "seed": seed, "use_cpu": True}
    data = {"train_dataset": rows(X, y), "eval_dataset": rows(X_dev, y_dev)}
    with TemporaryDirectory() as folder:
        arguments = TrainingArguments(folder, eval_strategy="epoch", **settings, **QUIET)
        Trainer(Net(hidden_units), arguments, **data, callbacks=[ReportEpochs()]).train()
