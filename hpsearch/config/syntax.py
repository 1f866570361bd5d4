"""PyYAML's complaints about broken syntax, in plain words."""

from __future__ import annotations

import re

import yaml

from hpsearch.config.problems import Position

_SYNTAX = (
    (
        "mapping values are not allowed",
        "this ':' is not expected here; check the indentation and that the line before is "
        "complete, and quote a text that holds ': '",
    ),
    ("could not find expected ':'", "a ':' is missing; write key: value"),
    ("expected <block end>", "the indentation does not fit the lines above; align it with them"),
    ("expected '<document start>'", "the indentation does not fit the lines above; align it"),
    ("sequence entries", "a list cannot start here; put '- ' on its own line, or write [a, b]"),
    ("unknown escape character", "unknown escape; use single quotes around text with \\"),
    ("expected alphabetic or numeric", "a text cannot start with & or *; quote it"),
    ("chomping or indentation", "a text cannot start with | or >; quote it"),
)  # fmt: skip


def explain_syntax(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[Position, str]:
    """Where a file is not YAML, and what to do about it, in plain words."""
    problem = str(error.problem or error.context)
    mark = error.problem_mark or error.context_mark
    assert mark is not None
    position = Position(mark.line + 1, mark.column + 1)
    opened = error.context_mark
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1]:
        return position, "there is a tab here; use spaces"
    if "found unexpected end of stream" in problem and opened is not None:
        quote = Position(opened.line + 1, opened.column + 1)
        return quote, "the quote that opens here is not closed; add one at the end of the text"
    bracket = re.search(r"expected ',' or '([\]}])'", problem)
    if bracket is not None and opened is not None:
        start = Position(opened.line + 1, opened.column + 1)
        return start, f"a comma is missing in the bracket that opens here, or its '{bracket[1]}'"
    starter = re.search(r"found character '(.+)' that cannot start", problem)
    if starter is not None:
        return position, f"a value cannot start with {starter[1]}; quote it"
    for words, text in _SYNTAX:
        if words in problem:
            return position, text
    return position, f"this is not YAML ({problem}); check the line and the one before"
