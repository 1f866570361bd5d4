"""Which code a run trains: a digest of each of the user's files that it is made of.

The files are the trainable's own and those that it imports, directly or not, from its own folder:

* ``file.py:object``: the file, and the modules and packages beside it;
* ``package.module:object``: the module, and what lies beside its package; of an installed one the
  package alone;
* a command: the programs that its words name, by a path or by ``python -m``, and for Python what
  they import, as above.

Imports are read from the source, and nothing is run. A module that is chosen only at run time, an
installed library and data that the code reads are not among them. A Python file's digest is of its
syntax tree without docstrings, so that comments, blank lines and layout do not count; a file in
another language counts byte by byte.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from hpsearch.portable import split_command
from hpsearch.training.protocol import TrainableSpec
from hpsearch.training.reference import refuse_of_process

INSTALLED = {"site-packages", "dist-packages"}
_PYTHON = re.compile(r"(.*/)?python[0-9.]*")
_PROGRAMS = {
    ".bash",
    ".c",
    ".cc",
    ".cpp",
    ".cu",
    ".go",
    ".java",
    ".jl",
    ".js",
    ".lua",
    ".m",
    ".mjs",
    ".pl",
    ".py",
    ".r",
    ".rb",
    ".rs",
    ".scala",
    ".sh",
    ".ts",
}
_DIGITS = 16  # 64 bits: two versions of a file are told apart


def code_digests(spec: TrainableSpec, folder: Path | None = None) -> dict[str, str]:
    """A digest of each file of the user's code, by its path from the folder that holds it.

    A command is looked for in ``folder``, by default its own, which is the current one if it has
    none; a module in the current one, on Python's path, and in ``folder``. What is not found is
    left out: whoever loads the code says so.

    Raises:
        TrainableError: it is an object of another Python process.
    """
    here = Path.cwd()
    folder = folder or (Path(spec.folder) if spec.folder else here)
    if spec.kind == "command":
        return _of_command(spec.reference, folder)
    if spec.kind != "object":
        return {}
    if spec.pickled:
        return dict(spec.code)
    refuse_of_process(spec.reference)
    place = spec.reference.rpartition(":")[0]
    if place.endswith(".py"):
        return _Imports(Path(place).parent).digests([Path(place)])
    return module_digests(place, [str(here), *sys.path, str(folder)])


def module_digests(name: str, path: Sequence[str]) -> dict[str, str]:
    """The digests of a module's files and of what they import, looked for on ``path``."""
    top = name.partition(".")[0]
    found = PathFinder.find_spec(top, path)
    if found is None:
        return {}
    if found.submodule_search_locations:
        root = Path(next(iter(found.submodule_search_locations))).parent
    elif found.origin is not None and found.origin.endswith(".py"):
        root = Path(found.origin).parent
    else:
        return {}  # compiled, or part of Python
    imports = _Imports(root, only=top if INSTALLED & set(root.parts) else None)
    return imports.digests(list(imports.files_of(name)))


def _of_command(command: str, folder: Path) -> dict[str, str]:
    try:
        words = [part for word in split_command(command) for part in word.split()]
    except ValueError:
        return {}
    digests: dict[str, str] = {}
    for number, word in enumerate(words):
        if number > 1 and words[number - 1] == "-m" and _PYTHON.fullmatch(words[number - 2]):
            digests |= module_digests(word, [str(folder), *sys.path])
            continue
        file = folder / word.strip("'\";")
        if "{" in word or not _is_program(file):
            continue
        if file.suffix == ".py":
            more = _Imports(file.parent).digests([file])
        else:
            more = {file.name: _digest(file)}
        for name, digest in more.items():
            # Two programs in two folders may have one name; the second goes by its word, too.
            taken = digests.get(name, digest) != digest
            digests[f"{word}/{name}" if taken else name] = digest
    return digests


def _is_program(file: Path) -> bool:
    try:
        return file.suffix.lower() in _PROGRAMS and file.is_file()
    except (OSError, ValueError):  # a word that cannot be a path
        return False


class _Imports:
    """The files that Python would import from one folder; ``only`` from one package in it."""

    def __init__(self, root: Path, only: str | None = None) -> None:
        self._root = root
        self._only = only

    def digests(self, start: Sequence[Path]) -> dict[str, str]:
        """The digests of some files and of all that they import."""
        digests: dict[str, str] = {}
        waiting = list(start)
        while waiting:
            file = waiting.pop()
            name = file.relative_to(self._root).as_posix()
            if name in digests or not file.is_file():
                continue
            digests[name] = _digest(file)
            for module in imported_modules(_tree(file.read_bytes()), name.split("/")[:-1]):
                waiting.extend(self.files_of(module))
        return dict(sorted(digests.items()))

    def files_of(self, module: str) -> Iterator[Path]:
        """The files that ``import module`` runs, packages before what is in them."""
        parts = module.split(".")
        # Of hpsearch the version is on record, which is what people have of it.
        if self._only not in (None, parts[0]) or parts[0] == "hpsearch":
            return
        for end in range(1, len(parts) + 1):
            place = self._root.joinpath(*parts[:end])
            for file in (place / "__init__.py", place.with_name(f"{place.name}.py")):
                if file.is_file():
                    yield file
                    break


def imported_modules(tree: ast.AST | None, package: Sequence[str]) -> Iterator[str]:
    """The full name of every module that may be imported, wherever the import stands."""
    for node in ast.walk(tree) if tree is not None else ():
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                above = package[: len(package) - level + 1] if level else []
                source = [*above, *([module] if module else [])]
                yield from (".".join([*source, alias.name]) for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def _digest(file: Path) -> str:
    data = file.read_bytes()
    tree = _tree(data) if file.suffix == ".py" else None
    if tree is not None:
        with contextlib.suppress(RecursionError):  # the file's own bytes do as well
            data = canonical(tree).encode("utf-8", "surrogatepass")
    return short_digest(data)


def short_digest(data: bytes) -> str:
    """What stands for some bytes in the record of a run."""
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


def _tree(data: bytes) -> ast.Module | None:
    """The file's syntax tree; ``None`` if it has none, which whoever runs it will say."""
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def canonical(node: object) -> str:
    """A syntax tree as text that is the same in every version of Python.

    Versions add fields, which are empty in code that does not use them: empty ones are left out.
    """
    if isinstance(node, list):
        return f"[{','.join(canonical(item) for item in node if not _is_bare_text(item))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((name, getattr(node, name, None)) for name in sorted(node._fields))
    inside = ",".join(
        f"{name}={canonical(value)}" for name, value in fields if value is not None and value != []
    )
    return f"{type(node).__name__}({inside})"


def _is_bare_text(node: object) -> bool:
    """Whether a statement is only text: a docstring, or a comment by other means."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def changed_files(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The files whose digests are not the same, or that are in one of the two only."""
    return [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
