"""A plugin of pytest that counts tries: each example of hypothesis, and what a test says of itself.

A test that tries many times by itself says how often with ``record_property("tries", 20)``.
"""

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

_outcomes: dict[str, tuple[str, int]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tries", metavar="FILE", help="write each test's outcome and tries here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count the examples of a property, in whichever process it runs."""
    handle = getattr(getattr(item, "obj", None), "hypothesis", None)
    count = 0

    def counted(test: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            return test(*arguments, **named)

        return wrapper

    if handle is not None:
        test, handle.inner_test = handle.inner_test, counted(handle.inner_test)
    try:
        return (yield)
    finally:
        if handle is not None:
            handle.inner_test = test
            item.user_properties.append(("tries", count))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    said = [value for name, value in report.user_properties if name == "tries"]
    if report.when == "call" or report.outcome != "passed":
        _outcomes[report.nodeid] = (report.outcome, max([1, *map(int, said)]))


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("--tries")
    if target and not hasattr(session.config, "workerinput"):
        Path(target).write_text(json.dumps(_outcomes), encoding="utf-8")
