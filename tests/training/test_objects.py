"""How an object of the running Python is found again, and what its code is told by."""

import functools
import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import hpsearch
from hpsearch.training.objects import name_of, object_digests, reference_to
from hpsearch.training.reference import import_object

USED = {3: "three", 1: "one"}


def objective(w: float) -> float:
    return w + len(USED)


class Model:
    def train_epoch(self, epoch: int) -> float:
        return epoch


def test_what_a_module_holds_is_found_again() -> None:
    for target in (objective, Model):
        found = reference_to(target)
        assert found is not None
        assert import_object(*found) is target
    assert reference_to(objective) == (f"{Path(__file__).resolve()}:objective", "")


def test_a_module_of_a_package_is_named_with_the_folder_of_the_package() -> None:
    root = str(Path(hpsearch.__file__).parents[1])
    assert reference_to(name_of) == ("hpsearch.training.objects:name_of", root)


def test_a_module_that_is_a_file_is_named_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_objective.py").write_text("def f(w):\n    return w\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__("my_objective")
    assert reference_to(module.f) == (f"{(tmp_path / 'my_objective.py').resolve()}:f", "")


def test_what_no_module_holds_is_not() -> None:
    def inner(w: float) -> float:
        return w

    for target in (inner, lambda w: w, functools.partial(objective, 1), Model().train_epoch, len):
        assert reference_to(target) is None
    renamed = functools.wraps(objective)(lambda w: w)  # says that it is objective
    assert reference_to(renamed) is None
    assert [name_of(t) for t in (inner, lambda w: w, functools.partial(inner))] == [
        "inner",
        "lambda",
        "inner",
    ]


def made(source: str, file: Path, name: str = "f") -> Callable[..., Any]:
    """A function as a script or a notebook's cell makes it."""
    text = textwrap.dedent(source)
    file.write_text(text)
    module = ModuleType("__main__")
    exec(compile(text, str(file), "exec"), module.__dict__)
    found: Callable[..., Any] = module.__dict__[name]
    return found


BASE = """
    import json
    LAYERS = [64, 32]
    NAMES = {"a", "b", "c"}
    unused = 1
    def helper(x):
        return x * 2
    class Net:
        size = 3
        def go(self, x):
            return helper(x) + self.size
    def f(w):
        local = 0.5
        return json.dumps(Net().go(w) * LAYERS[0] + local + len(NAMES))
    """


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("unused = 1", "unused = 2", []),
        ("def f(w):", '# why\n    def f(w):\n        "What it is."', []),
        ("return x * 2", "return x * 3", ["helper"]),
        ("[64, 32]", "[64, 16]", ["LAYERS"]),
        ('{"a", "b", "c"}', '{"c", "b", "a"}', []),
        ("size = 3", "size = 4", ["Net.size"]),
        ("+ self.size", "- self.size", ["Net.go"]),
        ("local = 0.5", "local = 0.6", ["f"]),
    ],
)
def test_a_change_is_told_by_the_part_that_has_changed(
    tmp_path: Path, old: str, new: str, changed: list[str]
) -> None:
    before = object_digests(made(BASE, tmp_path / "a.py"))
    assert {"f", "helper", "LAYERS", "NAMES", "Net.go", "Net.size"} == before.keys()
    after = object_digests(made(BASE.replace(old, new), tmp_path / "b.py"))
    assert [name for name in before if before[name] != after[name]] == changed


def test_a_module_of_ones_own_counts_and_a_library_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_helper.py").write_text("def two():\n    return 2\n")
    source = """
        import numpy as np
        def f(w):
            from own_helper import two
            return np.sqrt(w) * two()
        """
    before = object_digests(made(source, tmp_path / "a.py"))
    assert before.keys() == {"f", "own_helper.py"}
    (tmp_path / "own_helper.py").write_text("def two():\n    return 3\n")
    after = object_digests(made(source, tmp_path / "a.py"))
    assert before["f"] == after["f"]
    assert before["own_helper.py"] != after["own_helper.py"]


def test_captured_variables_and_arguments_count(tmp_path: Path) -> None:
    def around(shift: float) -> Callable[[float], float]:
        return lambda w: w + shift

    assert object_digests(around(1)) == object_digests(around(1))
    assert object_digests(around(1)) != object_digests(around(2))
    one, two = (functools.partial(around, shift) for shift in (1, 2))
    assert object_digests(one) != object_digests(two)
    assert object_digests(json.dumps) == {}  # a library's


def test_a_lambda_is_told_apart_from_its_line(tmp_path: Path) -> None:
    first = "def call(f, n):\n    return f\nf = call(lambda w: w * 2, 60)\n"
    same = object_digests(made(first, tmp_path / "a.py"))
    assert object_digests(made(first.replace("60", "80"), tmp_path / "b.py")) == same
    assert object_digests(made(first.replace("w * 2", "w * 3"), tmp_path / "c.py")) != same


def test_code_without_a_source_is_told_by_what_it_does() -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    digests = []
    for body in ("w + 1", "w + 1", "w + 2"):
        exec(f"def f(w): return {body}", names)
        digests.append(object_digests(names["f"])["f"])
    assert digests[0] == digests[1] != digests[2]
