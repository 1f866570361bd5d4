"""What a report costs: seconds from results to rows, to the terminal and to the page; page size.

Constant under study: nothing may grow with the number of trials beyond the rows themselves. Made-up
results of seven parameters and 30 epochs; process CPU time, the median of 3.

    python tests/bench/report.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from synthetic_runs import made_up_run

from hpsearch.report.analysis.summary import summarise
from hpsearch.report.export.tables import as_csv
from hpsearch.report.html.html_page import as_html
from hpsearch.report.text.selection import search_lines

REPEATS = 3


def seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    print(f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}")
    print("trials    rows  terminal    page     csv   page size")
    for trials in (0, 1, 200, 1000, 20_000):
        view = made_up_run(trials)
        summary = summarise(view)
        times = [
            seconds(lambda view=view: summarise(view)),
            seconds(lambda summary=summary: search_lines(summary, 120)),
            seconds(lambda summary=summary: as_html(summary)),
            seconds(lambda view=view: as_csv(view)),
        ]
        size = len(as_html(summary).encode()) / 1000
        print(f"{trials:6,}" + "".join(f"{t:8.3f}" for t in times) + f"{size:9.0f} kB")


if __name__ == "__main__":
    main()
