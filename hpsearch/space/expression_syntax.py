"""From a text to the tree of an expression.

==========================  ==================================================
numbers, texts              ``3``, ``1e-4``, ``'adam'``, ``true``, ``false``
names                       ``beta1``, ``optimizer.lr``, ``hidden_units[1]``
arithmetic                  ``+ - * / // % **``
functions                   ``min max round log exp sqrt``
comparisons, in chains too  ``< <= > >= == !=``
truth                       ``and or not``
==========================  ==================================================

Python's parser finds the structure; what is not in this table is refused.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from hpsearch.records import is_number, same_value
from hpsearch.space.expressions import (
    LARGEST,
    Arithmetic,
    Compared,
    Expression,
    Literal,
    Logic,
    Name,
    Node,
)
from hpsearch.text import nearest, plural

LONGEST = 500  # characters of an expression
DEEPEST = 100  # nodes from the root of its tree to a leaf
MOST_DIGITS = 20  # that a number is rounded to

BRACES = "a parameter is named without braces"
TOO_DEEP = "is nested too deeply; compute it in your code"


class ExpressionError(ValueError):
    """The text is no expression; ``column`` is the place in it, from 0."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """The expression of a text.

    >>> parse("1 - (1 - beta1) / 10").value({"beta1": 0.9})
    0.99

    Raises:
        ExpressionError: it is none; says what is wrong, and at which column.
    """
    return Expression(text, _Reader(text).tree())


def _round(number: float, digits: float = 0) -> float:
    """The nearest whole number, a half to the even one; with digits, a number of so many."""
    if not digits:
        return round(number)
    return round(number, max(-MOST_DIGITS, min(int(digits), MOST_DIGITS)))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "round": _round,
    "log": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
}
_ARGUMENTS = {"min": (2, 20), "max": (2, 20), "round": (1, 2)}
"""How many numbers a function takes, at least and at most; one, where it is not listed."""


def _power(base: float, exponent: float) -> Any:
    """A power; of floats where the whole number would be a long one."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        short = exponent * base.bit_length() <= LARGEST.bit_length()
        return base**exponent if short or abs(base) < 2 else float(base) ** exponent
    return float(base) ** exponent


_BINARY: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", _power),
}
_UNARY: Mapping[type[ast.unaryop], tuple[str, Callable[[Any], Any]]] = {
    ast.USub: ("-", operator.neg),
    ast.UAdd: ("+", operator.pos),
}
_COMPARISONS: Mapping[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Eq: ("==", same_value),
    ast.NotEq: ("!=", lambda left, right: not same_value(left, right)),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}


class _Reader:
    """From Python's syntax tree to ours; what we have no node for is refused."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\n", " ")
        self._lead = len(self._text) - len(self._text.lstrip())
        self._encoded = self._text.lstrip().encode()

    def tree(self) -> Node:
        if len(self._text) > LONGEST:
            raise ExpressionError(f"is longer than {LONGEST} characters; compute it in your code")
        try:
            with warnings.catch_warnings(action="ignore"):
                parsed = ast.parse(self._text.lstrip(), mode="eval")
        except SyntaxError as error:
            raise self._not_understood(error) from None
        except (ValueError, RecursionError, MemoryError):
            raise ExpressionError(TOO_DEEP) from None
        return self._node(parsed.body, 0)

    def _node(self, node: ast.expr, depth: int) -> Node:
        if depth > DEEPEST:
            raise ExpressionError(TOO_DEEP)
        match node:
            case ast.Constant() | ast.Name() | ast.Attribute() | ast.Subscript():
                return self._leaf(node)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, node, depth + 1)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return self._truth(node, depth + 1)
        return self._operation(node, depth + 1)

    def _leaf(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                most = LARGEST if isinstance(value, int) else sys.float_info.max
                if is_number(value) and abs(value) > most:
                    raise ExpressionError("a number in it is too large", self._column(node))
                return Literal(value)
            case ast.Name(id="true" | "false" as word):
                return Literal(word == "true")
        return Name(self._name(node), self._column(node))

    def _operation(self, node: ast.expr, depth: int) -> Node:
        match node:
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return Arithmetic(*_UNARY[type(op)], (self._node(operand, depth),))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                sides = self._node(left, depth), self._node(right, depth)
                return Arithmetic(*_BINARY[type(op)], sides)
        raise self._unknown(node)

    def _truth(self, node: ast.expr, depth: int) -> Node:
        match node:
            case ast.BoolOp(op=op, values=parts):
                word = "and" if isinstance(op, ast.And) else "or"
                return Logic(word, tuple(self._node(part, depth) for part in parts))
            case ast.UnaryOp(operand=operand):
                return Logic("not", (self._node(operand, depth),))
            case ast.Compare(left=left, ops=ops, comparators=rest):
                known = [_COMPARISONS[type(op)] for op in ops if type(op) in _COMPARISONS]
                if len(known) == len(ops):
                    signs, tests = zip(*known, strict=True)
                    sides = tuple(self._node(side, depth) for side in (left, *rest))
                    return Compared(sides, signs, tests)
        raise self._unknown(node)

    def _call(self, name: str, arguments: list[ast.expr], node: ast.expr, depth: int) -> Node:
        if name not in FUNCTIONS:
            near = nearest(name, FUNCTIONS)
            advice = f"did you mean {near}?" if near else f"there are {', '.join(FUNCTIONS)}"
            raise ExpressionError(f"there is no function {name}; {advice}", self._column(node))
        least, most = _ARGUMENTS.get(name, (1, 1))
        if not least <= len(arguments) <= most:
            takes = plural(most, "number") if least == most else f"{least} to {most} numbers"
            text = f"{name} takes {takes}, and is given {len(arguments)}"
            raise ExpressionError(text, self._column(node))
        return Arithmetic(name, FUNCTIONS[name], tuple(self._node(a, depth) for a in arguments))

    def _name(self, node: ast.expr) -> str:
        """``optimizer.lr`` and ``hidden_units[1]`` are the names of one parameter each."""
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=inner, attr=name):
                return f"{self._name(inner)}.{name}"
            case ast.Subscript(value=inner, slice=ast.Constant(value=int() as number)):
                return f"{self._name(inner)}[{number}]"
        raise self._unknown(node)

    def _unknown(self, node: ast.expr) -> ExpressionError:
        column = self._column(node)
        source = ast.get_source_segment(self._encoded.decode(), node) or ""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            return ExpressionError("a power is written **, not ^", column)
        if isinstance(node, ast.Set | ast.Dict):
            return ExpressionError(BRACES, column)
        return ExpressionError(f"{source!r} cannot stand in an expression", column)

    def _column(self, node: ast.expr) -> int:
        """Where a node begins in the text, in characters; Python counts bytes."""
        return self._lead + len(self._encoded[: node.col_offset].decode())

    def _not_understood(self, error: SyntaxError) -> ExpressionError:
        """Python's own complaint in one form, at its place."""
        column = self._lead + max((error.offset or 1) - 1, 0)
        equals = re.search(r"(?<![<>=!])=(?!=)", self._text)
        if equals is not None:
            return ExpressionError("a comparison for equality is written ==", equals.start())
        if "{" in self._text:
            place = self._text.index("{")
            return ExpressionError(BRACES, place)
        where = self._text[column : column + 10].strip()
        at = f"near {where!r}" if where else "at its end"
        return ExpressionError(f"cannot be understood {at}", min(column, len(self._text)))
