"""A search in a notebook: functions of cells, its page, an interrupted cell. Needs nbclient."""

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

SEARCH = """
import hpsearch
SHIFT = 5
def train(w):
    return (w - SHIFT) ** 2
run = hpsearch.run(
    train, {"w": hpsearch.linear(-10, 20)}, metric="J", max_trials=12, seed=1, workers=2, quiet=True
)
run
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
try:
    hpsearch.run(
        slow, {"w": hpsearch.linear(-1, 1)}, metric="J", max_trials=40, workers=2, quiet=True
    )
except KeyboardInterrupt:
    print(0 < len(hpsearch.load("slow").trials) < 40)
"""


def test_a_notebook_searches_shows_its_page_and_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    cells = [nbformat.v4.new_code_cell(code) for code in (SEARCH, INTERRUPTED)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources).execute()
    shown, interrupted = (cell.outputs for cell in notebook.cells)
    [page] = [output.data for output in shown if output.output_type == "execute_result"]
    assert page["text/plain"].startswith("<hpsearch run train: 12 trials, best J ")
    assert page["text/html"].startswith('<iframe title="hpsearch report train"')
    assert [output.text for output in interrupted] == ["True\n"]
