"""What hpsearch promises, tried out: docs/promises.md, written from the results of the tests.

    python -m tests.promises              all of it, about half an hour on two cores
    python -m tests.promises --quick      what the ordinary suite has of it; writes nothing
    python -m tests.promises same-table   one promise, by its name

The figures of the page are those of the last full run, and never written by hand. With Optuna
installed, the same tests are tried on it, too (``tests/promises/rival.py``).
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hpsearch import __version__
from hpsearch.text import plural
from tests.promises.table import PROMISES, Promise

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "promises.md"
MARK = "<!-- written by python -m tests.promises -->\n"


def run_tests(promise: Promise, quick: bool) -> tuple[int, int, list[str]]:
    """Tries, tests, and the names of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.json")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "tests.promises.counting"),
                *("--tries", str(results), "-m", "not slow and not long" if quick else ""),
                *promise.tests,
            ],
            cwd=ROOT,
            check=False,
            stdout=sys.stderr,
        )
        if done.returncode not in (0, 1) or not results.exists():
            raise SystemExit(f"{promise.name}: pytest ended with {done.returncode}")
        found = json.loads(results.read_text(encoding="utf-8"))
    failed = [test for test, (outcome, _) in found.items() if outcome == "failed"]
    ran = [tries for outcome, tries in found.values() if outcome != "skipped"]
    return sum(ran), len(ran), failed


def rows(results: dict[str, tuple[int, int, list[str]]]) -> str:
    """The table of the page."""
    lines = ["| promise | how it is tried | tries | failures |", "| --- | --- | --- | --- |"]
    for promise in PROMISES:
        tries, tests, failed = results[promise.name]
        lines.append(
            f"| **{promise.says}** (`{promise.name}`) | {promise.how} "
            f"| {tries:,} in {plural(tests, 'test')} | {len(failed)} |"
        )
    return "\n".join(lines) + "\n"


def rival_rows() -> str:
    """What the same tests find with Optuna; a word where it is not installed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.promises.rival"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else f"Optuna was not tried: {done.stderr.strip()}\n"


def write_page(results: dict[str, tuple[int, int, list[str]]]) -> None:
    """Replace what stands below the mark."""
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    where = f"{platform.system()}, Python {platform.python_version()}"
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    text = (
        f"{head}{MARK}\nThe last full run: hpsearch {__version__}, {when}, {where}.\n\n"
        f"{rows(results)}\n## The same with Optuna\n\n{rival_rows()}"
    )
    PAGE.write_text(text, encoding="utf-8")


def main() -> int:
    """Try the promises, say how it went, and write the page after a full run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [promise.name for promise in PROMISES]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="what the ordinary suite has of it")
    args = parser.parse_args()
    unknown = set(args.names) - set(names)
    if unknown:
        parser.error(f"there is no promise {min(unknown)}; there are {', '.join(names)}")
    results = {}
    for promise in PROMISES:
        if not args.names or promise.name in args.names:
            tries, tests, failed = results[promise.name] = run_tests(promise, args.quick)
            print(f"{promise.name}: {tries:,} tries in {tests} tests, {len(failed)} failed")
            print("".join(f"  {test}\n" for test in failed), end="", flush=True)
    if not args.names and not args.quick:
        write_page(results)
    return int(any(failed for _, _, failed in results.values()))


if __name__ == "__main__":
    sys.exit(main())
