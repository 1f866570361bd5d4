"""Expressions over parameters: ``1 - (1 - beta1) / 10``, ``hidden_units * layers <= 600``.

An expression is a tree of the node types below, which :mod:`hpsearch.space.expression_syntax`
makes of a text. It is evaluated here; Python's ``eval`` is never asked.

Every value is a truth value, a text or a finite number; a whole one up to ``LARGEST`` stays whole,
as in Python. What cannot be computed (a division by zero, a number that overflows, arithmetic with
a text) raises :class:`CannotCompute`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hpsearch.records import Value, is_number
from hpsearch.text import in_full

LARGEST = 2**63 - 1  # the largest whole number that stays one


class CannotCompute(ArithmeticError):
    """An expression has no value here; the message says why, as in ``it divides by 0``."""


class Node:
    """A node of the tree."""

    def value(self, point: Mapping[str, Value]) -> Value:
        """Its value at a point that has every name in it.

        Raises:
            CannotCompute: it has none.
        """
        raise NotImplementedError

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes right below it."""
        return ()

    @property
    def is_truth(self) -> bool:
        """Whether its value is true or false whatever the point is."""
        return False

    def walk(self) -> Iterator[Node]:
        """It and all nodes below it, as they are written."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Literal(Node):
    """A number, a text or a truth value, as it is written."""

    literal: Value

    def value(self, point: Mapping[str, Value]) -> Value:
        del point
        return self.literal

    @property
    def is_truth(self) -> bool:
        return isinstance(self.literal, bool)


@dataclass(frozen=True)
class Name(Node):
    """A parameter; ``column`` is where it stands in the text, from 0."""

    name: str
    column: int

    def value(self, point: Mapping[str, Value]) -> Value:
        return point[self.name]


@dataclass(frozen=True)
class Arithmetic(Node):
    """A function of numbers: an operator with one side or two, or a call."""

    sign: str
    function: Callable[..., Any]
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments

    def value(self, point: Mapping[str, Value]) -> Value:
        numbers = [argument.value(point) for argument in self.arguments]
        for number in numbers:
            if not is_number(number):
                raise CannotCompute(f"{self.sign} needs numbers, and is given {number!r}")
        try:
            return _bounded(self.function(*numbers))
        except ZeroDivisionError:
            raise CannotCompute("it divides by 0") from None
        except OverflowError:
            raise CannotCompute("its number is too large") from None
        except ValueError:
            at = ", ".join(map(in_full, numbers))
            raise CannotCompute(f"{self.sign} has no value at {at}") from None


def _bounded(result: Any) -> Value:
    if isinstance(result, int):
        return result if abs(result) <= LARGEST else _bounded(float(result))
    if not isinstance(result, float):  # a negative number to the power of a half
        raise CannotCompute("its number is not real")
    if not math.isfinite(result):
        raise CannotCompute("its number is too large")
    return result


@dataclass(frozen=True)
class Compared(Node):
    """A chain of comparisons, ``low < x <= high``: true if each of them is."""

    sides: tuple[Node, ...]
    signs: tuple[str, ...]
    tests: tuple[Callable[[Any, Any], bool], ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.sides

    @property
    def is_truth(self) -> bool:
        return True

    def value(self, point: Mapping[str, Value]) -> Value:
        values = [side.value(point) for side in self.sides]
        pairs = zip(values, values[1:], self.signs, self.tests, strict=False)
        return all(_holds(left, right, sign, test) for left, right, sign, test in pairs)


def _holds(left: Value, right: Value, sign: str, test: Callable[[Any, Any], bool]) -> bool:
    if sign not in ("==", "!=") and not (is_number(left) and is_number(right)):
        raise CannotCompute(f"{sign} compares numbers, and is given {left!r} and {right!r}")
    return test(left, right)


@dataclass(frozen=True)
class Logic(Node):
    """``and``, ``or`` and ``not`` of truth values."""

    word: str
    parts: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts

    @property
    def is_truth(self) -> bool:
        return True

    def value(self, point: Mapping[str, Value]) -> Value:
        truths = (_truth(part.value(point), self.word) for part in self.parts)
        if self.word == "not":
            return not next(truths)
        return all(truths) if self.word == "and" else any(truths)


def _truth(value: Value, word: str) -> bool:
    if not isinstance(value, bool):
        raise CannotCompute(f"{word} needs what is true or false, and is given {value!r}")
    return value


@dataclass(frozen=True)
class Expression:
    """A text and the tree that it was parsed to."""

    text: str
    tree: Node

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters that it needs, each once, as they are written."""
        return tuple(dict.fromkeys(name.name for name in self.named))

    @cached_property
    def named(self) -> tuple[Name, ...]:
        """Each place at which it names a parameter."""
        return tuple(node for node in self.tree.walk() if isinstance(node, Name))

    @property
    def is_word(self) -> bool:
        """Whether it is no more than one name or one literal: nothing is computed."""
        return isinstance(self.tree, Name | Literal)

    def value(self, point: Mapping[str, Value]) -> Value:
        """Its value at a point that has every parameter it names.

        Raises:
            CannotCompute: it has none there.
        """
        return self.tree.value(point)

    def __str__(self) -> str:
        return self.text
