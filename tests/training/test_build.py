"""From a spec to a trainable: what the user's code is given."""

from pathlib import Path

from hpsearch.training.build import build
from hpsearch.training.protocol import Context, TrainableSpec

CODE = """
def f(units, more, n, rate):
    units.append(1)
    more["seen"] = True
    return len(units) + len(more) + n + rate
"""


def test_what_a_training_does_to_a_constant_no_other_sees(tmp_path: Path) -> None:
    file = tmp_path / "user_of_build_test.py"
    file.write_text(CODE)
    meanings = {"units": {"[64]": [64]}, "more": {"{}": {}}}
    spec = TrainableSpec("object", f"{file}:f", meanings=meanings)
    context = Context(0, 1, 1, "loss", {"units": "[64]", "more": "{}", "n": 3, "rate": 0.5})
    for _ in range(2):
        assert build(spec, context).train_epoch(1) == {"loss": 2 + 1 + 3 + 0.5}
    assert meanings == {"units": {"[64]": [64]}, "more": {"{}": {}}}
