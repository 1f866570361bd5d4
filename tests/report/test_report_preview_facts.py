"""What a preview says of the data: everything that was found, and everything left out."""

from pathlib import Path

import pytest

from hpsearch.data.loading import load
from hpsearch.data.spec import DataSpec
from hpsearch.report.text.preview import balance, facts_lines, guess_error


def test_all_that_was_found_and_left_out(tmp_path: Path) -> None:
    rows = [
        (i, i % 7, "" if i == 3 else i % 5, 1, "red" if i % 2 else "blue", "no" if i % 4 else "yes")
        for i in range(40)
    ]
    path = tmp_path / "data.csv"
    lines = ["id,x,gap,same,colour,label", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    spec = DataSpec(str(path), "label", ignore=("id",), missing="impute", split="order", test=0.1)
    shown = [line.plain for line in facts_lines(load(spec, 0).facts, 300)]
    assert [line.split("  ")[0] for line in shown] == [
        "data",
        "rows",
        "features",
        "classes",
        "to beat",
        "one-hot",
        "constant",
        "filled in",
        "note",
    ]
    said = {line.split("  ")[0]: line.split("  ")[-1].strip() for line in shown}
    assert said["rows"] == "28 train, 8 dev, 4 test"
    assert said["features"] == "5 from 4 columns"
    assert said["classes"] == "2: 30 of no, 10 of yes"
    # Rows 28 to 35 are dev: 28 and 32 are yes, so that `no` is wrong in 2 of 8.
    assert said["to beat"] == "an error of 0.25 on dev, which one answer to all has"
    assert said["one-hot"] == "colour (2)"
    assert said["constant"] == "same"
    assert said["filled in"] == "gap (1)"
    assert said["note"] == "ignored id"


@pytest.mark.parametrize("width", [12, 40, 80])
def test_nothing_is_cut_however_narrow(tmp_path: Path, width: int) -> None:
    names = [f"a column whose name is {word}" for word in ("long", "longer", "\u6642\u9593" * 20)]
    path = tmp_path / "data.csv"
    path.write_text(",".join(["x", *names, "label"]) + "\n1,2,3,4,a\n2,3,4,5,b\n" * 4)
    facts = load(DataSpec(str(path), "label", header=True, ignore=(*names,)), 0).facts
    lines = facts_lines(facts, width)
    assert max(line.cell_len for line in lines) <= width
    shown = "".join("".join(line.plain for line in lines).split())
    for note in facts.notes:
        assert "".join(note.split()) in shown


def test_of_many_classes_the_rarest_and_the_commonest() -> None:
    facts = load(DataSpec("digits"), 0).facts
    assert balance(facts) == "10, from 174 rows of 8 to 183 of 3"
    assert 0.89 < guess_error(facts) < 0.91


def test_the_answer_to_all_is_the_commonest_label_of_train(tmp_path: Path) -> None:
    labels = ["a", "a", "b", "a", "b", "b"]  # the last two are dev, where a is always wrong
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["x,label", *(f"{i},{label}" for i, label in enumerate(labels))]))
    facts = load(DataSpec(str(path), "label", split="order", dev=0.34), 0).facts
    assert facts.rows == {"train": 4, "dev": 2}
    assert guess_error(facts) == 1
