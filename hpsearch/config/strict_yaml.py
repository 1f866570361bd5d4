"""Strict YAML: plain values without surprises, and the position of each of them.

PyYAML's parser gives events; what a scalar means is decided in ``scalars``. A second key of the
same name, which PyYAML would let win in silence, is refused, and so are aliases, tags and further
documents in the file.

A value that cannot be used becomes ``UNREADABLE``, and reading goes on: only broken syntax ends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml
from yaml.reader import Reader

from hpsearch.config.problems import UNREADABLE, Document, Path, Problems, TextPosition
from hpsearch.config.scalars import Refused, resolve, short
from hpsearch.config.syntax import explain_syntax

MAX_BYTES = 1 << 18
MAX_DEPTH = 16


class _Broken(Exception):
    """The text cannot be read any further; what is wrong is already reported."""


def parse(text: str | bytes, source: str) -> Document:
    """Read a whole config file; its top level must be a mapping.

    Raises:
        ConfigError: with a line ``source:line:column: …`` for each thing wrong.
    """
    problems = read(text, source)
    if problems:
        raise problems.error()
    return problems.document


def read(text: str | bytes, source: str) -> Problems:
    """Read as much as can be read; the result carries the document and what is wrong with it."""
    problems = Problems(Document(source, {}))
    try:
        _check_and_build(text, problems)
    except _Broken:
        problems.document.values = UNREADABLE
    return problems


def read_value(text: str) -> Any:
    """The value written in ``text``, as if it stood behind a key.

    Raises:
        ValueError: it is not YAML, or cannot be used; the message says why.
    """
    problems = Problems(Document("", None))
    try:
        value = _Builder(_decoded(text, problems), problems).document()
    except _Broken:
        value = UNREADABLE
    if problems:
        raise ValueError(problems.first.what)
    return value


def _decoded(data: str | bytes, problems: Problems) -> str:
    """The text, if it is text."""
    text = data if isinstance(data, str) else _utf8(data, problems)
    if len(text) > MAX_BYTES:
        kilobytes = MAX_BYTES // 1024
        _stop(problems, TextPosition(1, 1), f"larger than {kilobytes} kB; is it a config?")
    odd = Reader.NON_PRINTABLE.search(text)
    if odd is not None:
        before = text[: odd.start()]
        position = TextPosition(before.count("\n") + 1, odd.start() - before.rfind("\n"))
        character = f"U+{ord(odd.group()):04X}"
        _stop(problems, position, f"the character {character} cannot stand in a text; delete it")
    return text


def _utf8(data: bytes, problems: Problems) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        _stop(problems, TextPosition(1, 1), "the file is UTF-16; save it as UTF-8")
    if b"\0" in data[:4096]:
        _stop(problems, TextPosition(1, 1), "this is a binary file; name a YAML file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        before = data[: e.start]
        position = TextPosition(before.count(b"\n") + 1, e.start - before.rfind(b"\n"))
        _stop(problems, position, f"byte 0x{data[e.start]:02x} is not UTF-8; save it as UTF-8")


def _stop(problems: Problems, position: TextPosition, text: str) -> NoReturn:
    problems.add_at(position, (), text)
    raise _Broken


def _check_and_build(data: str | bytes, problems: Problems) -> None:
    text = _decoded(data, problems)
    builder = _Builder(text, problems)
    document = problems.document
    document.values = builder.document()
    start = document.position(())
    if not text.strip():
        _stop(problems, start, "the file is empty; `hpsearch init` writes one to start from")
    if document.values is None:
        _stop(problems, start, "there is nothing but comments; `hpsearch init` writes a config")
    if not isinstance(document.values, dict):
        kind = "a list" if isinstance(document.values, list) else "a single value"
        advice = "write lines of the form key: value, with a space after the colon"
        _stop(problems, start, f"the file holds {kind}; {advice}")


class _Builder:
    """Builds plain values from PyYAML's events."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.lines = text.split("\n")
        self.problems = problems
        self.events = self._safely(yaml.parse(text, Loader=yaml.SafeLoader))

    def _safely(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        """The same events, with PyYAML's errors in our words."""
        try:
            yield from events
        except yaml.MarkedYAMLError as e:
            position, text = explain_syntax(e, self.lines)
            _stop(self.problems, position, text)
        except (ValueError, OverflowError):
            # "\UFFFFFFFF" and a version directive of 5,000 digits get past PyYAML's own checks.
            _stop(
                self.problems,
                TextPosition(1, 1),
                "an escape or a directive in it is not valid; delete it",
            )

    def document(self) -> Any:
        """The value of the only document; ``None`` if there is none."""
        value = None
        next(self.events)  # the stream starts
        for number, event in enumerate(self.events):
            if isinstance(event, yaml.StreamEndEvent):
                break
            if number > 0:
                text = "a second document starts here; keep one config in a file"
                _stop(self.problems, _position(event), text)
            value = self.node(next(self.events), ())
            next(self.events)  # the document ends
        return value

    def node(self, event: yaml.Event, path: Path) -> Any:
        """The value that starts with ``event``; all of its events are used up."""
        position = _position(event)
        self.problems.document.value_at.setdefault(path, position)
        if len(path) > MAX_DEPTH:
            _stop(
                self.problems, position, f"nested deeper than {MAX_DEPTH} levels; write it flatter"
            )
        if isinstance(event, yaml.AliasEvent):
            text = f"aliases (*{event.anchor}) are not allowed; write the value out"
            return self._refuse(position, path, text)
        value: Any
        if isinstance(event, yaml.MappingStartEvent):
            value = self._mapping(path)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._list(path)
        else:
            assert isinstance(event, yaml.ScalarEvent)
            value = self._scalar(event, path)
        tag = getattr(event, "tag", None)
        if tag is not None:
            name = tag.replace("tag:yaml.org,2002:", "!!")
            text = f"tags ({short(name)}) are not allowed; write the plain value"
            return self._refuse(position, path, text)
        return value

    def _list(self, path: Path) -> list[Any]:
        values: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            values.append(self.node(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            position = _position(event)
            if not isinstance(event, yaml.ScalarEvent) or not event.value:
                self.node(event, (*path, "?"))
                self.node(next(self.events), (*path, "?"))
                self._refuse(position, path, "a key must be a word; write key: value")
                continue
            key = event.value
            inside = (*path, key)
            if key in values:
                line = self.problems.document.key_at[inside].line
                self._refuse(position, inside, f"given twice, first on line {line}; delete one")
                self.node(next(self.events), inside)
                continue
            self.problems.document.key_at[inside] = position
            values[key] = self.node(next(self.events), inside)
        return values

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Any:
        text = event.value
        here = _position(event)
        start = TextPosition(here.line, here.column + (event.style in ("'", '"')))
        self.problems.document.text_at[path] = start
        if not event.style:
            if not text:
                self.problems.document.empty.add(path)
            try:
                return resolve(text)
            except Refused as e:
                return self._refuse(_position(event), path, str(e))
        if Reader.NON_PRINTABLE.search(text):
            problem = "an escape in it stands for a character that cannot be printed; delete it"
            return self._refuse(_position(event), path, problem)
        return text

    def _refuse(self, position: TextPosition, path: Path, text: str) -> Any:
        self.problems.add_at(position, path, text)
        return UNREADABLE


def _position(event: yaml.Event) -> TextPosition:
    mark = event.start_mark
    assert mark is not None
    return TextPosition(mark.line + 1, mark.column + 1)
