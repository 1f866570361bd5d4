r"""Which number in a line of output is the metric: the grammar, and nothing else.

A line gives the metric in one of two ways:

* An **object** in it, JSON or as Python prints a dict, with or without words before it, has the
  metric's name as a key. Its other numbers are metrics too. Of a line with an object that has not
  the metric, what stands inside the object is not read in another way.
* Else **name, separator, number**. The name is exact, in its case and as a whole: what is joined
  to it by a letter, digit, ``_``, ``-``, ``.``, ``/``, ``\`` or ``@`` belongs to another name. It
  may stand in quotes and may itself contain any of these, and spaces. The separator is ``:``,
  ``=``, ``->``, ``|`` of a table, a dash between spaces, ``is``, after a quote a comma (``('loss',
  0.5)``), or white space alone; dots may lead to it (``loss....: 0.5``). Where a line has the name
  with one of the signs, it is not looked for with white space alone.

A number is ``0.5``, ``.5``, ``5.``, ``1e-3``, ``0.5f0`` (Julia), ``1,234.5`` and ``1'234.5``
(thousands), ``0,25`` (decimal comma), ``9912/10000`` or ``9912 / 10000`` (the quotient),
``71.59%`` (the number as it stands), any spelling of a NaN or an infinity, or one of these as a
library's object prints it: ``tensor(0.5, device='cuda:0')``, ``np.float64(0.5)``, ``[0.5]``. What
is joined to it by a letter, a digit, or a sign and a digit (``0:08:26``, ``2024-01-02``,
``0.5,0.6``, ``1.5×10^3``) is no number, nor is what has a value of its own (the 0.95 of
``mAP@0.5:0.95: 0.4``).

Where one line has the name several times, the last counts: what is shown last is the newest, or
the validation set's after the training set's. :attr:`Reading.repeated` tells, so that a person can
be told.
"""

from __future__ import annotations

import ast
import difflib
import functools
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hpsearch.records import is_number

LONGEST_OBJECT = 100_000  # characters of an object that are parsed
SHOWN = 120  # characters of a line that a message quotes

_NOT_FINITE = r"(?:nan(?:\d\d)?(?:\(\w*\))?|inf(?:inity)?(?:\d\d)?|1\.#\w+)"
_GROUPS = "'\u00a0\u202f\u2019"  # what may stand between thousands and nowhere else in a number
_DIGITS = (
    rf"(?:\d{{1,3}}(?:[{_GROUPS}]\d{{3}})+(?:[.,]\d+)?|"
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d+|\d+\.?\d*|\.\d+)"
)
_EXPONENT = r"(?:[eEfFdD][-+]?\d+)?"
_PLAIN = rf"[-+−]?(?:(?i:{_NOT_FINITE})|∞|{_DIGITS}{_EXPONENT})"
_END = rf"(?![\w∞^]|[-.,:/{_GROUPS}]\d|\s?[×*]\s?\d|\*\^|[:=]\s*\d)"
_QUOTIENT = r"(?:/\d+(?:\.\d+)?|(?<=\d)\s/\s\d+(?![\d.,]))?"
_BEFORE_NUMBER = r"""(?:["'`]|<[^<>]*\bnumpy=|[A-Za-z_][\w.]*\()?(?:(?P<list>\[)\s*)?"""
_NUMBER = rf"(?P<number>{_PLAIN}{_QUOTIENT}){_END}(?(list)\s*\])"
_SIGN = (
    r"""(?:["'`]?\s*\.*(?:->|=>|→|:=|[:=|│┃≈]|(?<=\s)[-–—](?=\s))"""
    r"""|["']\s*,|\s*\.{2,}|["'`]?\s+(?:is|was):?(?=\s))\s*"""
)
_SPACE = r"""["'`]?\s+"""
_BEFORE_NAME = r"(?<![\w./\\@-])"

_BARE = re.compile(_PLAIN)
_ANY_PAIR = re.compile(rf"([^\W\d][\w./\\@%-]*)(?:{_SIGN}|{_SPACE}){_BEFORE_NUMBER}{_NUMBER}")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_OPAQUE = re.compile(r"=\s*<[^<>]*>")  # grad_fn=<MulBackward0>, which is no Python


@dataclass(frozen=True)
class Reading:
    """What one line says of an epoch.

    ``values`` has the metric, and from an object its other numbers. ``repeated`` if the line has
    the metric more than once, with other numbers.
    """

    values: Mapping[str, float]
    repeated: bool = False


def read_line(line: str, metric: str) -> Reading | None:
    """What a line says of the metric; ``None`` if it does not give it.

    >>> read_line('{"loss": 0.5, "step": 3}', "loss").values
    {'loss': 0.5, 'step': 3.0}
    >>> read_line("epoch 3  train/loss: 0.9  loss: 0.25", "loss").values
    {'loss': 0.25}
    """
    if metric.split()[:1] and metric.split(maxsplit=1)[0] not in line:
        return None  # most lines; the rest of this is for the few
    place = _object_in(line)
    if place is not None:
        found, start, end = place
        numbers = {key: n for key, value in found.items() if (n := _as_number(value)) is not None}
        if metric in numbers:
            return Reading(numbers)
        line = f"{line[:start]}{{}}{line[end:]}"
    for separator in (_SIGN, _SPACE):
        matches = list(_pattern(metric, separator).finditer(line))
        values = [parse_number(match["number"]) for match in matches]
        if values:
            return Reading({metric: values[-1]}, repeated=len(set(map(repr, values))) > 1)
    return None


def read_bare_number(line: str) -> float | None:
    """The number that is all there is on a line."""
    text = line.strip().removesuffix("%").rstrip()
    return parse_number(text) if _BARE.fullmatch(text) else None


def parse_number(text: str) -> float:
    """The value of what the grammar calls a number.

    >>> [parse_number(each) for each in ("1,234.5", "0,25", "1.5f-3", "-Inf32", "3/4")]
    [1234.5, 0.25, 0.0015, -inf, 0.75]
    """
    text = re.sub(f"[{_GROUPS}]", "", text.replace("−", "-"))
    above, slash, below = text.partition("/")
    if slash:
        whole = parse_number(below)
        return parse_number(above) / whole if whole else math.nan
    lower = text.lower()
    if "nan" in lower or "#ind" in lower or "#qnan" in lower or "#snan" in lower:
        return math.nan
    if "inf" in lower or "∞" in lower:
        return -math.inf if lower.startswith("-") else math.inf
    if _THOUSANDS.match(text) and not re.search(r",\d{3}\d", text):
        text = text.replace(",", "")
    elif "," in text:
        text = text.replace(".", "").replace(",", ".")
    return float(re.sub("[fFdD]", "e", text))


@functools.lru_cache(maxsize=16)
def _pattern(metric: str, separator: str) -> re.Pattern[str]:
    name = r"\s+".join(map(re.escape, metric.split()))
    return re.compile(rf"{_BEFORE_NAME}{name}{separator}{_BEFORE_NUMBER}{_NUMBER}")


def _object_in(line: str) -> tuple[Mapping[str, Any], int, int] | None:
    """A line's first object, with where it begins and ends; ``None`` if there is none."""
    start = line.find("{")
    if start < 0 or len(line) - start > LONGEST_OBJECT:
        return None
    text = line[start:].rstrip()
    try:
        found, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        length = text.rfind("}") + 1
        found = _python_dict(text[:length])
    return (found, start, start + length) if isinstance(found, dict) and found else None


def _python_dict(text: str) -> dict[str, Any] | None:
    """A dict as Python prints it, read and never run; what is no number in it is left out."""
    tree = _parsed(text) or _parsed(_OPAQUE.sub("=None", text))
    if not isinstance(tree, ast.Dict):
        return None
    pairs = zip(tree.keys, tree.values, strict=True)
    return {
        str(key.value): _python_number(value)
        for key, value in pairs
        if isinstance(key, ast.Constant)
    }


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _python_number(node: ast.expr) -> Any:
    """A number, or its text; ``tensor(0.5)`` is what it holds."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id="nan" | "NaN" | "inf" | "Infinity" as name):
            return parse_number(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _as_number(_python_number(operand))
            return None if value is None else -value
        case ast.Call(args=[inner, *_]) | ast.List(elts=[inner]):
            return _python_number(inner)
    return None


def _as_number(value: Any) -> float | None:
    """A number of an object; some loggers write theirs in quotes."""
    if isinstance(value, str):
        return read_bare_number(value)
    if not is_number(value):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return math.copysign(math.inf, value)


class NearMiss:
    """The line that most looks as if it held the metric, where none does.

    Of lines that are equally near the last is kept: the one that a person saw last.
    """

    def __init__(self, metric: str) -> None:
        self._metric = metric
        self._plain = _plain(metric)
        self._rank = 0
        self.line = ""

    def see(self, line: str) -> None:
        """Take notice of a line that does not give the metric."""
        rank = self._nearness(line[:1000])
        if rank and rank >= self._rank:
            self._rank, self.line = rank, line.strip()

    def _nearness(self, line: str) -> int:
        if self._metric in line:
            return 3
        if self._plain and self._plain in _plain(line):
            return 2
        spellings = map(_plain, names_in(line))
        return 1 if difflib.get_close_matches(self._plain, spellings, n=1) else 0

    def advice(self) -> str:
        """What to do about it; empty if no line was near."""
        if not self.line:
            return ""
        shown = self.line if len(self.line) <= SHOWN else f"{self.line[:SHOWN]}…"
        names = [name for name in names_in(self.line) if name != self._metric]
        near = [name for name in names if self._plain in _plain(name)] or difflib.get_close_matches(
            self._metric, names, n=1
        )
        if near:
            does = f"write metric.name: {near[-1]} if that is it, or"
        elif self._metric in self.line and len(names_in(self.line)) == 0:
            does = "no number stands right after the name (columns are not read);"
        else:
            does = "no number follows that name there;"
        return f"the nearest line is {shown!r}: {does} "


def names_in(line: str) -> list[str]:
    """What the line gives numbers to, as far as it can be told.

    >>> names_in("epoch 3  train/loss: 0.9  Val-Loss=0.5")
    ['epoch', 'train/loss', 'Val-Loss']
    """
    place = _object_in(line)
    if place is not None:
        return [key for key, value in place[0].items() if _as_number(value) is not None]
    return list(_names(line))


def _names(line: str) -> Iterator[str]:
    for match in _ANY_PAIR.finditer(line):
        yield match[1]


def _plain(text: str) -> str:
    """A name without case and signs, to compare spellings by."""
    return re.sub(r"[\W_]+", "", text).lower()
