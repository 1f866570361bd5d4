"""``search.timeout`` and ``search.until``: stop cleanly, go on later, the same trials."""

from datetime import datetime
from pathlib import Path

import pytest

from hpsearch.config import SearchConfig
from hpsearch.engine.scheduler import StopFlag
from hpsearch.errors import UsageError
from hpsearch.search.deadline import Deadline, clock_words, moment_of
from tests.shell import Shell

NOW = datetime(2026, 11, 28, 9, 30)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("09:31", "2026-11-28T09:31"),
        ("09:30", "2026-11-29T09:30"),
        ("08:00", "2026-11-29T08:00"),
        ("2026-12-24 08:00", "2026-12-24T08:00"),
        ("2026-12-24T08:00", "2026-12-24T08:00"),
    ],
)
def test_a_time_of_day_is_the_next_one(text: str, moment: str) -> None:
    assert moment_of(text, NOW).isoformat(timespec="minutes") == moment


def test_a_day_that_is_past_is_refused() -> None:
    with pytest.raises(UsageError, match=r"search.until: 2026-11-28 08:00 is past"):
        Deadline.of(SearchConfig(until="2026-11-28 08:00"), NOW)


def test_the_stop_flag_is_raised_once_and_not_over_an_interrupt() -> None:
    stop = StopFlag()
    deadline = Deadline.of(SearchConfig(timeout=1e-9))
    deadline.look(stop)
    deadline.look(stop)
    assert (stop.level, deadline.hit) == (StopFlag.DRAIN, "search.timeout (0.0 s) has passed")
    interrupted, late = StopFlag(StopFlag.DRAIN), Deadline.of(SearchConfig(timeout=1e-9))
    late.look(interrupted)
    assert (interrupted.level, late.hit) == (StopFlag.DRAIN, None)
    never = Deadline.of(SearchConfig(timeout="2h", until="08:00"), NOW)
    assert never.until is not None
    assert clock_words(SearchConfig(timeout="2h", until="08:00")) == (
        "search.timeout 2 h, search.until 08:00"
    )


def test_a_search_stops_in_time_and_goes_on_to_the_same_table(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    config = (
        "name: {name}\nseed: 3\ntrainable: f.py:f\nmetric: J\n"
        "parameters: {{w: {{min: -10, max: 20}}}}\nsearch: {{max_trials: 12, lookahead: 4}}\n"
    )
    shell.write("f.py", "import time\ndef f(w):\n    time.sleep(0.3)\n    return (w - 5) ** 2\n")
    shell.write("c.yaml", config.format(name="c"))
    shell.write("whole.yaml", config.format(name="whole"))
    # 12 trials take 3.6 seconds at least, so one of 1 second has to leave some.
    stopped = shell("run", "c.yaml", "-w", "1", "--progress", "plain", "--timeout", "1s")
    begun = len(shell.records("c"))
    assert begun < 12
    assert stopped.code == (0 if begun else 1), stopped.err
    told = f"search.timeout (1.0 s) has passed: stopped with {begun} of 12 trials recorded"
    assert told in stopped.err
    assert "go on with: hpsearch run c.yaml" in stopped.err
    assert "interrupted" not in stopped.err
    preview = " ".join(shell("preview", "c.yaml", "--set", "search.timeout=1s").out.split())
    assert "stops at search.timeout 1.0 s: how many trials there are by then depends on" in preview
    report = " ".join(shell("report", "c").out.split())
    assert "their number depends on the clock (search.timeout 1.0 s)" in report
    later = shell("run", "c.yaml", "-w", "2", "-q")
    assert later.code == 0, later.err
    assert "depends on the clock" not in shell("report", "c").out
    assert shell("run", "whole.yaml", "-w", "4", "-q").code == 0
    assert shell.table("c") == shell.table("whole")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("timeout: soon", "timeout: must be a number above 0 and at most 1000000000 or a duration"),
        ("timeout: 0s", "timeout: 0s is too short or too long a time; for example timeout: 2h"),
        ("until: noon", "until: must be a time such as '08:00', or '2026-11-29 08:00', in quotes"),
        ("until: '2026-02-30 08:00'", "until: 2026-02-30 08:00 is no date of the calendar"),
        ("patience: 0", "patience: must be a whole number, 1 or more, not 0"),
        ("target: low", "target: must be a number, not 'low'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, key: str, message: str) -> None:
    shell = Shell(tmp_path)
    shell.write("c.yaml", f"trainable: f.py:f\nmetric: J\nparameters: {{w: 1}}\nsearch:\n  {key}\n")
    done = shell("preview", "c.yaml")
    assert done.code == 2
    assert f"c.yaml:5:{3 + key.index(' ') + 1}: search.{message}" in done.err
