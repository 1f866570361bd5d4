"""What is declared of the package is so: lowest versions, and what a source distribution holds."""

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def test_the_lowest_versions_are_those_of_pyproject() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/lowest.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    listed = (ROOT / ".ci/lowest.txt").read_text()
    assert done.stdout == listed, "run: python .ci/lowest.py > .ci/lowest.txt"
    assert "click==8.1\n" in listed


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]), ids=lambda page: page.name
)
def test_links_resolve(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.slow
def test_a_source_distribution_holds_the_tests_and_what_readme_links_to(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", "setuptools>=77"], check=True)
    code = f"from setuptools.build_meta import build_sdist; build_sdist({str(tmp_path)!r})"
    subprocess.run([python, "-c", code], cwd=ROOT, check=True, capture_output=True)
    [archive] = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    links = LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {link.rstrip("/") for link in links} <= names
    tests = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py")}
    assert tests <= names
    assert not any("__pycache__" in name for name in names)
