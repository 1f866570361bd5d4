"""scikit-learn's estimators by name: found, checked and made; where scikit-learn is installed."""

import pytest

from hpsearch.errors import UsageError
from hpsearch.estimators import (
    make,
    parameter_complaint,
    predicts_classes,
    scorer_complaint,
    step_complaints,
    steps_of,
    value_complaint,
)

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

FOREST = steps_of("RandomForestClassifier")
PIPELINE = steps_of({"scale": "StandardScaler", "model": "linear_model.LogisticRegression"})


@pytest.mark.parametrize(
    ("named", "complaints"),
    [
        ("RandomForestClassifier", []),
        ("svm.SVC", []),
        ("sklearn.svm.SVC", []),
        (["StandardScaler", "SVC"], []),
        ("RandomForrestClassifier", [(0, "did you mean RandomForestClassifier?")]),
        ("svm.RandomForestClassifier", [(0, "scikit-learn has no estimator svm.RandomForest")]),
        ("pipeline.make_pipeline", [(0, "scikit-learn has no estimator")]),
        ("no.such.Thing", [(0, "scikit-learn has no estimator no.such.Thing")]),
        ("VotingClassifier", [(0, "needs estimators, which a config cannot give")]),
        ("StandardScaler", [(0, "predicts nothing")]),
        (["SVC", "StandardScaler"], [(0, "does not transform"), (1, "predicts nothing")]),
    ],
)
def test_steps(named: str | list[str], complaints: list[tuple[int, str]]) -> None:
    found = list(step_complaints(steps_of(named)))
    assert [number for number, _ in found] == [number for number, _ in complaints]
    for (_, text), (_, part) in zip(found, complaints, strict=True):
        assert part in text


@pytest.mark.parametrize(
    ("steps", "name", "said"),
    [
        (FOREST, "n_estimators", None),
        (FOREST, "n_estimator", "did you mean n_estimators?"),
        (FOREST, "zzzzzz", "RandomForestClassifier has no such parameter; it has bootstrap, "),
        (PIPELINE, "model__C", None),
        (PIPELINE, "C", "the pipeline has no such parameter; did you mean model__C?"),
        (PIPELINE, "model", "the pipeline has no such parameter"),
        (PIPELINE, "modle__C", "did you mean model__C?"),
    ],
)
def test_the_names_of_parameters(steps: list[tuple[str, str]], name: str, said: str | None) -> None:
    found = parameter_complaint(steps, name)
    assert found is None if said is None else found is not None and said in found


def test_values_of_parameters() -> None:
    assert value_complaint(FOREST, "max_depth", None) is None
    assert value_complaint(FOREST, "max_depth", 3) is None
    assert "must be an int" in (value_complaint(FOREST, "max_depth", 3.0) or "")
    assert "'C' parameter of LogisticRegression" in (
        value_complaint(PIPELINE, "model__C", -1) or ""
    )


def test_the_trials_seed_goes_to_every_random_state_that_is_free() -> None:
    steps = steps_of({"first": "SelectFromModel", "last": "svm.SVC"})
    assert list(step_complaints(steps)) == [
        (
            0,
            "SelectFromModel needs estimator, which a config cannot give; write a function that "
            "makes it, as trainable: file.py:function",
        )
    ]
    made = make(steps_of(["PCA", "svm.SVC"]), {"svc__C": 2.0, "svc__random_state": 5}, 77)
    found = made.get_params()
    assert (found["pca__random_state"], found["svc__random_state"], found["svc__C"]) == (77, 5, 2.0)
    assert make(steps_of("KNeighborsClassifier"), {"n_neighbors": 3}, 77).n_neighbors == 3
    with pytest.raises(UsageError, match="no estimator Nothing"):
        make(steps_of("Nothing"), {}, 0)


def test_scorers_and_classifiers() -> None:
    assert scorer_complaint("balanced_accuracy") is None
    assert "did you mean accuracy?" in (scorer_complaint("acuracy") or "")
    assert "did you mean neg_log_loss?" in (scorer_complaint("log_loss") or "")
    assert predicts_classes(PIPELINE)
    assert not predicts_classes(steps_of("RandomForestRegressor"))
