"""Notebooks: functions of cells, what is shown while a cell works, an interrupted cell, mistakes.

Needs nbclient and ipykernel, which are too large for the tests' extra: pip install nbclient
ipykernel.
"""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

WHY = "needs pip install nbclient ipykernel"
nbclient = pytest.importorskip("nbclient", reason=WHY)
nbformat = pytest.importorskip("nbformat", reason=WHY)
pytest.importorskip("ipykernel", reason=WHY)

ROOT = Path(__file__).parents[2]
IMAGE = re.compile(r'<img src="data:image/svg\+xml;base64,([^"]+)"')

SEARCH = """
import hpsearch
SHIFT = 5
def train(w):
    return (w - SHIFT) ** 2
run = hpsearch.run(
    train, {"w": hpsearch.linear(-10, 20)}, metric="J", max_trials=12, seed=1, workers=2
)
run
"""
SAME = """
again = hpsearch.run(
    lambda w: (w - SHIFT) ** 2, {"w": hpsearch.linear(-10, 20)}, metric="J", max_trials=12, seed=1,
    workers=1, quiet=True,
)
assert [t.value for t in again.trials] == [t.value for t in run.trials]
"""
INTERRUPTED = """
import os, signal, threading
from pathlib import Path
def slow(w):
    import time
    time.sleep(0.3)
    return w
def interrupt():
    journal = Path("runs/slow/trials.jsonl")
    while not (journal.exists() and journal.read_bytes()):
        pass
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
hpsearch.run(slow, {"w": hpsearch.linear(-1, 1)}, metric="J", max_trials=40, workers=2, quiet=True)
"""
GOES_ON = """
before = len(hpsearch.load("slow").trials)
slow_run = hpsearch.run(slow, {"w": hpsearch.linear(-1, 1)}, metric="J", max_trials=before + 2,
                        workers=2, quiet=True)
print(0 < before < 40, len(slow_run.trials) == before + 2)
"""
WRONG = "hpsearch.run(train, {'w': hpsearch.log(0, 1)}, metric='J')"
BABYSAT = """
model = hpsearch.babysit("network", {"alpha": 0.1, "layers": 1, "hidden_units": 8},
                         data="digits", name="hand")
model.go(3)
"""


def executed(notebook: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Any:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources, **more).execute()
    return notebook


def of_kind(cell: Any, kind: str) -> list[Any]:
    return [output for output in cell.outputs if output.output_type == kind]


def test_cells_search_show_their_work_and_are_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = (SEARCH, SAME, INTERRUPTED, GOES_ON, WRONG, BABYSAT)
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    notebook = executed(
        nbformat.v4.new_notebook(cells=cells), tmp_path, monkeypatch, allow_errors=True
    )
    search, same, interrupted, goes_on, wrong, babysat = notebook.cells
    [live] = of_kind(search, "display_data")
    assert live.data["text/plain"].startswith("hpsearch run train: 12/12 trials · 12 done · ")
    assert 'max="12"' in live.data["text/html"]
    [picture] = IMAGE.findall(live.data["text/html"])
    assert base64.b64decode(picture).startswith(b"<svg ")
    assert not of_kind(search, "stream")  # the output that is drawn anew is in place of lines
    [page] = of_kind(search, "execute_result")
    assert page.data["text/plain"].startswith("<hpsearch run train: 12 trials, best J ")
    assert page.data["text/html"].startswith('<iframe title="hpsearch report train"')
    assert same.outputs == []
    [stopped] = of_kind(interrupted, "error")
    assert [line.split(":")[:2] for line in stopped.traceback] == [
        ["KeyboardInterrupt", " interrupted with everything saved"]
    ]
    assert [output.text for output in goes_on.outputs] == ["True True\n"]
    [mistake] = of_kind(wrong, "error")
    assert mistake.traceback[0] == f"line 1: {WRONG}"
    assert mistake.traceback[1].startswith("ConfigError: hpsearch.run: space.w.min: ")
    assert len(mistake.traceback) == 2
    [trained] = of_kind(babysat, "display_data")
    assert trained.data["text/plain"].startswith("main@3 of 3  train_error ")
    [curve] = of_kind(babysat, "execute_result")
    assert curve.data["text/html"].startswith('<iframe title="hpsearch report hand"')


def test_the_notebook_of_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # what is kept is the source
    executed(notebook, tmp_path, monkeypatch)
    tables = [of_kind(cell, "execute_result") for cell in notebook.cells if "outputs" in cell]
    words = [results[0].data["text/plain"] for results in tables if results]
    assert "layers" in words[1]
    assert words[2].startswith("<hpsearch run train: 40 trials, best cost ")
    assert words[4].splitlines()[-1].startswith("b1 (here)    5-16 ")
    assert words[5].endswith("closed>")
