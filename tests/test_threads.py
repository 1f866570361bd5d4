"""Linear algebra on one thread, also where NumPy was loaded with more."""

import os
import subprocess
import sys

import pytest

from hpsearch.threads import VARIABLES

CODE = """
import numpy as np
from hpsearch.threads import _thread_settings, one_thread
threads = lambda: [get() for get, _ in _thread_settings()]
before = threads()
with one_thread():
    print(threads())
print(before == threads(), before)
"""


def test_what_is_loaded_uses_one_thread_and_then_as_many_as_before() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=environment | {"OPENBLAS_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    inside, after = done.stdout.splitlines()
    if inside == "[]":
        pytest.skip("no BLAS that can be asked")
    assert inside == "[1]"
    assert after in ("True [2]", "True [1]")  # one, where there is but one core
