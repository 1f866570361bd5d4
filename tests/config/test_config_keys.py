"""What a key may hold: the schema of its type, and the values that comply with it."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.config.keys import Count, Limits, Positive, complies, described, key, key_schema
from hpsearch.config.model import Config, MetricConfig, RunConfig, SearchConfig
from hpsearch.config.parameters import ParameterConfig
from hpsearch.data.spec import DataSpec


@dataclass(frozen=True, kw_only=True)
class Example:
    count: Count = key(doc="How many.", example=3, default=1)
    size: Positive | None = key(doc="How large.", default=None)
    names: tuple[str | int, ...] = key(doc="Which ones.", default=())
    mode: Literal["a", "b"] = key(doc="How.", default="a")
    share: Annotated[float, Limits({"minimum": 0, "maximum": 1})]
    when: dict[str, tuple[bool | str, ...]] | None = None


def test_a_type_as_json_schema() -> None:
    assert key_schema(Example, "count") == {"type": "integer", "minimum": 1}
    assert key_schema(Example, "mode") == {"enum": ["a", "b"], "type": "string"}
    assert key_schema(Example, "share") == {"type": "number", "minimum": 0, "maximum": 1}
    assert key_schema(Example, "names") == {
        "type": "array",
        "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    }


def test_what_an_editor_shows() -> None:
    assert described(Example, "count") == {
        "title": "Count",
        "description": "How many.",
        "examples": [3],
        "default": 1,
        "type": "integer",
        "minimum": 1,
    }


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("count", [1, 10**12], [0, 1.0, True, "1", None]),
        ("size", [1, 0.5, None], [0, -1, False, "2"]),
        ("names", [[], ["a", 3]], ["a", [0.5], [None], None]),
        ("mode", ["a"], ["c", None, 0]),
        ("share", [0, 0.5, 1], [-0.1, 2, True]),
        ("when", [None, {"a": [True, "b"]}, {"a": ()}], [{"a": [0.5]}, {"a": "b"}, []]),
    ],
)
def test_values_that_comply(name: str, good: list[Any], bad: list[Any]) -> None:
    schema = key_schema(Example, name)
    assert [complies(value, schema) for value in good] == [True] * len(good)
    assert [complies(value, schema) for value in bad] == [False] * len(bad)


REAL = [
    (block, name)
    for block, names in (
        (Config, ("name", "seed", "epochs")),
        (DataSpec, ("path", "target", "dev", "ignore", "decimal", "na_values", "header")),
        (MetricConfig, ("name", "goal", "pick")),
        (ParameterConfig, ("value", "values", "min", "scale", "step", "count", "when", "tier")),
        (
            RunConfig,
            ("workers", "threads", "time_limit", "memory_limit", "retries", "engine", "address"),
        ),
        (SearchConfig, ("max_trials", "early_stop", "eta", "timeout", "until", "target")),
    )
    for name in names
]
plain = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2000)
    | st.floats(-2, 2)
    | st.text("ab, ", max_size=3)
)
words = st.sampled_from(["minimize", "log", "loky", "none", "digits", ","])
anything = st.recursive(
    plain | words,
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inside)
    ),
    max_leaves=5,
)


@given(st.sampled_from(REAL), anything)
def test_it_agrees_with_a_validator_of_json_schema(declared: tuple[Any, str], value: Any) -> None:
    # The standard calls 1.0 an integer; a config tells the two apart.
    schema = key_schema(*declared)
    is_integer = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, v: isinstance(v, int) and not isinstance(v, bool)
    )
    strict = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=is_integer)
    assert complies(value, schema) == strict(schema).is_valid(value)
