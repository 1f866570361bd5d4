"""A command line's words in one trial: values, empty fields, options and flags."""

from typing import Any

import pytest

from hpsearch.errors import TrainableError
from hpsearch.training.command_words import fill_in
from hpsearch.training.protocol import Context


def context(inactive: tuple[str, ...] = (), **hparams: Any) -> Context:
    return Context(7, 42, 3, "loss", hparams, inactive)


def test_words_are_split_before_they_are_filled_in() -> None:
    told = context(alpha=1e-05, name="two words; $HOME")
    words = fill_in("train 'my file' --a={alpha} {name} {seed} {{}} ''", told)
    assert words == ["train", "my file", "--a=1e-05", "two words; $HOME", "42", "{}", ""]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("t --mom {mom} --lr {lr}", ["t", "--lr", "0.5"]),
        ("t --mom={mom} --lr={lr}", ["t", "--lr=0.5"]),
        ("t -m {mom} -m{mom} x", ["t", "x"]),
        ("t optimizer.mom={mom} lr={lr}", ["t", "lr=0.5"]),
        ("t {mom} {lr}", ["t", "0.5"]),
        ("t --lr {lr} {mom} x", ["t", "--lr", "0.5", "x"]),
        ("t run-{mom}.txt --pair={mom},{lr}", ["t", "run-.txt", "--pair=,0.5"]),
        ("t --verbose {nesterov}", ["t"]),
        ("t -5 {mom} -- {mom}", ["t", "-5", "--"]),
        ("t --seed {seed} --mom {mom}", ["t", "--seed", "42"]),
    ],
)
@pytest.mark.parametrize("empty", ["inactive", "", None])
def test_an_option_goes_with_its_empty_field(
    command: str, words: list[str], empty: str | None
) -> None:
    told = context(("mom", "nesterov"), lr=0.5)
    if empty != "inactive":
        told = context(lr=0.5, mom=empty, nesterov=empty)
    assert fill_in(command, told) == words


def test_a_field_of_bare_options_leaves_the_word_before_it_alone() -> None:
    command = "t --verbose {nesterov}"
    bare = ("nesterov",)
    assert fill_in(command, context(nesterov=""), bare) == ["t", "--verbose"]
    assert fill_in(command, context(("nesterov",)), bare) == ["t", "--verbose"]
    whole = fill_in(command, context(nesterov="--nesterov"), bare)
    assert whole == ["t", "--verbose", "--nesterov"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(True, ["t", "-v", "--ema", "--use-ema"]), (False, ["t", "-v"]), (None, ["t", "-v"])],
)
def test_flags(value: bool | None, words: list[str]) -> None:
    assert fill_in("t -v {ema:flag} {ema:--use-ema}", context(ema=value)) == words


def test_an_inactive_flag_goes() -> None:
    assert fill_in("t {ema:flag} x", context(("ema",))) == ["t", "x"]


def test_formats_of_python_still_count() -> None:
    assert fill_in("t {lr:.2e} {n:03d}", context(lr=0.5, n=7)) == ["t", "5.00e-01", "007"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("train {gamma}", r"\{gamma\} is not a hyperparameter; there are alpha"),
        ("train 'x", "No closing quotation"),
        ("  ", "is empty"),
        ("train {alpha:flag}", "is a flag, for true and false, and alpha is 0.5"),
        ("train --x={alpha:flag}", "'--x={alpha:flag}'"),
        ("train {alpha.real.x}", "is not a hyperparameter"),
    ],
)
def test_what_cannot_be_filled_in(command: str, said: str) -> None:
    with pytest.raises(TrainableError, match=said):
        fill_in(command, context(alpha=0.5))


def test_names_with_dots_and_values_that_are_not_plain() -> None:
    told = context(("opt.mom",), arch=[64, "a b"], extra={"a": None}, **{"opt.lr": 0.5})
    words = fill_in("t opt.lr={opt.lr} --mom {opt.mom} --arch {arch} {extra} {opt.lr:.2e}", told)
    assert words == ["t", "opt.lr=0.5", "--arch", '[64, "a b"]', '{"a": null}', "5.00e-01"]
