"""What is wrong with a config, and where: collected first, told all at once.

Every problem has a *path*, such as ``("parameters", "alpha", "max")``. Its place in the file is
looked up when the problem is added: the value's own position, or that of the nearest thing around
it. What came from ``--set`` has no place in the file; its problems name the option instead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from hpsearch.errors import ConfigError

Path = tuple[str | int, ...]
"""The keys, and the positions in lists, that lead to a value."""


class _Unreadable:
    """Stands for a value that is already reported, so that it is not reported twice."""

    def __repr__(self) -> str:
        return "(unreadable)"


UNREADABLE = _Unreadable()


def is_readable(value: Any) -> bool:
    """Whether nothing inside the value is already reported."""
    if isinstance(value, dict):
        return all(is_readable(v) for v in value.values())
    if isinstance(value, list):
        return all(is_readable(v) for v in value)
    return value is not UNREADABLE


@dataclass(frozen=True, order=True)
class TextPosition:
    """A place in a text; both count from 1."""

    line: int
    column: int


@dataclass
class Document:
    """Plain values with the position of each of them and of each key.

    ``text_at`` has where the characters of a text begin: behind the quote, if it has one.
    ``empty`` are the paths at which nothing is written, which is not the word null.
    ``folder`` is the file's own. ``options`` maps a path to the option that gave it its value, as
    in ``--set seed=3``. ``arguments``, where the values came from a call in Python, says which
    argument gave what is at a path; then there are no positions.
    """

    source: str
    values: Any = None
    value_at: dict[Path, TextPosition] = field(default_factory=dict)
    empty: set[Path] = field(default_factory=set)
    key_at: dict[Path, TextPosition] = field(default_factory=dict)
    folder: FilePath = FilePath()
    text_at: dict[Path, TextPosition] = field(default_factory=dict)
    options: dict[Path, str] = field(default_factory=dict)
    arguments: Mapping[Path, str] | None = None

    def argument(self, path: Path) -> Path:
        """``path`` as the caller wrote it: ``space.alpha.max`` of ``parameters.alpha.max``."""
        for length in range(len(path), 0, -1):
            name = (self.arguments or {}).get(path[:length])
            if name is not None:
                return (name, *path[length:])
        return path

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return FilePath(self.source).stem

    def option(self, path: Path) -> str | None:
        """The option that gave the value at ``path``, or something around it.

        What is not in the file came from an option that gave something inside it.
        """
        for length in range(len(path), 0, -1):
            if path[:length] in self.options:
                return self.options[path[:length]]
        if path in self.value_at:
            return None
        inside = (option for p, option in self.options.items() if p[: len(path)] == path)
        return next(inside, None)

    def absolute(self, path: Path, text: str) -> str:
        """The absolute form of a file named at ``path``.

        In the config it is relative to the config's folder, in an option to the current one.
        """
        start = FilePath.cwd() if self.option(path) else self.folder.absolute()
        home = os.path.expanduser(text)  # noqa: PTH111 - Path.expanduser raises for ~nobody
        return os.path.normpath(start / home)

    def written(self, path: Path) -> Path:
        """``path``, or what it is inside of where the file uses a short form."""
        return path if path in self.value_at else path[:-1]

    def position(self, path: Path, *, of_key: bool = False) -> TextPosition:
        """Where a value, or its key, stands; else where the nearest thing around it stands."""
        if of_key and path in self.key_at:
            return self.key_at[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.value_at:
                return self.value_at[path[:length]]
        return TextPosition(1, 1)


def dotted(path: Path) -> str:
    """A path as people write it.

    >>> dotted(("parameters", "layers", "values", 0))
    'parameters.layers.values[0]'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


@dataclass(frozen=True)
class Problem:
    """One line for the user."""

    place: str
    position: TextPosition | None
    path: Path
    text: str

    @property
    def what(self) -> str:
        """The problem without its place."""
        return f"{dotted(self.path)}: {self.text}" if self.path else self.text

    def __str__(self) -> str:
        place = self.place
        if self.position is not None:
            place += f":{self.position.line}:{self.position.column}"
        line = f"{place}: {self.what}"
        # A key or an option may hold anything; a problem is one line on a terminal.
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)

    @property
    def order(self) -> tuple[bool, TextPosition]:
        """The order of the file, options last."""
        return (self.position is None, self.position or TextPosition(0, 0))


class Problems:
    """The problems of one config, and its warnings."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []

    def __len__(self) -> int:
        return len(self._errors)

    def add(self, path: Path, text: str, *, of_key: bool = False) -> None:
        """Report something wrong with the value, or the key, at ``path``."""
        self._errors.append(self._problem(path, text, of_key))

    def add_inside(self, path: Path, column: int, text: str) -> None:
        """Report something wrong within a text, at the character ``column`` from 0 of it."""
        start = self.document.text_at.get(path)
        if start is None or self.document.arguments is not None or self.document.option(path):
            self.add(path, text)
        else:
            place = TextPosition(start.line, start.column + column)
            self._errors.append(Problem(self.document.source, place, path, text))

    def add_problem(self, problem: Problem) -> None:
        """Report a problem that has a place of its own."""
        self._errors.append(problem)

    def add_at(self, position: TextPosition, path: Path, text: str) -> None:
        """Report something wrong at a place in the file."""
        self._errors.append(Problem(self.document.source, position, path, text))

    def warn(self, path: Path, text: str) -> None:
        """Tell something that is allowed and probably not meant."""
        self._warnings.append(self._problem(path, text, of_key=False))

    def name_arguments(self, arguments: Mapping[Path, str]) -> None:
        """Tell of everything, found so far or from now on, by the argument that gave it."""
        self.document.arguments = arguments
        self._errors = [self._problem(e.path, e.text, of_key=False) for e in self._errors]

    def has(self, path: Path) -> bool:
        """Whether something is already reported at ``path`` itself."""
        return any(error.path == path for error in self._errors)

    def blame(self, *paths: Path) -> Path:
        """Of several values that do not fit together, the one that came from an option, if any."""
        return next((p for p in paths if self.document.option(p)), paths[0])

    @property
    def warnings(self) -> list[str]:
        """One line for each warning, in the order of the file."""
        return [str(w) for w in sorted(self._warnings, key=lambda w: w.order)]

    @property
    def first(self) -> Problem:
        """The problem that was found first; there must be one."""
        return self._errors[0]

    def error(self) -> ConfigError:
        """All problems in the order of the file as one error."""
        lines = [str(e) for e in sorted(self._errors, key=lambda e: e.order)]
        return ConfigError("\n".join(dict.fromkeys(lines)))

    def _problem(self, path: Path, text: str, of_key: bool) -> Problem:
        if self.document.arguments is not None:
            return Problem(self.document.source, None, self.document.argument(path), text)
        option = self.document.option(path)
        if option is not None:
            return Problem(option, None, path, text)
        position = self.document.position(path, of_key=of_key)
        return Problem(self.document.source, position, path, text)
