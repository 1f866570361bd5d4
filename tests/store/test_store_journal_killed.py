"""A writer that is really killed, at moments that nobody chose."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hpsearch.store.journal import Journal, read_journal

WRITER = """
import sys
from pathlib import Path
from hpsearch.store.journal import Journal

with Journal(Path(sys.argv[1])) as journal:
    trial = len(journal.records)
    print("go", flush=True)
    while True:
        journal.append({"trial": trial, "curve": [0.1 * trial] * 50})
        trial += 1
        sys.stdout.write(f"{trial}\\n")
        sys.stdout.flush()
"""


def test_kill_9_of_a_writer_at_random_moments_loses_nothing_acknowledged(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    delays = random.Random(1)
    path = tmp_path / "trials.jsonl"
    acknowledged = 0
    for _ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "go\n"
        time.sleep(delays.uniform(0, 0.08))
        writer.kill()
        lines = writer.communicate()[0].splitlines()
        acknowledged = max([acknowledged, *map(int, lines)])
        records = read_journal(path)
        assert records == [
            {"trial": trial, "curve": [0.1 * trial] * 50} for trial in range(len(records))
        ]
        assert acknowledged <= len(records) <= acknowledged + 1
        acknowledged = len(records)
    assert acknowledged > 12
    record_property("tries", 12)
    with Journal(path) as journal:
        assert len(journal.records) == acknowledged
