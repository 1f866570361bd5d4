"""What hpsearch promises, tried out: docs/promises.md, written from the results of the tests.

    python -m tests.promises              all of it, about half an hour on two cores
    python -m tests.promises --quick      what the ordinary suite has of it; writes nothing
    python -m tests.promises same-table   one promise, by its name, and its row of the page
    python -m tests.promises optuna       the same tests on Optuna (``tests/promises/rival.py``)

The figures of the page are those of each promise's last full run, which ``results.json`` keeps.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hpsearch import __version__
from hpsearch.text import plural
from tests.promises.table import PROMISES, Promise

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "promises.md"
RESULTS = Path(__file__).with_name("results.json")
RIVAL = "optuna"
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


def record(name: str, result: dict[str, object]) -> None:
    """Keep a result beside those of the other promises."""
    results = read_results()
    results[name] = result | {
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        "where": f"{platform.system()}, Python {platform.python_version()}",
        "version": __version__,
    }
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_results() -> dict[str, Any]:
    """The last full run of each promise that was tried, and what Optuna came to."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def page_rows(results: dict[str, Any]) -> str:
    """The table of the page."""
    lines = [
        "| promise | how it is tried | tries | failed tests | last full run |",
        "| --- | --- | --- | --- | --- |",
    ]
    for promise in PROMISES:
        said = f"| **{promise.says}** (`{promise.name}`) | {promise.how} "
        found = results.get(promise.name)
        if found is None:
            lines.append(f"{said}| | | not yet |")
            continue
        count = f"{found['tries']:,} in {plural(found['tests'], 'test')}"
        lines.append(f"{said}| {count} | {found['failed']} | {found['when']} |")
    return "\n".join(lines) + "\n"


def rival_table() -> str:
    """What the same tests find with Optuna; a word where it is not installed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.promises.rival"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else f"It was not tried: {done.stderr.strip()}.\n"


def write_page() -> None:
    """Replace what stands below the mark by the results on record."""
    results = read_results()
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    text = f"{head}{MARK}\n{page_rows(results)}"
    if RIVAL in results:
        text += f"\n## The same with Optuna\n\n{results[RIVAL]['table']}"
    PAGE.write_text(text, encoding="utf-8")


def main() -> int:
    """Try the promises, say how it went, and write the page after a full run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [*(promise.name for promise in PROMISES), RIVAL]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="what the ordinary suite has of it")
    args = parser.parse_args()
    unknown = set(args.names) - set(names)
    if unknown:
        parser.error(f"there is no promise {min(unknown)}; there are {', '.join(names)}")
    chosen, code = args.names or names, 0
    for promise in PROMISES:
        if promise.name not in chosen:
            continue
        tries, tests, failed = run_tests(promise, args.quick)
        print(f"{promise.name}: {tries:,} tries in {tests} tests, {len(failed)} failed")
        print("".join(f"  {test}\n" for test in failed), end="", flush=True)
        code |= bool(failed)
        if not args.quick:
            record(promise.name, {"tries": tries, "tests": tests, "failed": len(failed)})
    if RIVAL in chosen and not args.quick:
        record(RIVAL, {"table": rival_table()})
    if not args.quick:
        write_page()
    return code


if __name__ == "__main__":
    sys.exit(main())
