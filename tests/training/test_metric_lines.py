"""The grammar of a line: exact names, every way to write a number, and what is none."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.training.metric_lines import NearMiss, names_in, read_bare_number, read_line


def value(line: str, metric: str = "loss") -> float | None:
    found = read_line(line, metric)
    return None if found is None else found.values[metric]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("loss: 0.25", 0.25),
        ("epoch 3 loss=1e-3 acc=0.5", 0.001),
        ("loss:0.5", 0.5),
        ("loss 0.5", 0.5),
        ("loss\t0.5", 0.5),
        ("loss - 0.5", 0.5),
        ("loss -0.5", -0.5),
        ("loss -> 0.5", 0.5),
        ("|  loss  | 0.5 |", 0.5),
        ("(loss: 0.5)", 0.5),
        ('"loss": 0.5,', 0.5),
        ("'loss': '0.5'", 0.5),
        ("The loss: 0.5.", 0.5),
        ("loss: .5", 0.5),
        ("loss: 5.", 5),
        ("loss: +5", 5),
        ("loss: −5", -5),
        ("loss: 1E5", 1e5),
        ("loss: 0.5f0", 0.5),  # Julia's Float32
        ("loss: 1.5f-3", 0.0015),
        ("loss: 1.5D-3", 0.0015),  # Fortran
        ("loss: 1,234.5", 1234.5),
        ("loss: 1,234", 1234),
        ("loss: 12,345,678", 12345678),
        ("loss: 1.234,5", 1234.5),
        ("loss: 0,25", 0.25),
        ("loss: 0.5, acc: 3", 0.5),
        ("loss=0.5,acc=3", 0.5),
        ("loss: 1'234.5", 1234.5),
        ("loss: 1\u202f234,5", 1234.5),
        ("loss....: 0.5", 0.5),
        ("loss ........ 0.5", 0.5),
        ("┃ loss ┃ 0.5 ┃", 0.5),
        ("loss ≈ 0.5", 0.5),
        ("The loss is 0.5, the best was 0.4", 0.5),
        ("loss was: 0.5", 0.5),
        ("OrderedDict([('loss', 0.5), ('acc', 0.6)])", 0.5),
        ("{'lr': 0.1} loss: 0.5", 0.5),  # the settings beside the metric
        ("loss=0.5 settings={'lr': 0.1, 'loss': 'mse'}", 0.5),
        ("loss: 71.59%", 71.59),
        ("loss: 71.59 %", 71.59),
        ("loss: 9912/10000 (99%)", 0.9912),
        ("loss: 9912 / 10000 (99%)", 0.9912),
        ("loss: 0.5 / 0.6", 0.5),
        ("loss: 0.5+0.1", 0.5),  # XGBoost's cross-validation
        ("loss: 0.5 ± 0.1", 0.5),
        ("loss: [0.5]", 0.5),
        ("loss: np.float64(0.5)", 0.5),
        ("loss: tensor(0.5, device='cuda:0', grad_fn=<MeanBackward0>)", 0.5),
        ("loss: tensor([0.5])", 0.5),
        ("loss: Array(0.5, dtype=float32)", 0.5),
        ("loss: <tf.Tensor: shape=(), dtype=float32, numpy=0.5>", 0.5),
        ("Loss loss_2d: 0.1 | loss: 0.5 | loss_smpl: 0.3", 0.5),
        ("train/loss: 0.9  loss: 0.5", 0.5),
        ("loss: 0.5  val/loss: 0.9", 0.5),
        ("loss 3 times in a row, loss: 0.5", 0.5),  # a sign goes before white space
        ("2024-05-01 12:00:00,123 INFO root: loss: 0.5", 0.5),
    ],
)
def test_numbers(line: str, number: float) -> None:
    assert value(line) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    "line",
    [
        "val_loss: 0.5",
        "val/loss: 0.5",
        "val.loss: 0.5",
        "val-loss: 0.5",
        "loss_2d: 0.5",
        "loss/val: 0.5",
        "loss2: 0.5",
        "--loss 0.5",
        "Loss: 0.5",
        "loss: high",
        "loss: 0.5s",
        "loss: 1_000",
        "loss: 0:08:26",
        "loss: 2024-01-02",
        "loss: 1.2.3",
        "loss: 0.5,0.6",
        "loss: 1,23,4",
        "loss: [0.5, 0.6]",
        "loss: 1.5×10^-3",
        "loss: 1.5*10^-3",
        "loss: 1.5*^-3",
        "loss: {'step': 1} 0.5",
        "loss 0.95: 0.4",
        "loss, 0.5",
        "loss: information",
        "loss: nanometres",
        "lossless 3",
        "the loss",
        "",
    ],
)
def test_what_is_not_the_metric(line: str) -> None:
    assert value(line) is None


@pytest.mark.parametrize(
    "text",
    ["nan", "NaN", "NAN", "-nan", "nan(ind)", "-nan(ind)", "NaN32", "1.#QNAN", "-1.#IND"],
)
def test_every_spelling_of_nan(text: str) -> None:
    for line in (f"loss: {text}", f"loss={text}, acc=1", f"loss {text}"):
        found = value(line)
        assert found is not None, line
        assert math.isnan(found)


@pytest.mark.parametrize("text", ["inf", "Inf", "INF", "Infinity", "Inf32", "∞", "1.#INF", "+inf"])
def test_every_spelling_of_infinity(text: str) -> None:
    assert value(f"loss: {text}") == math.inf
    assert value(f"loss: -{text.lstrip('+')} acc: 1") == -math.inf


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('{"loss": 1, "tag": "x", "acc": 0.5}', {"loss": 1.0, "acc": 0.5}),
        ('INFO:root:{"loss": 0.5}', {"loss": 0.5}),
        ('{"loss": 0.5} saved', {"loss": 0.5}),
        ('{"loss": "0.5", "lr": [1, 2], "ok": true}', {"loss": 0.5}),
        ("{'loss': 0.5, 'epoch': 1.0}", {"loss": 0.5, "epoch": 1.0}),
        ("{'loss': np.float64(0.5), 'n': -3}", {"loss": 0.5, "n": -3.0}),
        ("{'loss': tensor(0.5, device='cuda:0', grad_fn=<Mul>), 'x': None}", {"loss": 0.5}),
        ("{'loss': array([0.5]), 'y': open}", {"loss": 0.5}),
        ("{ loss: 0.5, acc: 1 }", {"loss": 0.5}),  # as JavaScript prints an object
    ],
)
def test_objects(line: str, values: dict[str, float]) -> None:
    found = read_line(line, "loss")
    assert found is not None
    assert found.values == values


def test_objects_that_are_not_finite() -> None:
    for line in ('{"loss": NaN}', "{'loss': nan}", "{'loss': tensor(nan)}", '{"loss": "NaN"}'):
        found = value(line)
        assert found is not None, line
        assert math.isnan(found)
    assert value('{"loss": -Infinity}') == value("{'loss': -inf}") == -math.inf


@pytest.mark.parametrize(
    "line",
    [
        '{"acc": 1}',
        '{"loss": "low"}',
        '{"loss": true}',
        '{"loss": null}',
        '{"train": {"loss": 0.5}}',  # another's loss
        '{"note": "loss: 0.5"}',
        "{not json",
        "{'loss': __import__('os').getpid()}",
        "{" * 5000 + "loss",
    ],
)
def test_objects_without_the_metric(line: str) -> None:
    assert value(line) is None


@pytest.mark.parametrize(
    ("metric", "line"),
    [
        ("val/loss", "val/loss: 0.5"),
        ("Val Loss", "Train Loss: 0.9 | Val  Loss: 0.5"),
        ("validation-rmse", "[0]\ttrain-rmse:0.9\tvalidation-rmse:0.5"),
        ("valid_0's l2", "[10]\ttraining's l2: 0.9\tvalid_0's l2: 0.5"),
        ("acc (%)", "acc (%): 0.5"),
        ("box[mAP]", "box[mAP] = 0.5"),
        ("mAP@0.5", "mAP@0.5: 0.5 mAP@0.5:0.95: 0.4"),
        ("mAP@0.5:0.95", "mAP@0.5: 0.6 mAP@0.5:0.95: 0.5"),
        ("Acc@1", "Loss 6.9 (6.95) Acc@1 0.5 (0.1)"),
        ("λ", "λ: 0.5"),
    ],
)
def test_names_of_every_kind(metric: str, line: str) -> None:
    assert value(line, metric) == 0.5


def test_the_last_of_several_is_taken_and_told() -> None:
    found = read_line("Train loss: 0.9, Val loss: 0.5", "loss")
    assert found is not None
    assert found.values == {"loss": 0.5}
    assert found.repeated
    once = read_line("loss: 0.5 (loss: 0.5)", "loss")
    assert once is not None
    assert not once.repeated


@pytest.mark.parametrize(
    ("line", "number"), [("3.5", 3.5), (" -1e3 \n", -1000), ("93.5 %", 93.5), ("3 epochs", None)]
)
def test_a_bare_number(line: str, number: float | None) -> None:
    assert read_bare_number(line) == number


@given(st.dictionaries(st.text(), st.floats(allow_nan=False)))
def test_json_and_dicts_come_back_as_they_were_printed(values: dict[str, float]) -> None:
    printed = {**values, "loss": 0.1 + 0.2}
    for line in (json.dumps(printed), f"INFO {json.dumps(printed)}", repr(printed)):
        found = read_line(line, "loss")
        assert found is not None
        assert found.values == printed


@given(st.floats(allow_nan=False), st.sampled_from(["loss: {}", "a=1 loss={} b=2", "loss {}"]))
def test_every_float_comes_back(number: float, form: str) -> None:
    assert value(form.format(number)) == number


@given(st.text(), st.text(min_size=1))
def test_no_line_raises(line: str, metric: str) -> None:
    read_line(line, metric)
    read_line(f"{metric} {line}", metric)
    miss = NearMiss(metric)
    miss.see(line)
    miss.advice()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["hello"], ""),
        (["Epoch 1 Val_Acc: 0.83"], "write metric.name: Val_Acc if that is it"),
        (["val/acc: 0.83", "saved"], "'val/acc: 0.83': write metric.name: val/acc"),
        (["acc: 0.9", "[0]\teval-val_acc:0.5"], "metric.name: eval-val_acc"),
        (["val_accuracy: 0.83"], "write metric.name: val_accuracy"),
        (["epoch  train_acc  val_acc  time"], "columns are not read"),
        (["val_acc: n/a", "epoch: 1"], "'val_acc: n/a'"),
        (["{'eval': {'val_acc': 0.5}}"], "{'eval': {'val_acc': 0.5}}"),
    ],
)
def test_the_nearest_line(lines: list[str], said: str) -> None:
    miss = NearMiss("val_acc")
    for line in lines:
        miss.see(line)
    assert said in miss.advice()
    assert bool(said) == bool(miss.advice())


def test_names_in_a_line() -> None:
    line = "Epoch 3/10  loss: 0.9 - val/acc: 71% ETA: 0:08:26"
    assert names_in(line) == ["Epoch", "loss", "val/acc"]
    assert names_in('{"a": 1, "b": "x", "c": [1]}') == ["a"]


def test_no_code_of_a_line_runs(capsys: pytest.CaptureFixture[Any]) -> None:
    assert value("{'loss': print(0.5)}") == 0.5
    assert capsys.readouterr().out == ""
