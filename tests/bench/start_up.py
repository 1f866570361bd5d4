"""CPU time of the commands that people wait for with nothing to do: the median of ten runs each.

    python tests/bench/start_up.py

User and system time of the whole process, the interpreter's own start in it and shown beside it.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 10
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import hpsearch": ["-c", "import hpsearch"],
    "hpsearch --help": ["-m", "hpsearch", "--help"],
    "hpsearch schema": ["-m", "hpsearch", "schema"],
    "hpsearch init": ["-m", "hpsearch", "init", "--force"],
    "hpsearch list, no runs": ["-m", "hpsearch", "list", "--runs", "nothing"],
    "hpsearch list, one run": ["-m", "hpsearch", "list"],
}
CONFIG = """\
name: quick
trainable: {command: "echo value: 1"}
parameters: {w: {min: 0, max: 1}}
search: {strategy: random, max_trials: 1}
run: {workers: 1}
"""


def cpu_milliseconds(arguments: list[str], folder: str) -> float:
    """What one process takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, check=True, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * spent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "quick.yaml").write_text(CONFIG)
        cpu_milliseconds(["-m", "hpsearch", "run", "quick.yaml", "-q"], folder)
        for name, arguments in COMMANDS.items():
            times = [cpu_milliseconds(arguments, folder) for _ in range(RUNS)]
            print(f"{name:24} {statistics.median(times):6.0f} ms CPU")


if __name__ == "__main__":
    main()
