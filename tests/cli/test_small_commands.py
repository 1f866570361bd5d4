"""init, schema, preview, list, completion, version: what a new user types first."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from hpsearch import __version__
from hpsearch.config import strict_yaml
from tests.shell import Shell

CONFIG = """
name: shown
seed: 7
data: digits
parameters:
  optimizer: {values: [momentum, adam], tier: 2}
  alpha: {min: 1e-4, max: 1, scale: log, tier: 1}
  beta1: {min: 0.9, max: 0.999, scale: 1-beta, when: {optimizer: adam}}
  layers: 2
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_init_writes_a_config_that_runs_and_its_schema(shell: Shell) -> None:
    assert shell("init").code == 0
    text = (shell.folder / "config.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=hpsearch.schema.json\n")
    schema = json.loads((shell.folder / "hpsearch.schema.json").read_text())
    jsonschema.validate(strict_yaml.parse(text, "config.yaml").values, schema)
    again = shell("init")
    assert again.code == 2
    assert "--force" in again.err
    assert shell("init", "--force").code == 0
    done = shell("run", "config.yaml", "-q", "--set", "search.max_trials=2", "--set", "epochs=1")
    assert done.code == 0, done.err


def test_init_where_there_is_no_folder(shell: Shell) -> None:
    done = shell("init", "nowhere/config.yaml")
    assert done.code == 1
    assert "there is no folder nowhere: make it" in done.err
    assert len(done.err.splitlines()) == 1


def test_schema_is_what_init_writes(shell: Shell) -> None:
    shell("init")
    printed = json.loads(shell("schema").out)
    assert printed == json.loads((shell.folder / "hpsearch.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(printed)


def test_preview_shows_the_trials_that_run_will_train(shell: Shell) -> None:
    shell.write("config.yaml", CONFIG)
    shown = shell("preview", "config.yaml")
    assert shown.code == 0, shown.err
    assert not (shell.folder / "runs").exists()
    for line in (
        "1,438 train, 359 dev",
        "optimizer  momentum, adam  choice                    2     2",
        "alpha      1e-4 to 1       log                             1",
        "beta1      0.9 to 0.999    1-β     10 to 1,000                optimizer = adam",
        "layers     2               fixed",
    ):
        assert line in shown.out
    rows = [line.split() for line in shown.out.splitlines()[-8:]]
    shell("run", "config.yaml", "-q", "--set", "search.max_trials=8", "--set", "epochs=1")
    records = sorted(shell.records("shown"), key=lambda record: record["trial"])
    for row, record in zip(rows, records, strict=True):
        assert int(row[0]) == record["trial"]
        assert row[1] == record["hparams"]["optimizer"]
        assert float(row[2]) == pytest.approx(record["hparams"]["alpha"], rel=6e-3)
        assert (row[3] == "-") == ("beta1" not in record["hparams"])


OWN = "trainable: own.py:train\nmetric: J\nparameters: {w: {min: 0, max: 1}}\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(None, "there is no file", marks=pytest.mark.slow),
        pytest.param("def trian(w): return w", "did you mean 'trian'?", marks=pytest.mark.slow),
        ("def train(v): return v", "takes no argument 'w'"),
        pytest.param("def train(w:\n", "SyntaxError", marks=pytest.mark.slow),
        ("import os\nos._exit(3)\n", "a worker process ended by itself (exit code 3)"),
    ],
)
def test_preview_refuses_what_run_refuses(shell: Shell, body: str | None, said: str) -> None:
    shell.write("config.yaml", OWN)
    if body is not None:
        shell.write("own.py", body)
    shown, done = shell("preview", "config.yaml"), shell("run", "config.yaml")
    assert said in shown.err
    assert (shown.code, shown.out) == (done.code, "")
    assert len(shown.err.splitlines()) == 1


BY_EPOCH = """
def train(w):
    yield w
    yield w
class Model:
    def __init__(self, w): self.w = w
    def train_epoch(self, epoch): return self.w
def once(w): return w
"""


@pytest.mark.parametrize(
    ("name", "config", "warned"),
    [
        ("train", OWN, True),
        pytest.param("Model", OWN, True, marks=pytest.mark.slow),
        ("once", OWN, False),
        ("train", OWN + "epochs: 1\n", False),
    ],
)
def test_epochs_that_were_forgotten_are_told(
    shell: Shell, name: str, config: str, warned: bool
) -> None:
    shell.write("config.yaml", config.replace(":train", f":{name}"))
    shell.write("own.py", BY_EPOCH)
    for done in (shell("preview", "config.yaml"), shell("run", "config.yaml", "-q")):
        assert done.code == 0, done.err
        assert ("epochs is not set, so each trial has 1 epoch" in done.err) is warned


def test_list_names_runs_and_their_state(shell: Shell) -> None:
    shell.write("config.yaml", CONFIG)
    shell("run", "config.yaml", "-q", "--set", "search.max_trials=2", "--set", "epochs=1")
    shown = shell("list")
    assert "shown" in shown.out
    assert "complete" in shown.out
    assert "2/2" in shown.out
    (row,) = json.loads(shell("list", "--json").out)["runs"]
    assert (row["name"], row["state"], row["trials"]) == ("shown", "complete", 2)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: Shell, name: str) -> None:
    done = shell("completion", name)
    assert done.code == 0
    assert "_HPSEARCH_COMPLETE" in done.out


def test_completion_knows_the_runs(shell: Shell) -> None:
    shell.write("config.yaml", CONFIG)
    shell("run", "config.yaml", "-q", "--set", "search.max_trials=1", "--set", "epochs=1")
    done = shell(
        _HPSEARCH_COMPLETE="bash_complete", COMP_WORDS="hpsearch report sh", COMP_CWORD="2"
    )
    assert done.out.strip() == "plain,shown"


def test_version_and_help(shell: Shell) -> None:
    assert shell("--version").out == f"hpsearch {__version__}\n"
    bare = shell()
    assert bare.code == 2
    assert "hpsearch init" in bare.err
    assert "\n\n\n" not in shell("run", "--help").out


def test_a_reader_that_stops_reading_is_no_error(shell: Shell) -> None:
    shell.write("config.yaml", CONFIG)
    shell("run", "config.yaml", "-q", "--set", "search.max_trials=1", "--set", "epochs=1")
    process = shell.start("schema")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(60) in (0, 1)


def test_the_installed_command_is_the_module(shell: Shell) -> None:
    command = Path(sys.executable).with_name("hpsearch")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    assert done.stdout == f"hpsearch {__version__}\n"


def test_a_finite_space_is_complete_for_every_command(shell: Shell) -> None:
    shell.write("f.py", "def f(n):\n    return float(n)\n")
    shell.write(
        "few.yaml",
        "trainable: f.py:f\nmetric: loss\nparameters: {n: {min: 1, max: 5, type: int}}\n"
        "search: {max_trials: 20}\n",
    )
    assert "5 trials" in shell("preview", "few.yaml").out
    assert shell("run", "few.yaml").out.startswith("few: 5/5 trials")
    listed = json.loads(shell("list", "--json").out)["runs"]
    assert [(r["state"], r["trials"], r["max_trials"]) for r in listed] == [("complete", 5, 5)]
    assert "of 20" not in shell("report", "few").out
    assert "complete, 5 trials" in shell("run", "few.yaml").err
