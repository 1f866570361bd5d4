"""The lowest versions that pyproject.toml declares, as constraints for pip.

    python .ci/lowest.py > .ci/lowest.txt

writes them anew; tests/test_packaging.py says when that is due.
"""

import re
import sys
import tomllib
from pathlib import Path

BOUND = re.compile(r"([A-Za-z0-9_.-]+)>=([0-9.]+)(; .+)?")


def lowest(pyproject: Path) -> list[str]:
    """``name==version`` for each requirement that has a lower bound, in order of the names."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    requirements = [*project["dependencies"], *(r for extra in extras for r in extra)]
    matches = [match for r in requirements if (match := BOUND.fullmatch(r))]
    return sorted({f"{m[1]}=={m[2]}{m[3] or ''}" for m in matches})


if __name__ == "__main__":
    sys.stdout.write("\n".join(lowest(Path(__file__).parents[1] / "pyproject.toml")) + "\n")
