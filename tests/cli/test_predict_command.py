"""``hpsearch predict``: labels for new rows, their scores, and one line for every wrong input."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from hpsearch.predict.network_file import TrainedNetwork
from hpsearch.text import number
from tests.shell import Shell

CONFIG = """
name: blobs
data: {path: data.csv, target: kind}
epochs: 15
parameters:
  alpha: 0.01
  batch_size: 8
search: {max_trials: 1}
run: {workers: 1}
"""
KINDS = ("oak, red", "elm", "ash")
COLOURS = ("red", "green", "blue")


def rows(seed: int, count: int) -> list[tuple[str, str, str, str]]:
    """Three kinds that a colour and two numbers tell apart."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(count):
        kind = i % 3
        x, y = rng.normal([(0, 0), (3, 0), (0, 3)][kind], 0.3)
        found.append((f"{x:.3f}", COLOURS[kind], f"{y:.3f}", KINDS[kind]))
    return found


def table(header: str, found: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header.split(","), *found])
    return text.getvalue()


NEW = rows(1, 30)
LABELS = [row[3] for row in NEW]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("predict"))
    shell.write("config.yaml", CONFIG)
    shell.write("data.csv", table("x,colour,y,kind", rows(0, 90)))
    shell.write("new.csv", table("x,colour,y,kind", NEW))
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    return shell


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_labels_in_the_order_of_the_rows(shell: Shell) -> None:
    done = shell("predict", "blobs", "new.csv")
    assert done.code == 0, done.err
    assert done.err == ""
    assert [row["prediction"] for row in read(done.out)] == LABELS


def test_columns_are_found_by_name_and_labels_are_not_needed(shell: Shell) -> None:
    moved = [(y, "17", x, colour) for x, colour, y, _ in NEW]
    shell.write("moved.csv", table("y,id,x,colour", moved))
    done = shell("predict", "blobs", "moved.csv")
    assert done.out == shell("predict", "blobs", "new.csv").out


def test_probabilities_are_the_networks(shell: Shell) -> None:
    done = shell("predict", "blobs", "new.csv", "--proba")
    found = read(done.out)
    assert list(found[0]) == ["prediction", "p(ash)", "p(elm)", "p(oak, red)"]
    p = np.array([[float(row[f"p({kind})"]) for kind in sorted(KINDS)] for row in found])
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-5  # six digits each
    assert [sorted(KINDS)[c] for c in p.argmax(axis=1)] == [row["prediction"] for row in found]


def test_output_goes_to_a_file(shell: Shell) -> None:
    done = shell("predict", "blobs", "new.csv", "--proba", "--score", "-o", "labelled.csv")
    assert done.code == 0, done.err
    assert done.err == "wrote labelled.csv\n"
    assert (shell.folder / "labelled.csv").read_text() == shell(
        "predict", "blobs", "new.csv", "--proba"
    ).out
    assert done.out == shell("predict", "blobs", "new.csv", "--score").out


def test_scores_and_the_confusion_matrix(shell: Shell) -> None:
    # One elm is called an ash, so 29 of 30 are right. F1 by class: elm 18/19 (9 right, 9 labels,
    # 10 predictions), ash 20/21 -> 2*10/(11+10), oak 1.
    wrong = [*NEW]
    place = LABELS.index("elm")
    wrong[place] = (*wrong[place][:3], "ash")
    shell.write("wrong.csv", table("x,colour,y,kind", wrong))
    done = shell("predict", "blobs", "wrong.csv", "--score")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "rows      30"
    assert lines[1] == "error     0.0333"
    assert lines[2] == "accuracy  0.9667"
    assert lines[3] == f"macro-F1  {number((18 / 19 + 20 / 21 + 1) / 3)}"
    assert lines[4].startswith("loss      0.")
    assert lines[6:] == [
        "labels down, predictions across:",
        "          ash  elm  oak, red",
        "     ash   10    1         .",
        "     elm    .    9         .",
        "oak, red    .    .        10",
    ]


def test_a_run_is_also_named_by_its_folder(shell: Shell) -> None:
    by_path = shell("predict", "runs/blobs", "new.csv")
    assert by_path.out == shell("predict", "blobs", "new.csv").out


def test_a_word_that_training_did_not_know_is_said(shell: Shell) -> None:
    shell.write("word.csv", "x,colour,y\n0,purple,0\n")
    done = shell("predict", "blobs", "word.csv")
    assert done.code == 0
    assert len(read(done.out)) == 1
    assert done.err.startswith("warning: word.csv: column 'colour': 1 cell holds a word that was")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (("blobs", "new.csv", "--score", "--proba"), None, "--output"),
        (("blob", "new.csv"), None, "did you mean blobs?"),
        (("blobs",), None, "DATA"),
        (("blobs", "nwe.csv"), None, "did you mean new.csv"),
        (("blobs", "bad.csv"), "", "is empty"),
        (("blobs", "bad.csv"), "x,y,kind\n0,0,elm\n", "has no column 'colour'"),
        (("blobs", "bad.csv"), "x,color,y\n0,red,0\n", "did you mean 'color'"),
        (("blobs", "bad.csv"), "x,colour,y\n0,red,\n", "1 cell is empty"),
        (("blobs", "bad.csv"), "x,colour,y\n0,red,far\n", "'far'"),
        (("blobs", "bad.csv"), "x,colour,y\n1e38,red,0\n", "bad.csv"),
        (("blobs", "bad.csv", "--score"), "x,colour,y\n0,red,0\n", "no labels to score with"),
        (("blobs", "bad.csv", "--score"), "x,colour,y,kind\n0,red,0,fir\n", "the label 'fir'"),
        (("blobs", "bad.csv", "--score"), "x,colour,y,kind\n0,red,0,elm\n0,red,0,\n", "missing"),
        (("blobs", "new.csv", "-o", "no/such/folder.csv"), None, "no/such"),
    ],
)
def test_wrong_inputs(
    shell: Shell, arguments: tuple[str, ...], content: str | None, said: str
) -> None:
    if content is not None:
        shell.write("bad.csv", content)
    done = shell("predict", *arguments)
    assert done.code in (1, 2)
    assert done.out == ""
    [line] = done.err.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert "bug" not in line


def test_labels_do_not_matter_where_they_are_not_asked_for(shell: Shell) -> None:
    shell.write("unsure.csv", "x,colour,y,kind\n0,red,0,?\n0,red,0,fir\n0,red,0,elm\n")
    assert shell("predict", "blobs", "unsure.csv").code == 0


def test_runs_without_a_model_say_why(shell: Shell) -> None:
    shell.write("own.py", "def cost(w):\n    return w * w\n")
    shell.write(
        "own.yaml",
        "trainable: own.py:cost\nparameters: {w: {min: 0, max: 1}}\nsearch: {max_trials: 1}\n",
    )
    assert shell("run", "own.yaml", "-q").code == 0
    done = shell("predict", "own", "new.csv")
    assert done.code == 2
    assert done.err.startswith("error: runs/own has no model: hpsearch keeps those of the built-in")
    shell.write("wild.yaml", CONFIG.replace("alpha: 0.01", "alpha: 1e30").replace("blobs", "wild"))
    assert shell("run", "wild.yaml", "-q").code == 1
    done = shell("predict", "wild", "new.csv")
    assert done.code == 2
    assert "has no model yet: no trial has a value" in done.err


def test_a_damaged_model_is_one_line(shell: Shell, tmp_path: Path) -> None:
    run = shell.folder / "runs" / "damaged"
    run.mkdir()
    for name in ("resolved.yaml", "config.yaml", "trials.jsonl"):
        (run / name).write_bytes((shell.folder / "runs" / "blobs" / name).read_bytes())
    model = shell.folder / "runs" / "blobs" / "model.npz"
    (run / "model.npz").write_bytes(model.read_bytes()[:500])
    done = shell("predict", "damaged", "new.csv")
    assert done.code == 1
    assert "model.npz: not an intact npz file" in done.err
    with np.load(model) as arrays:
        np.savez(run / "model.npz", **{name: arrays[name] for name in arrays if name != "W1"})
    done = shell("predict", "damaged", "new.csv")
    assert done.code == 1
    assert "model.npz: is not a model that hpsearch wrote ('W1')" in done.err


def test_the_model_loads_without_pickle(shell: Shell) -> None:
    path = shell.folder / "runs" / "blobs" / "model.npz"
    network = TrainedNetwork.read(path)
    assert network.classes == tuple(sorted(KINDS))
    with np.load(path, allow_pickle=False) as arrays:
        assert {"W1", "b1", "mean", "scale", "classes"} <= set(arrays)
