"""What user code says reaches the terminal as text: no escape sequence, no turned direction."""

import json
import re
import sys

import pexpect
import pytest

from tests.shell import TIMEOUT, Shell

HOSTILE = "\x1b]0;PWNED\x07\x1b[2J\x9b2J\u202e\x00\udc80\x7f\u2028\r\nEND"
FORBIDDEN = re.compile(
    rb"\x1b\]|\x1b\[2J|\x00|\x07|\x7f|\xc2\x9b|\xe2\x80\xae|\xe2\x80\xa8"  # C1, bidi, line end
)
MODULE = f"""
H = {HOSTILE!a}

def cost(w):
    print(H)
    if w > 0.5:
        raise ValueError(H)
    return w

def fails(w):
    raise ValueError(H)
"""
CONFIG = """
trainable: objective.py:{name}
metric: J
parameters: {{w: {{min: 0, max: 1}}}}
search: {{max_trials: 4}}
run: {{workers: 1}}
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder with two runs, half of whose trials failed, and one of failures alone."""
    shell = Shell(tmp_path_factory.mktemp("hostile"))
    shell.write("objective.py", MODULE)
    for name in ("cost", "fails"):
        shell.write(f"{name}.yaml", CONFIG.format(name=name))
    for number in ("1", "2"):
        done = shell("run", "cost.yaml", "-q", "--name", f"cost-{number}")
        assert done.code == 0, done.err
        assert {r["state"] for r in shell.records(f"cost-{number}")} == {"done", "failed"}
    return shell


def on_a_terminal(shell: Shell, *arguments: str) -> bytes:
    """All that a command writes to a terminal."""
    child = shell.spawn(*arguments)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus in (0, 1, 2), child.before
    return str(child.before).encode(errors="surrogateescape")


def check(written: bytes) -> None:
    assert not FORBIDDEN.search(written), written
    assert b"this is a bug" not in written


@pytest.mark.parametrize(
    "command",
    [
        "run fails.yaml --fresh --progress plain",
        "run fails.yaml --fresh --progress live",
        "run cost.yaml --fresh --json",
        "watch cost-1 --progress plain",
        "report cost-1",
        "report cost-1 --failed",
        "report cost-1 --trial {failed}",
        "report cost-1 --format json",
        "report cost-1 --format md",
        "compare cost-1 cost-2",
        "list --json",
        "retest cost-1 --trial {failed}",
        "check fails.yaml",
        "export cost-1 cost.json --to json",
        "report \x1b]0;PWNED\x07",
        "run \x1b]0;PWNED\x07.yaml",
        "list --\x1b]0;PWNED\x07",
        "babysit fails.yaml --debug --epochs 1",
    ],
)
def test_no_command_lets_it_through(shell: Shell, command: str) -> None:
    failed = next(r["trial"] for r in shell.records("cost-1") if r["state"] == "failed")
    check(on_a_terminal(shell, *command.format(failed=failed).split(" ")))


@pytest.mark.slow
def test_a_file_that_is_shown_on_a_terminal_and_the_same_in_a_pipe(shell: Shell) -> None:
    rows = "\n".join(f"{i},{'ab'[i % 2]}\x1b]0;PWNED\x07" for i in range(40))
    shell.write("data.csv", f"x\x9b\u202e,y\n{rows}\n")
    shell.write(
        "labels.yaml",
        "data: {path: data.csv, target: y, dev: 0.3}\nmetric: dev_error\nepochs: 1\n"
        "parameters: {alpha: 0.1}\nsearch: {max_trials: 1}\nrun: {workers: 1}\n",
    )
    check(on_a_terminal(shell, "preview", "labels.yaml"))
    check(on_a_terminal(shell, "run", "labels.yaml"))
    for options in ([], ["--proba"], ["--score"]):
        check(on_a_terminal(shell, "predict", "labels", "data.csv", *options))
    assert "\x1b]0;PWNED\x07" in shell("predict", "labels", "data.csv").out
    assert (shell.folder / "runs/labels/model.npz").exists()


def test_what_a_person_notes_of_a_model(shell: Shell) -> None:
    shell.write("raise.yaml", "data: digits\nmetric: dev_error\nparameters: {alpha: 0.1}\n")
    remark = f"note {HOSTILE.replace(chr(0), '').splitlines()[0]}"
    done = shell.folder / "commands"
    done.write_bytes(f"go 1\n{remark}\nlog\nshow\n".encode(errors="replace"))
    child = pexpect.spawn(
        "sh",
        ["-c", f"{sys.executable} -m hpsearch babysit raise.yaml < commands"],
        cwd=str(shell.folder),
        timeout=TIMEOUT,
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    check(child.before)


def test_a_json_line_gives_the_text_back(shell: Shell) -> None:
    done = shell("run", "fails.yaml", "--fresh", "--json", "-q")
    assert done.out.replace("\n", "").isprintable()
    errors = {e["error"] for line in done.out.splitlines() if (e := json.loads(line)).get("error")}
    assert any(HOSTILE[:19] in error for error in errors)
