"""Worker processes of loky's, as they start."""

import os
import subprocess
import sys

import pytest

# In a process of its own: what unblocks signals does so only where no pool was started before.
SCRIPT = """
import signal
from joblib.externals.loky.backend import fork_exec as starting
from hpsearch.engine.loky_pool import LokyPool

fork_exec = starting.fork_exec

def watched(*arguments, **named):
    print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    return fork_exec(*arguments, **named)

starting.fork_exec = watched
pool = LokyPool(2)
pool.submit(len, "abc").result()
pool.close()
"""


def test_a_worker_is_born_with_ctrl_c_blocked() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout.split(), done.stderr) == (["True", "True"], "")


LEAKING = """
import os
from joblib.externals.loky.backend import resource_tracker
from hpsearch.engine.loky_pool import LokyPool

pool = LokyPool(1)
pool.submit(len, "abc").result()
resource_tracker.register("/no-such-semaphore", "semlock")
pool.close()
print(os.environ.get("PYTHONWARNINGS"))
"""


@pytest.mark.parametrize("given", [None, "default"])
def test_what_is_left_to_tidy_up_is_not_said(given: str | None) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONWARNINGS"}
    if given is not None:
        environment["PYTHONWARNINGS"] = given
    done = subprocess.run(
        [sys.executable, "-c", LEAKING],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
    )
    assert (done.stdout.strip(), done.stderr) == (str(given), "")
