"""Scores and confusion matrices as text."""

import numpy as np

from hpsearch.predict.network_file import NumberScores, Scores
from hpsearch.report.text.scores import MOST_CLASSES, confusion_lines, score_lines


def test_the_metrics() -> None:
    assert score_lines(Scores(1234, 0.5, 0.125, 0.875, 0.8)) == [
        "rows      1,234",
        "error     0.125",
        "accuracy  0.875",
        "macro-F1  0.8",
        "loss      0.5",
    ]


def test_the_metrics_of_numbers() -> None:
    assert score_lines(NumberScores(1234, 0.25, 50.0, 40.0, 0.75)) == [
        "rows  1,234",
        "RMSE  50",
        "MAE   40",
        "R2    0.75",
        "loss  0.25",
    ]


def test_a_matrix_with_long_names_and_zeros() -> None:
    lines = confusion_lines(["a", "a very long name"], np.array([[100, 0], [7, 5]]))
    assert lines == [
        "labels down, predictions across:",
        "                a  a very long…",
        "           a  100             .",
        "a very long…    7             5",
    ]


def test_of_many_classes_the_most_frequent_mistakes() -> None:
    classes = [f"c{i}" for i in range(MOST_CLASSES + 1)]
    confusion = np.diag(np.full(len(classes), 9))
    assert confusion_lines(classes, confusion) == ["no mistakes"]
    confusion[3, 4], confusion[5, 0] = 2, 6
    assert confusion_lines(classes, confusion) == [
        "the most frequent mistakes:",
        "  c5 taken for c0: 6",
        "  c3 taken for c4: 2",
    ]
