"""Which edits of the user's code count as a change, and which files are looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.training.code import changed_files, code_digests
from hpsearch.training.protocol import TrainableSpec

CODE = '''"""What it is."""
import math
from helper import scale
import pkg.inner


def f(a):
    """The cost."""
    # a comment
    return scale(a - 0.3) ** 2  # more
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "m.py").write_text(CODE)
    (tmp_path / "helper.py").write_text("import other\ndef scale(x): return x\n")
    (tmp_path / "other.py").write_text("FACTOR = 1\n")
    (tmp_path / "unused.py").write_text("FACTOR = 1\n")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").touch()
    (tmp_path / "pkg" / "inner.py").write_text("from . import deep\n")
    (tmp_path / "pkg" / "deep.py").write_text("from .inner import x\n")
    return tmp_path


def of_file(project: Path) -> dict[str, str]:
    return code_digests(TrainableSpec("object", f"{project}/m.py:f"))


def test_the_file_and_all_that_it_imports_from_its_folder(project: Path) -> None:
    assert list(of_file(project)) == [
        "helper.py",
        "m.py",
        "other.py",
        "pkg/__init__.py",
        "pkg/deep.py",
        "pkg/inner.py",
    ]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("# a comment", "# another comment, longer", False),
        ('"""The cost."""', '"""J(a)."""', False),
        ("def f(a):", "\n\n\ndef f( a ):", False),
        ("0.3", "0.30", False),  # the same number
        ("0.3", "0.4", True),
        ("** 2", "** 3", True),
        ("import math\n", "", True),
    ],
)
def test_what_counts_as_a_change(project: Path, old: str, new: str, changed: bool) -> None:
    before = of_file(project)
    assert old in CODE
    (project / "m.py").write_text(CODE.replace(old, new))
    assert changed_files(before, of_file(project)) == (["m.py"] if changed else [])


def test_a_file_imported_by_an_import_counts(project: Path) -> None:
    before = of_file(project)
    (project / "other.py").write_text("FACTOR = 2\n")
    (project / "unused.py").write_text("FACTOR = 2\n")
    assert changed_files(before, of_file(project)) == ["other.py"]


def test_a_module_and_a_command_are_found_in_the_folder(project: Path) -> None:
    module = code_digests(TrainableSpec("object", "pkg.inner:x"), project)
    assert list(module) == ["pkg/__init__.py", "pkg/deep.py", "pkg/inner.py"]
    (project / "train.sh").write_text("echo 1\n")
    for command, files in (
        ("python m.py --lr {a}", list(of_file(project))),
        ("python -m pkg.inner {a}", list(module)),
        ("sh train.sh {a}", ["train.sh"]),
        ("sh -c 'sh train.sh {a}; echo 2'", ["train.sh"]),
        ("python {a}.py --out results.json nothing.py", []),
        ("an 'open quote", []),
    ):
        assert list(code_digests(TrainableSpec("command", command), project)) == files


def test_of_an_installed_package_only_itself_is_looked_at() -> None:
    files = list(code_digests(TrainableSpec("object", "click.core:Command")))
    assert "click/core.py" in files
    assert {name.split("/")[0] for name in files} == {"click"}


def test_code_that_is_no_python_counts_byte_by_byte(project: Path) -> None:
    (project / "m.py").write_text("def f(:\n")
    before = of_file(project)
    (project / "m.py").write_text("def f(:  # \n")
    assert changed_files(before, of_file(project)) == ["m.py"]


def test_what_is_not_there_has_no_digest(project: Path) -> None:
    assert code_digests(TrainableSpec("object", f"{project}/none.py:f")) == {}
    assert code_digests(TrainableSpec("object", "no_such_module.at_all:f")) == {}
    assert code_digests(TrainableSpec("network")) == {}


def test_nothing_is_run(project: Path) -> None:
    (project / "pkg" / "__init__.py").write_text("raise SystemExit('was imported')\n")
    (project / "m.py").write_text("raise SystemExit('was run')\n")
    program = (
        "from hpsearch.training.code import code_digests as d\n"
        "from hpsearch.training.protocol import TrainableSpec as S\n"
        "from pathlib import Path\n"
        f"print(*d(S('object', 'pkg.inner:x'), Path({str(project)!r})))\n"
        f"print(*d(S('object', {str(project)!r} + '/m.py:f')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.stdout == "pkg/__init__.py pkg/deep.py pkg/inner.py\nm.py\n", done.stderr


def test_two_programs_of_one_name_are_both_looked_at(tmp_path: Path) -> None:
    command = "sh -c 'python a/train.py && python b/train.py'"
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "train.py").write_text(f"print({folder!r})\n")

    def digests() -> dict[str, str]:
        return code_digests(TrainableSpec("command", command, folder=str(tmp_path)), tmp_path)

    before = digests()
    assert len(before) == 2
    for folder in ("a", "b"):
        (tmp_path / folder / "train.py").write_text("print('changed')\n")
        assert digests() != before
        before = digests()
