"""A user's object in the running Python: how it can be found again, and what it is made of.

A function or class that a module holds under its own name is found again by that name, in any
process. What a notebook, a script that runs, or another function holds is not. Its code is then
told by digests of its own source and of everything that it uses: functions and classes beside it,
constants (data are not), and the modules in the user's own folders.
"""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from hpsearch.records import is_number
from hpsearch.training.code import (
    INSTALLED,
    canonical,
    imported_modules,
    module_digests,
    short_digest,
)
from hpsearch.training.reference import OF_PROCESS

_LOOK_UPS = {"LOAD_GLOBAL", "LOAD_NAME"}
LONGEST_CONSTANT = 10_000  # characters of a constant that still is code, and not data


def name_of(target: Callable[..., Any]) -> str:
    """What an object is called: its own name, that of what it wraps, or its class's.

    >>> name_of(len), name_of(lambda: 0), name_of(functools.partial(len))
    ('len', 'lambda', 'len')
    """
    if isinstance(target, functools.partial):
        return name_of(target.func)
    name = getattr(target, "__name__", type(target).__name__).strip("<>")
    return name if name.isidentifier() else "train"


def reference_to(target: Callable[..., Any]) -> tuple[str, str] | None:
    """How a config names the object, and the folder its package is in; ``None``: it cannot."""
    module = sys.modules.get(getattr(target, "__module__", None) or "")
    name = getattr(target, "__qualname__", "")
    if module is None or module.__name__ == OF_PROCESS or not name or "<" in name:
        return None
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    file = getattr(module, "__file__", None) or ""
    if found is not target or not file.endswith(".py"):
        return None
    path = Path(file).resolve()
    depth = module.__name__.count(".")
    if depth == 0 and path.name != "__init__.py":
        return f"{path}:{name}", ""
    root = path.parents[depth + (path.name == "__init__.py")]
    return f"{module.__name__}:{name}", str(root)


def object_digests(target: Callable[..., Any]) -> dict[str, str]:
    """A digest of each part of the user's own code that an object is made of, by name."""
    digests: dict[str, str] = {}
    _Parts(digests).add(name_of(target), target)
    return dict(sorted(digests.items()))


class _Parts:
    """Collects the digests of objects and of all that they use."""

    def __init__(self, digests: dict[str, str]) -> None:
        self._digests = digests
        self._seen: set[int] = set()
        self._modules: set[str] = set()

    def add(self, name: str, value: Any) -> None:
        """Take in what a name stands for; data and libraries are left out."""
        if id(value) in self._seen:
            return
        if isinstance(value, FunctionType | type):
            self._add_code(name, value)
        elif isinstance(value, ModuleType):
            self._add_module(value.__name__)
        elif isinstance(value, functools.partial):
            self._put(f"{name} arguments", repr([value.args, value.keywords]))
            self.add(name, value.func)
        elif inspect.ismethod(value):
            self.add(name, value.__func__)
            self.add(f"{name} self", value.__self__)
        elif _is_constant(value):
            self._put(name, _constant_text(value))
        elif isinstance(type(value).__call__, FunctionType):
            self.add(type(value).__name__, type(value))

    def _add_code(self, name: str, value: FunctionType | type) -> None:
        self._seen.add(id(value))
        if self._is_elsewhere(value):
            return
        if isinstance(value, FunctionType):
            self._add_function(name, value)
        else:
            self._add_class(name, value)

    def _put(self, name: str, text: str) -> None:
        digest = short_digest(text.encode("utf-8", "surrogatepass"))
        while self._digests.get(name, digest) != digest:
            name += "'"  # another of that name, of another scope
        self._digests[name] = digest

    def _add_function(self, name: str, function: FunctionType) -> None:
        tree = _tree_of(function)
        self._put(name, canonical(tree) if tree is not None else repr(_plain(function.__code__)))
        for module in imported_modules(tree, []):
            self._add_module(module)
        for used, value in _used(function):
            self.add(used, value)

    def _add_class(self, name: str, made: type) -> None:
        for base in made.__bases__:
            self.add(base.__name__, base)
        for member, value in vars(made).items():
            wrapped = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
            if isinstance(wrapped, FunctionType) or (
                _is_constant(wrapped) and not member.startswith("__")
            ):
                self.add(f"{name}.{member}", wrapped)

    def _is_elsewhere(self, value: Any) -> bool:
        """Whether a module holds it, whose file then counts if it is the user's."""
        if reference_to(value) is None and value.__module__ in (OF_PROCESS, None):
            return False
        module = sys.modules.get(value.__module__)
        if module is not None and "<" in value.__qualname__:
            return False  # it is made inside a function: its own source counts
        self._add_module(value.__module__)
        return True

    def _add_module(self, name: str) -> None:
        top = name.partition(".")[0]
        if top in self._modules or top in {*sys.stdlib_module_names, "hpsearch", OF_PROCESS}:
            return
        path = [str(Path.cwd()), *sys.path]
        found = PathFinder.find_spec(top, path)
        places = [*(found.submodule_search_locations or ()), found.origin or ""] if found else []
        if not places or any(INSTALLED & {*Path(place).parts} for place in places):
            self._modules.add(top)
            return
        self._digests |= module_digests(name, path)


def _used(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The globals, the captured variables and the defaults of a function, by name."""
    names = sorted(_names(function.__code__))
    yield from ((n, function.__globals__[n]) for n in names if n in function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue


def _names(code: CodeType) -> set[str]:
    """The names that a function looks up, those inside of it included."""
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    own = {i.argval for i in dis.get_instructions(code) if i.opname in _LOOK_UPS}
    return own.union(*map(_names, inner))


def _is_constant(value: Any) -> bool:
    if isinstance(value, tuple | list | set | frozenset):
        return len(value) <= LONGEST_CONSTANT and all(map(_is_constant, value))
    if isinstance(value, dict):
        return len(value) <= LONGEST_CONSTANT and all(map(_is_constant, [*value, *value.values()]))
    if isinstance(value, str | bytes):
        return len(value) <= LONGEST_CONSTANT
    return value is None or isinstance(value, bool) or is_number(value)


def _constant_text(value: Any) -> str:
    """What a constant is, the same in every process: a set has no order."""
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(_constant_text, value)))}}}"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__}({', '.join(map(_constant_text, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k!r}: {_constant_text(v)}' for k, v in value.items())}}}"
    return repr(value)


def _tree_of(function: FunctionType) -> ast.AST | None:
    """The syntax tree of a function's source, if that can be read; of a lambda its own part."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    if function.__name__ != "<lambda>":
        return tree
    # Its lines hold more than itself, such as the call that it is an argument of.
    code = function.__code__
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    lambdas = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda)
        and tuple(a.arg for a in [*node.args.args, *node.args.kwonlyargs]) == arguments
    ]
    return lambdas[0] if len(lambdas) == 1 else None


def _plain(code: CodeType) -> list[Any]:
    """What a function does, without where it stands."""
    constants = [_plain(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return [code.co_code, constants, code.co_names, code.co_varnames]
