"""What common loggers print by default, and the number that is taken from it.

The documentation shows the same table. The lines of Keras, XGBoost, LightGBM, CatBoost and tqdm
are shortened from their output; the others were written after the formats of these libraries.
"""

from pathlib import Path

import pytest

from hpsearch.training.command_output import OutputReader, StreamReader

BAR = "\x1b[32m━━━\x1b[0m\x1b[37m━\x1b[0m"
KERAS = (
    "Epoch {e}/2\n"
    f"\x1b[1m1/3\x1b[0m {BAR} \x1b[1m0s\x1b[0m 229ms/step - accuracy: 0.4375 - loss: 0.9558"
    + "\b"
    * 70
    + f"\r\x1b[1m3/3\x1b[0m {BAR} \x1b[1m0s\x1b[0m 80ms/step - accuracy: 0.5"
    " - loss: 0.{e} - val_accuracy: 0.68 - val_loss: 0.7{e}\n"
)
TQDM = (
    "\repoch {e}:   0%|          | 0/3 [00:00<?, ?it/s]"
    "\repoch {e}:  33%|███▎      | 1/3 [00:00<?, ?it/s, loss=9]"
    "\repoch {e}: 100%|██████████| 3/3 [00:00<00:00, 18921.67it/s, loss=0.{e}]\n"
)
YOLO = (
    "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n"
    "\r        1/3      1.12G      1.051      1.542      1.263          8        640\n"
    "                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95)\n"
    "                   all        128        929      0.671      0.524      0.610      0.452\n"
)
FASTAI = (
    "epoch     train_loss  valid_loss  accuracy  time    \n"
    "0         0.9         0.5         0.83      00:05\n"
)

LOGGERS = {
    "PyTorch loop": ("Epoch {e} loss: 0.{e}\n", "loss", [0.1, 0.2]),
    "PyTorch MNIST example": (
        "\nTest set: Average loss: 0.0{e}, Accuracy: 981{e}/10000 (98%)\n\n",
        "Accuracy",
        [0.9811, 0.9812],
    ),
    "PyTorch ImageNet example": (
        " *   Acc@1 70.{e} Acc@5 90.1\n",
        "Acc@1",
        [70.1, 70.2],
    ),
    "Lightning validate": ("│         val_loss          │    0.{e}    │\n", "val_loss", [0.1, 0.2]),
    "Keras": (KERAS, "val_loss", [0.71, 0.72]),
    "Keras verbose=2": (
        "3/3 - 0s - 856us/step - accuracy: 0.4 - loss: 0.8 - val_loss: 0.{e}\n",
        "val_loss",
        [0.1, 0.2],
    ),
    "Hugging Face Trainer": (
        "{{'loss': 0.9, 'grad_norm': 1.2, 'learning_rate': 5e-05, 'epoch': 0.{e}}}\n"
        "{{'eval_loss': 0.{e}, 'eval_runtime': 1.9, 'epoch': {e}.0}}\n",
        "eval_loss",
        [0.1, 0.2],
    ),
    "XGBoost": (
        "[{e}]\ttrain-logloss:0.9\tvalidation-logloss:0.{e}\n",
        "validation-logloss",
        [0.1, 0.2],
    ),
    "LightGBM": ("[{e}]\tvalid_0's binary_logloss: 0.{e}\n", "binary_logloss", [0.1, 0.2]),
    "CatBoost": (
        "{e}:\tlearn: 0.6\ttest: 0.{e}\tbest: 0.1 (0)\ttotal: 54.4ms\tremaining: 109ms\n",
        "test",
        [0.1, 0.2],
    ),
    "scikit-learn MLP": ("Iteration {e}, loss = 0.{e}\n", "loss", [0.1, 0.2]),
    "timm": (
        "Test: [   9/9]  Time: 0.1 (0.2)  Loss:   0.{e} (0.5)  Acc@1: 75.0 (74.{e})\n",
        "Acc@1",
        [75.0, 75.0],
    ),
    "Detectron2": (
        "[05/01 12:00:00 d2.utils.events]:  eta: 0:08:26  iter: {e}9  total_loss: 0.{e}"
        "  loss_cls: 0.9  time: 0.3 lr: 0.02\n",
        "total_loss",
        [0.1, 0.2],
    ),
    "MMDetection": (
        "2024/05/01 12:00:00 - mmengine - INFO - Epoch(val) [{e}][9/9]"
        "    coco/bbox_mAP: 0.3{e}  coco/bbox_mAP_50: 0.5  time: 0.1\n",
        "coco/bbox_mAP",
        [0.31, 0.32],
    ),
    "fairseq": (
        "2024-05-01 12:00:00 | INFO | valid | epoch 00{e} | valid on 'valid' subset"
        " | loss 4.{e} | nll_loss 2.5 | ppl 5.9\n",
        "loss",
        [4.1, 4.2],
    ),
    "Flax, JAX": (
        "I0501 12:00:00.123456 140 train.py:99] epoch:  {e}, train_loss: 0.9, test_loss: 0.{e}\n",
        "test_loss",
        [0.1, 0.2],
    ),
    "Julia, Flux": ("┌ Info: epoch {e}\n└   loss = 0.{e}f0\n", "loss", [0.1, 0.2]),
    "R, keras": ("Epoch {e}/2 - loss: 0.9 - val_loss: 0.{e}\n", "val_loss", [0.1, 0.2]),
    "TensorFlow.js": ("{{ epoch: {e}, loss: 0.{e}, acc: 0.9 }}\n", "loss", [0.1, 0.2]),
    "tqdm": (TQDM, "loss", [0.1, 0.2]),
    "Python logging": (
        "2024-05-01 12:00:00,123 INFO train: epoch {e} val_acc: 0.{e}\n",
        "val_acc",
        [0.1, 0.2],
    ),
    "Stable-Baselines3": ("|    ep_rew_mean     | 20.{e}     |\n", "ep_rew_mean", [20.1, 20.2]),
    "W&B summary": ("wandb: val_acc 0.{e}\n", "val_acc", [0.1, 0.2]),
    "JSON lines": ('{{"epoch": {e}, "val_acc": 0.{e}}}\n', "val_acc", [0.1, 0.2]),
}
"""Logger: what it prints for epoch {e}, a metric, and what is taken for epochs 1 and 2."""

TABLES = {
    "fastai": (FASTAI, "valid_loss"),
    "Ultralytics YOLO": (YOLO, "box_loss"),
    "spaCy": (
        "E    #       LOSS NER  ENTS_F  SCORE\n  0       0     45.63    0.00    0.00\n",
        "SCORE",
    ),
}

DOCUMENT = Path(__file__).parents[2] / "docs" / "models.md"


def taken(printed: str, metric: str) -> list[float]:
    reader = StreamReader("stdout", metric)
    return [e.values[metric] for e in [*reader.feed(printed), *reader.end()]]


@pytest.mark.parametrize("logger", LOGGERS)
def test_the_number_taken(logger: str) -> None:
    form, metric, numbers = LOGGERS[logger]
    printed = "".join(form.format(e=epoch) for epoch in (1, 2))
    assert taken(printed, metric) == pytest.approx(numbers, rel=1e-12)


@pytest.mark.parametrize("logger", TABLES)
def test_columns_are_not_read_and_that_is_said(logger: str) -> None:
    printed, metric = TABLES[logger]
    reader = OutputReader(metric)
    assert not list(reader.epochs([printed], lambda: None))
    said = reader.missing()
    assert "columns are not read" in said, said
    assert f"'{metric}: 0.12'" in said


@pytest.mark.parametrize("redraws", [1, 5])
def test_lightnings_nested_bars_are_one_line_in_their_last_state(redraws: int) -> None:
    inner = "".join(f"\n\rValidation: {n}/{redraws}\x1b[A" for n in range(redraws))
    outer = "".join(f"\rEpoch 0: {n}%| v_num=0, val_loss=0.{n}" for n in range(1, redraws + 1))
    last = "\rEpoch 1: 100%|██| 9/9 [00:00<00:00, 30.00it/s, v_num=0, val_loss=0.25]\n"
    done = "`Trainer.fit` stopped: `max_epochs=2` reached.\n"
    assert taken(outer + inner + last + done, "val_loss") == [0.25]


@pytest.mark.parametrize("logger", [*LOGGERS, *TABLES])
def test_the_documentation_shows_it(logger: str) -> None:
    assert f"\n| {logger} |" in DOCUMENT.read_text(encoding="utf-8")
