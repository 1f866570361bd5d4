"""The loop that docs/clusters.md has for an array of jobs: two of them ask, train and tell."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell import Shell

TEXT = (Path(__file__).parents[1] / "docs" / "clusters.md").read_text(encoding="utf-8")
CONFIG = """
name: told
trainable: told
metric: loss
seed: 7
parameters: {alpha: {min: 1e-4, max: 1, scale: log}}
search: {strategy: random, max_trials: 6, lookahead: 6}
"""
TRAIN = """
import sys
alpha = float(sys.argv[sys.argv.index("--lr") + 1])
sys.exit("too large") if alpha > 0.1 else print((alpha - 0.01) ** 2)
"""


def test_the_loop_of_a_job(tmp_path: Path) -> None:
    for program in ("bash", "jq"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG)
    shell.write("train.py", TRAIN)
    (script,) = re.findall(r"```sh\n(#!/bin/bash\n#SBATCH.*?)```", TEXT, re.DOTALL)
    python = shlex.quote(sys.executable)
    commands = f'python() {{ {python} "$@"; }}\nhpsearch() {{ {python} -m hpsearch "$@"; }}\n'
    shell.write("job.sh", commands + script)
    jobs = [
        subprocess.Popen(
            ["bash", "job.sh"],
            cwd=tmp_path,
            env={**os.environ, "SLURM_JOB_ID": str(job)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for job in (11, 12)
    ]
    ended = [(job.communicate(), job.returncode) for job in jobs]
    assert [code for _, code in ended] == [0, 0], ended
    records = sorted(shell.records("told"), key=lambda record: record["trial"])
    assert [record["trial"] for record in records] == list(range(6))
    for record in records:
        alpha = record["hparams"]["alpha"]
        assert (record["state"] == "failed") == (alpha > 0.1)
        if record["state"] == "failed":
            assert re.search(r"see slurm-1[12]\.out", record["error"])
        else:
            assert record["value"] == pytest.approx((alpha - 0.01) ** 2)
    assert {record["state"] for record in records} == {"done", "failed"}
