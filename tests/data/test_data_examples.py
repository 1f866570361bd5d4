"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import numpy as np
import pytest


@pytest.mark.parametrize("module", ["names", "split", "wording"])
def test_examples(module: str) -> None:
    found = importlib.import_module(f"hpsearch.data.{module}")
    failed, tried = doctest.testmod(found, extraglobs={"np": np})
    assert tried
    assert not failed
