"""What a person would see of a stream, however often its lines were drawn."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.training.terminal_lines import HELD, TerminalLines


def lines_of(*pieces: str) -> list[str]:
    lines = TerminalLines()
    found = [line for piece in pieces for line in lines.feed(piece)]
    return found + list(lines.end())


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("one\ntwo\n", ["one", "two"]),
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("no end", ["no end"]),
        ("\n\n one\n\n", [" one"]),
        ("1/2\r2/2\n", ["2/2"]),
        ("\r1/2\r2/2\nnext", ["2/2", "next"]),
        ("bar\r\x1b[Knext\n", ["next"]),  # erased, then printed over
        ("bar\r   \rnext\n", ["next"]),
        ("bar\b\b\b\b\r bar 2\n", [" bar 2"]),
        ("\x1b[1mbold\x1b[0m \x1b]0;title\x07text\n", ["bold text"]),
        (
            "\router 0\n\rinner 1\x1b[A\router 1\n\rinner 2\x1b[A\router 2\n\n",
            ["outer 2", "inner 2"],
        ),
    ],
)
def test_lines_as_they_are_seen_at_last(printed: str, seen: list[str]) -> None:
    assert lines_of(printed) == seen


def test_a_plain_line_is_told_at_once_and_a_bar_after_the_next_one() -> None:
    lines = TerminalLines()
    assert list(lines.feed("one\n")) == ["one"]
    assert list(lines.feed("\rbar\n")) == []
    assert list(lines.feed("two\n")) == ["bar", "two"]


def test_bars_alone_are_held_back_for_no_more_than_a_few_lines() -> None:
    lines = TerminalLines()
    told = [len(list(lines.feed(f"\r{number}\n"))) for number in range(20)]
    assert told == [0] * HELD + [1] * (20 - HELD)


@given(
    st.lists(st.lists(st.sampled_from(["a", "bb", "ccc"]), min_size=1, max_size=4), max_size=6),
    st.integers(0, 99),
)
def test_what_is_seen_depends_on_neither_redraws_nor_pieces(
    bars: list[list[str]], seed: int
) -> None:
    printed = "".join("\r" + "\r".join(states) + "\n" for states in bars)
    drawn_once = "".join(f"\r{states[-1]}\n" for states in bars)
    cuts = sorted(random.Random(seed).choices(range(len(printed) + 1), k=5))
    pieces = [printed[a:b] for a, b in zip([0, *cuts], [*cuts, len(printed)], strict=True)]
    assert lines_of(*pieces) == lines_of(drawn_once) == [states[-1] for states in bars]
