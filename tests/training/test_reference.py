"""Finding the user's object, and three ways in which it is not found."""

import collections
from pathlib import Path

import pytest

from hpsearch.errors import TrainableError
from hpsearch.training.reference import import_object


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine_for_reference.py"
    path.write_text("import neighbour_for_reference\nVALUE = 3\ndef objective(w):\n    return w\n")
    (tmp_path / "neighbour_for_reference.py").write_text("")
    return path


def test_a_file_beside_its_neighbours(user_file: Path) -> None:
    assert import_object(f"{user_file}:objective")(4) == 4


def test_a_module_and_a_dotted_object() -> None:
    assert import_object("collections:OrderedDict.fromkeys")("a") == collections.OrderedDict(a=None)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("json", "write package.module:object"),
        ("json:", "write package.module:object"),
        ("no_such_package.sub:f", "no module 'no_such_package'"),
        ("json:dumsb", "has no 'dumsb'; did you mean 'dumps'"),
        ("/nowhere/train.py:f", "no file /nowhere/train.py"),
    ],
)
def test_what_is_not_there(reference: str, said: str) -> None:
    with pytest.raises(TrainableError, match=said):
        import_object(reference)


def test_what_cannot_be_called(user_file: Path) -> None:
    with pytest.raises(TrainableError, match="VALUE is an int; name a function or class"):
        import_object(f"{user_file}:VALUE")


def test_an_error_inside_the_users_module_stays_what_it_is(tmp_path: Path) -> None:
    broken = tmp_path / "broken_for_reference.py"
    broken.write_text("import no_such_thing_at_all\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_thing_at_all"):
        import_object(f"{broken}:f")
