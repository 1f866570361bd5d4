"""What a person types: understood, or answered with what was probably meant."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import UsageError
from hpsearch.panda import grammar
from hpsearch.panda.changes import new_value, written
from hpsearch.panda.grammar import (
    Back,
    Begin,
    Diff,
    Go,
    Help,
    Note,
    Probe,
    Save,
    Set,
    Simple,
    parse,
)

SETTINGS = ["alpha", "l2", "batch_size", "optimizer"]


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("", []),
        ("   ", []),
        ("# only a remark", []),
        ("go", [Go(5)]),
        ("go 12", [Go(12)]),
        ("GO 3", [Go(3)]),
        ("alpha /3", [Set((("alpha", "/3"),))]),
        ("alpha/3", [Set((("alpha", "/3"),))]),
        ("alpha=0.1", [Set((("alpha", "=0.1"),))]),
        ("alpha = 0.1", [Set((("alpha", "= 0.1"),))]),
        ("alpha:=0.1", [Set((("alpha", ":=0.1"),))]),
        ("l2 +1e-4 # it overfits", [Set((("l2", "+1e-4"),), "it overfits")]),
        ("alpha /10; l2 1e-4", [Set((("alpha", "/10"), ("l2", "1e-4")))]),
        ("back 12; alpha /3; go 4", [Back("12"), Set((("alpha", "/3"),)), Go(4)]),
        ("back -5", [Back("-5")]),
        ("back b1@8", [Back("b1@8")]),
        ("branch wild", [Begin("wild")]),
        ("diff main b1", [Diff("main", "b1")]),
        ("note a; b # c", [Note("a; b # c")]),
        ("alpha 1; note so; go 5", [Set((("alpha", "1"),)), Note("so; go 5")]),
        ("undo;undo", [Simple("undo"), Simple("undo")]),
        ("probe", [Probe("alpha")]),
        ("probe l2", [Probe("l2")]),
        ("save", [Save(None)]),
        ("save good", [Save("good")]),
        ("q", [Simple("quit")]),
        ("?", [Help()]),
        ("help go", [Help("go")]),
        ("tree # now", [Simple("tree")]),
    ],
)
def test_lines_that_are_understood(line: str, commands: list[grammar.Command]) -> None:
    assert parse(line, SETTINGS) == commands


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gp 4", "unknown command 'gp'; did you mean go?"),
        ("alhpa 3", "did you mean alpha?"),
        ("bakc 3", "did you mean back?"),
        ("xyzzy", "help lists what there is"),
        ("12", "did you mean go 12?"),
        ("go far", "write how many epochs"),
        ("go 0", "write how many epochs"),
        ("go -3", "write how many epochs"),
        ("back", "back takes one word, as in back 12"),
        ("back 1 2", "back takes one word"),
        ("diff main", "diff takes two"),
        ("note", "note takes the text"),
        ("undo 3", "'3' is too much"),
        ("go 5; gp", "unknown command 'gp'"),
    ],
)
def test_lines_that_are_not(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        parse(line, SETTINGS)


NETWORK = [
    "alpha",
    "optimizer",
    "beta",
    "beta1",
    "beta2",
    "epsilon",
    "batch_size",
    "decay",
    "decay_rate",
    "l2",
    "dropout",
    "bn_momentum",
    "layers",
    "hidden_units",
]


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("learning_rate", "here it is called alpha"),
        ("lr", "here it is called alpha"),
        ("LR", "here it is called alpha"),
        ("momentum", "here it is called beta, and for adam beta1"),
        ("weight_decay", "here it is called l2"),
        ("batch", "here it is called batch_size"),
        ("Alpha", "here it is called alpha"),
        ("drpout", "did you mean dropout?"),
        ("set", "write only the setting and its value, as in alpha 0.01"),
        ("epochs", "here it is called go"),
        ("rollback", "here it is called back"),
        ("redo", "what was undone is still there: tree shows it, and back returns to it"),
    ],
)
def test_what_other_tools_call_a_setting_or_a_command(word: str, advice: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(f"{word} 0.1", NETWORK)
    assert refused.value.message == f"unknown command {word!r}; {advice}"


def test_a_setting_of_own_code_is_found_by_the_names_of_others() -> None:
    for word in ("alpha", "learning_rate"):
        with pytest.raises(UsageError, match="here it is called lr"):
            parse(f"{word} /3", ["lr", "layers"])


@given(st.text(max_size=40))
def test_no_line_brings_it_down(line: str) -> None:
    with contextlib.suppress(UsageError):
        parse(line, SETTINGS)


@pytest.mark.parametrize(
    ("old", "text", "new"),
    [
        (0.3, "0.01", 0.01),
        (0.3, "=0.01", 0.01),
        (0.3, ":=0.01", 0.01),
        (0.3, ":= -1", -1.0),
        (0.3, "1", 1.0),
        (0.75, "/3", 0.25),
        (0.25, "*3", 0.75),
        (0.25, "* 3", 0.75),
        (0.5, "+0.25", 0.75),
        (0.5, "-0.25", 0.25),
        (0.5, "=-0.25", -0.25),
        (64, "*2", 128),
        (64, "/2", 32),
        (64, "/3", 64 / 3),  # whether a batch can have 21.3 rows is for the trainable to say
        (64, "32.0", 32),
        ("adam", "sgd", "sgd"),
        (True, "false", False),
        (0.1, "adam", "adam"),
    ],
)
def test_new_values(old: object, text: str, new: object) -> None:
    found = new_value("x", old, text)
    assert found == new
    assert type(found) is type(new)


@pytest.mark.parametrize(
    ("old", "text", "said"),
    [
        (0.1, "", "what it is to become"),
        (0.1, "=", "what it is to become"),
        ("adam", "/3", "not a number"),
        (True, "*2", "not a number"),
        (0.1, "/x", "'x' is not a number"),
        (0.1, "/", "'nothing' is not a number"),
        (0.1, "/0", "divide by something else"),
    ],
)
def test_values_that_are_none(old: object, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        new_value("x", old, text)


@given(st.one_of(st.floats(allow_nan=False), st.integers(), st.booleans()))
def test_what_is_written_reads_back_as_the_same_bits(value: float) -> None:
    found = new_value("x", value, f"={written(value)}")
    assert found == value
    assert type(found) is type(value)
    assert math.copysign(1, found) == math.copysign(1, value)
