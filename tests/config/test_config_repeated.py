"""``per``: what a repeated parameter becomes in the space, and what is trained is given."""

from pathlib import Path

import numpy as np
import pytest

from hpsearch.config import Config, dump, load_text

TEXT = """
trainable: train.py:objective
parameters:
  drop:   {per: layers, tied: true, min: 0, max: 0.5}
  units:  {per: layers, values: {small: [8, 8], big: 64}}
  layers: {min: 0, max: 3, type: int}
  last:   {value: "drop[1] * 2"}
"""


def config(text: str = TEXT) -> Config:
    return load_text(text, "f.yaml", Path("/x"), "f").config


def test_there_is_one_for_each_and_the_count_comes_first() -> None:
    space = config().space()
    assert [p.name for p in space.parameters] == [
        "layers",
        *("drop[1]", "drop[2]", "drop[3]"),
        *("units[1]", "units[2]", "units[3]"),
        "last",
    ]
    searched = [p.name for p in space.searched]
    assert searched == ["layers", "drop[1]", "units[1]", "units[2]", "units[3]"]


def test_what_is_trained_is_given_lists() -> None:
    space = config().space()
    unit = space.encode({"layers": 2, "drop[1]": 0.25, "units[1]": "big", "units[2]": "small"})
    point = space.decode(unit)
    assert point["drop[2]"] == 0.25
    assert "units[3]" not in point
    given = space.arguments(point)
    assert given == {"layers": 2, "drop": [0.25, 0.25], "units": [64, [8, 8]], "last": 0.5}
    none = space.decode(space.encode({"layers": 0}))
    assert space.arguments(none) == {"layers": 0}


def test_values_are_there_as_often_as_there_are_layers() -> None:
    space = config().space()
    units = space.canonical(np.random.default_rng(2).random((4000, space.dimensions)))
    shares = space.active(units).mean(axis=0)  # layers, drop[1], units[1], [2], [3]
    assert shares == pytest.approx([1, 3 / 4, 3 / 4, 1 / 2, 1 / 4], abs=4 * 0.008)


def test_it_is_written_as_it_was_declared() -> None:
    again = config(dump(config()))
    assert again == config()
    assert "units: {values: {small: [8, 8], big: 64}, per: layers}" in dump(config())


def test_the_points_of_a_grid_are_counted() -> None:
    grid = config(TEXT.replace("max: 0.5}", "max: 0.5, count: 2}") + "search: {strategy: grid}")
    assert grid.counts() == {"drop[1]": 2}


def test_points_to_begin_with_give_lists_and_come_back() -> None:
    text = """
trainable: train.py:objective
parameters:
  n: {min: 1, max: 3, type: int}
  a: {per: n, min: 1, max: 2, likely: 1.5}
search: {start: [{n: 2, a: [1, 2]}]}
"""
    given = config(text)
    assert given.search.start == ({"n": 2, "a[1]": 1, "a[2]": 2},)
    assert given.likely() == {"a[1]": (1.5,), "a[2]": (1.5,), "a[3]": (1.5,)}
    assert config(dump(given)) == given
