"""Parameters that are repeated: one value for each of a count, ``units[1]``, ``units[2]`` …

In the space, in points and in tables each value is a parameter of its own. What is trained is given
all of them as one list, ``units``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_ELEMENT = re.compile(r"(.+)\[([1-9][0-9]*)\]")


def element(name: str, number: int) -> str:
    """The name of one value, counted from 1.

    >>> element("units", 2)
    'units[2]'
    """
    return f"{name}[{number}]"


def base(name: str) -> str:
    """The name of the list that a value is in; a name that is no element's as it is.

    >>> base("units[2]"), base("alpha")
    ('units', 'alpha')
    """
    match = _ELEMENT.fullmatch(name)
    return match[1] if match else name


def gathered(values: Mapping[str, Any]) -> dict[str, Any]:
    """Named values with the elements of a list as that list.

    >>> gathered({"layers": 2, "units[1]": 64, "units[2]": 32})
    {'layers': 2, 'units': [64, 32]}
    """
    lists: dict[str, Any] = {}
    for name, value in values.items():
        match = _ELEMENT.fullmatch(name)
        if match is None:
            lists[name] = value
        else:
            lists.setdefault(match[1], []).append(value)
    return lists


def gathered_names(names: Iterable[str], there: Iterable[str]) -> tuple[str, ...]:
    """Names of what is missing, a list once, and only if nothing of it is there.

    >>> gathered_names(["units[2]", "drop[1]", "drop[2]", "l2"], ["alpha", "units[1]"])
    ('drop', 'l2')
    """
    present = set(map(base, there))
    return tuple(name for name in dict.fromkeys(map(base, names)) if name not in present)
