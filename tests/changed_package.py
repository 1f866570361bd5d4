"""A copy of the package with a few lines changed, run as a user runs hpsearch."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hpsearch


@dataclass(frozen=True)
class ChangedPackage:
    """A folder to work in, which holds the copy that its commands run."""

    folder: Path

    @classmethod
    def copy(cls, folder: Path) -> "ChangedPackage":
        original = Path(hpsearch.__file__).parent
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(original, folder / "hpsearch", ignore=ignored)
        return cls(folder)

    def replace(self, file: str, old: str, new: str) -> None:
        """Change what stands once in a file of the package."""
        path = self.folder / "hpsearch" / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), "utf-8")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def __call__(self, *words: str, code: int = 0) -> str:
        """What a command says: on stdout, or on stderr if it is to fail."""
        return self.python("-m", "hpsearch", *words, code=code)

    def schema(self) -> dict[str, Any]:
        """The schema of the changed package, which docs/reference.py would write into it."""
        code = "import json, hpsearch.config as c; print(json.dumps(c.json_schema()))"
        schema: dict[str, Any] = json.loads(self.python("-c", code))
        return schema

    def renew_schema(self) -> dict[str, Any]:
        """Write the schema into the changed package, as docs/reference.py does; gives it."""
        schema = self.schema()
        self.write("hpsearch/config/schema.json", json.dumps(schema))
        return schema

    def python(self, *words: str, code: int = 0) -> str:
        """The same for Python itself."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout
