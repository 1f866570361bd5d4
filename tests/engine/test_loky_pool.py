"""Worker processes of loky's, as they start."""

import subprocess
import sys

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
