"""How long an average remembers, and where it is shown: preview, report, page, babysitting."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.space import averages
from hpsearch.space.averages import change_of_steps, is_average, range_of_steps, steps
from hpsearch.space.parameters import Number
from hpsearch.space.scales import LOG, ONE_MINUS
from tests.shell import Shell

CONFIG = """
name: digits
data: digits
epochs: 1
parameters:
  beta1: {min: 0.9, max: 0.9995, scale: 1-beta}
  hidden_units: 8
search: {max_trials: 3, lookahead: 3}
run: {workers: 1}
"""


def test_examples() -> None:
    failed, tried = doctest.testmod(averages)
    assert tried
    assert not failed


@pytest.mark.parametrize(
    ("beta", "expected"), [(0.9, "10"), (0.999, "1,000"), (0.9995, "2,000"), (0.5, "2"), (0, "1")]
)
def test_the_courses_numbers(beta: float, expected: str) -> None:
    assert steps(beta) == expected


def test_only_the_scale_near_1_has_a_range_of_them() -> None:
    assert range_of_steps(Number("beta", low=0.9, high=0.999, scale=ONE_MINUS)) == "10 to 1,000"
    assert range_of_steps(Number("alpha", low=0.1, high=1.0, scale=LOG)) == ""


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("beta2", 0.999, 0.9995, "averages over about 1,000 -> 2,000 values"),
        ("momentum", 0.5, 0.9, "averages over about 2 -> 10 values"),
        ("alpha", 0.9, 0.99, ""),
        ("beta", 4.0, 5.0, ""),  # the weight of something else
        ("beta", 0.9, "high", ""),
        ("gamma", True, False, ""),
        ("rho", 0.1, 0.2, ""),
    ],
)
def test_a_nudge(name: str, old: object, new: object, expected: str) -> None:
    assert change_of_steps(name, old, new) == expected


@pytest.mark.parametrize("name", ["beta", "beta1", "bn_momentum", "bn-momentum", "Gamma", "rho"])
def test_names_of_averages(name: str) -> None:
    assert is_average(name)
    assert not is_average(f"{name}_range")


def test_it_is_shown_where_such_a_value_is_chosen_or_nudged(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG)
    shown = shell("preview", "config.yaml")
    assert shown.code == 0, shown.err
    assert "1/(1-β)" in shown.out
    assert "10 to 2,000" in shown.out
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    report = shell("report", "digits")
    assert "beta1 averages over 1/(1-β) values: 10 to 2,000, " in report.out
    assert shell("report", "digits", "--html").code == 0
    page = (tmp_path / "runs/digits/report.html").read_text(encoding="utf-8")
    assert "beta1, 1-β scale, 1/(1-β) = 10 to 2,000" in page
    nudged = subprocess.run(
        [sys.executable, "-m", "hpsearch", "babysit", "config.yaml"],
        cwd=tmp_path,
        input="beta1=0.99\nbeta1=0.999\n",
        text=True,
        capture_output=True,
        check=False,
    )
    assert nudged.returncode == 0, nudged.stderr
    assert "beta1 averages over about 100 -> 1,000 values" in nudged.stdout
