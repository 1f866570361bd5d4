"""The trials with which a search begins, as a config gives them; light, as the config reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpsearch.records import Value


@dataclass(frozen=True)
class First:
    """One of the first trials: the values that it has, of which ``origin``, and whether it leans.

    What is of the origin ``start`` somebody gave, and it has to be; ``earlier`` is of an earlier
    run, and ``likely`` of likely values. One that leans is drawn with a preference for those.
    """

    values: Mapping[str, Value]
    origin: str
    leans: bool = False


def first_trials(
    starts: Sequence[First],
    likely: Mapping[str, Sequence[Value]],
    leaning: int = 0,
) -> list[First]:
    """The trials with which a search begins; ``leaning`` of them lean to likely values.

    Where parameters have several likely values, there are as many trials as the longest list has.

    >>> start = First({"a": 1}, "start")
    >>> [first.values for first in first_trials([start], {"a": [2, 3], "b": [4]})]
    [{'a': 1}, {'a': 2, 'b': 4}, {'a': 3, 'b': 4}]
    """
    longest = max(map(len, likely.values()), default=0)
    return [
        *starts,
        *(
            First({n: listed[min(k, len(listed) - 1)] for n, listed in likely.items()}, "likely")
            for k in range(longest)
        ),
        *(First({}, "likely", leans=True) for _ in range(leaning)),
    ]
