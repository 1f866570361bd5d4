"""The examples in the docstrings are true."""

import doctest

from hpsearch.config import parameters, problems, scalars, wording


def test_examples() -> None:
    for module in (parameters, problems, scalars, wording):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0
