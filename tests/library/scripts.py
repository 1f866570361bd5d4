"""Scripts that use hpsearch as a library, in processes and folders of their own."""

import subprocess
from pathlib import Path

from tests.shell import TIMEOUT, Finished, start_python


def start(folder: Path, code: str, *, name: str = "script.py") -> "subprocess.Popen[str]":
    """A script under way; what tests leave running is ended with the shell's own processes."""
    (folder / name).write_text(code)
    return start_python(folder, [name], {"PYTHONPATH": str(Path(__file__).parents[2])})


def run_script(folder: Path, code: str, *, name: str = "script.py") -> Finished:
    """A script that has ended."""
    process = start(folder, code, name=name)
    out, err = process.communicate(timeout=TIMEOUT)
    return Finished(process.returncode, out, err)
