"""scikit-learn's estimators by name: which there are, what a config can give them, and making one.

An estimator is named by its class alone (``RandomForestClassifier``), or with its module, as is one
of another package that keeps to scikit-learn's conventions (``lightgbm.LGBMClassifier``). Several
are the steps of a pipeline; the parameters of a step are called ``step__name``.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hpsearch.errors import UsageError, message_of
from hpsearch.text import nearest

Steps = Sequence[tuple[str, str]]
"""The name of each step and its class; the name of a single estimator is empty."""

_MODULES = (
    *("ensemble", "linear_model", "svm", "tree", "neighbors", "preprocessing", "naive_bayes"),
    *("neural_network", "discriminant_analysis", "decomposition", "feature_selection", "pipeline"),
    *("gaussian_process", "kernel_approximation", "kernel_ridge", "impute", "dummy", "isotonic"),
    *("calibration", "cross_decomposition", "multiclass", "random_projection", "manifold"),
    *("cluster", "semi_supervised", "compose"),
)
"""Those of scikit-learn that have estimators, the common ones first: each is slow to import."""


def import_sklearn() -> Any:
    """The package.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return importlib.import_module("sklearn")
    except ImportError as e:
        raise UsageError(
            "trainable.sklearn: it needs scikit-learn; install it with: "
            "pip install 'hpsearch[sklearn]'"
        ) from e


def make(steps: Steps, parameters: Mapping[str, Any], seed: int) -> Any:
    """The estimator, or the pipeline, with these parameters.

    ``seed`` goes to every ``random_state`` that is not among them.

    Raises:
        UsageError: there is no such estimator, or it cannot be made by its name alone.
    """
    made = [(name, _made(class_name)) for name, class_name in steps]
    if len(made) == 1 and not made[0][0]:
        estimator = made[0][1]
    else:
        estimator = importlib.import_module("sklearn.pipeline").Pipeline(made)
    own = [n for n in estimator.get_params() if n.rpartition("__")[2] == "random_state"]
    seeds = {n: seed for n in own if n not in parameters}
    return estimator.set_params(**seeds, **parameters)


def steps_of(named: str | Sequence[str] | Mapping[str, str]) -> Steps:
    """What is named in a config, as steps; those of a list are called as scikit-learn calls them.

    >>> steps_of(["StandardScaler", "svm.SVC"])
    (('standardscaler', 'StandardScaler'), ('svc', 'svm.SVC'))
    """
    if isinstance(named, str):
        return (("", named),)
    if isinstance(named, Mapping):
        return tuple(named.items())
    return tuple((name.rpartition(".")[2].lower(), name) for name in named)


def packages(steps: Steps) -> list[str]:
    """The packages on which results depend."""
    others = [class_name.partition(".")[0] for _, class_name in steps if "." in class_name]
    return ["scikit-learn", "scipy", *others]


def step_complaints(steps: Steps) -> Iterator[tuple[int, str]]:
    """What is wrong with steps, by their number.

    Raises:
        UsageError: scikit-learn is not installed.
    """
    import_sklearn()
    for number, (_, class_name) in enumerate(steps):
        try:
            made = _made(class_name)
        except UsageError as e:
            yield number, e.message
            continue
        if number < len(steps) - 1 and not hasattr(made, "transform"):
            yield number, f"{class_name} does not transform its inputs; only the last step may not"
        if number == len(steps) - 1 and not hasattr(made, "predict"):
            yield number, f"{class_name} predicts nothing; end with a classifier or a regressor"


def parameter_complaint(steps: Steps, name: str) -> str | None:
    """What is wrong with a parameter's name; there are to be no complaints about the steps."""
    estimator = make(steps, {}, 0)
    is_pipeline = bool(steps[0][0])
    known = [n for n in estimator.get_params() if not is_pipeline or "__" in n]
    if name not in known:
        what = "the pipeline" if is_pipeline else steps[0][1]
        near = nearest(name, known) or next((n for n in known if n.endswith(f"__{name}")), None)
        advice = f"did you mean {near}?" if near else f"it has {', '.join(known)}"
        return f"{what} has no such parameter; {advice}"
    return None


def value_complaint(steps: Steps, name: str, value: Any) -> str | None:
    """What the estimator says of one value of a parameter that it has.

    ``None`` if it takes it; or says so only when it is trained, as those of other packages do.
    """
    estimator = make(steps, {}, 0)
    *above, own = name.split("__")
    for step in above:
        estimator = estimator.get_params()[step]
    if not hasattr(estimator, "_validate_params"):
        return None
    try:
        type(estimator)(**{own: value})._validate_params()
    except Exception as e:  # whatever it thinks of the value
        return message_of(e, 300).rstrip(".")
    return None


def predicts_classes(steps: Steps) -> bool:
    """Whether the last step is a classifier."""
    base = importlib.import_module("sklearn.base")
    return bool(base.is_classifier(make(steps, {}, 0)))


def scorer_complaint(name: str) -> str | None:
    """What is wrong with the name of a scorer."""
    names = importlib.import_module("sklearn.metrics").get_scorer_names()
    if name in names:
        return None
    near = nearest(name, names) or next((n for n in names if n.endswith(name)), None)
    return f"scikit-learn has no scorer {name!r}; " + (
        f"did you mean {near}?" if near else "it has " + ", ".join(names)
    )


def _made(class_name: str) -> Any:
    made = _class(class_name)
    missing = [
        n
        for n, p in inspect.signature(made).parameters.items()
        if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    if missing:
        raise UsageError(
            f"{class_name} needs {missing[0]}, which a config cannot give; write a function that "
            f"makes it, as trainable: file.py:function"
        )
    return made()


def _class(name: str) -> Any:
    module, dot, last = name.rpartition(".")
    for place in [f"sklearn.{module}", module] if dot else [f"sklearn.{m}" for m in _MODULES]:
        found = getattr(_module(place), last, None)
        if inspect.isclass(found) and hasattr(found, "get_params") and hasattr(found, "fit"):
            return found
    known = [n for m in _MODULES for n in getattr(_module(f"sklearn.{m}"), "__all__", ())]
    near = nearest(last, [n for n in known if n[0].isupper()])
    advice = f"did you mean {near}?" if near else "write its class, such as RandomForestClassifier"
    raise UsageError(f"scikit-learn has no estimator {name}; {advice}")


def _module(name: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError:
        return None


def scorer_of(name: str) -> Any:
    """A scorer: called with a fitted estimator, inputs and answers; more is better."""
    return importlib.import_module("sklearn.metrics").get_scorer(name)
