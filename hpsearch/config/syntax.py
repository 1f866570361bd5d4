"""PyYAML's complaints about broken syntax, in plain words."""

from __future__ import annotations

import re

import yaml

from hpsearch.config.problems import TextPosition

_AT_START = (
    (
        r"unexpected end of stream",
        "the quote that opens here is not closed; add one at the end of the text",
    ),
    (
        r"expected ',' or '([\]}])'",
        "a comma is missing in the bracket that opens here, or its '{0}'",
    ),
    (r"could not find expected ':'", "a ':' is missing on this line; write key: value"),
)
"""What PyYAML notices late: reported where the quote, the bracket or the key began."""

_WHERE_FOUND = (
    (r"found character '(.+)' that cannot start", "a value cannot start with {0}; quote it"),
    (
        r"mapping values are not allowed",
        "this ':' is not expected here; check the indentation and that the line before is "
        "complete, and quote a text that holds ': '",
    ),
    (
        r"expected (<block end>|'<document start>')",
        "the indentation does not fit the lines above; align it with them",
    ),
    (
        r"sequence entries",
        "a list cannot start here; put '- ' on its own line, or write [a, b]",
    ),
    (r"unknown escape character", "unknown escape; use single quotes around text with \\"),
    (r"expected alphabetic or numeric", "a text cannot start with & or *; quote it"),
    (r"chomping or indentation", "a text cannot start with | or >; quote it"),
)


def explain_syntax(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[TextPosition, str]:
    """Where a file is not YAML, and what to do about it, in plain words."""
    problem = str(error.problem or error.context)
    found_at = error.problem_mark or error.context_mark
    assert found_at is not None
    started_at = error.context_mark or found_at
    line = lines[found_at.line] if found_at.line < len(lines) else ""
    if "\t" in line[: found_at.column + 1]:
        return _position(found_at), "there is a tab here; use spaces"
    for mark, explanations in ((started_at, _AT_START), (found_at, _WHERE_FOUND)):
        for pattern, text in explanations:
            match = re.search(pattern, problem)
            if match is not None:
                return _position(mark), text.format(*match.groups())
    return _position(found_at), f"this is not YAML ({problem}); check the line and the one before"


def _position(mark: yaml.Mark) -> TextPosition:
    return TextPosition(mark.line + 1, mark.column + 1)
