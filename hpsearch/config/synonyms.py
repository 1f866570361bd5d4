"""Which word was meant: near misses, and what other tools call our things.

A near miss (``hparams``, ``n_epochs``, ``coarse_to_fine``) is found by its letters and stands in no
table. The tables have the words that do not look like ours, as Weights & Biases, Optuna, Ray Tune,
Keras, scikit-learn and PyTorch use them: each is answered with our name for it, or with a sentence
that says what to write. Words are compared without ``_``, ``-`` and spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from hpsearch.space import SCALES
from hpsearch.text import alternatives, nearest


def _called(words: Mapping[str, str]) -> dict[str, str]:
    """From the words of others for each answer to the answer for each word.

    >>> _called({"min": "low lower_bound"})
    {'low': 'min', 'lowerbound': 'min'}
    """
    return {plain(word): answer for answer, theirs in words.items() for word in theirs.split()}


def plain(word: str) -> str:
    """A word as it is compared: small letters, and nothing between them."""
    return re.sub(r"[\s_-]", "", word.lower())


TOP_LEVEL = _called(
    {
        "parameters": "params space search_space",
        "trainable": "model",
        "seed": "random_state random_seed",
        "epochs": "iterations",
        "name": "project experiment",
        "its keys belong under search": "sweep",
        "write metric: {name: …, goal: minimize}; the code to train is called trainable": (
            "objective"
        ),
        "write trainable: {command: …}": "program command",
        "write metric: {goal: minimize} or {goal: maximize}": "direction goal mode",
        "the kind of search is search.strategy": "method sampler algorithm",
        "write search: {max_trials: …}": "budget run_cap",
        "write search: {early_stop: cautious}": "early_terminate pruner",
    }
)

_AS_SCALE = f"write scale: {alternatives(list(SCALES))}"

PARAMETER = _called(
    {
        "min": "low lower lower_bound start",
        "max": "high upper upper_bound stop end",
        "values": "choice choices categories options",
        "value": "const constant",
        "step": "q quantum",
        "count": "num n points num_grid_values",
        "type": "dtype",
        "tier": "importance priority",
        "when": "condition conditions if",
        "write {min: …, max: …}": "range bounds uniform",
        "bounds are real values: write {min: 1e-4, max: 1, scale: log}": (
            "lr_range log_range exponents"
        ),
        "write values: […], or a count with search.strategy: grid": "grid",
        _AS_SCALE: "distribution sampling",
        "write scale: log": "log",
        "write {min: …, max: …, scale: log}": "log_uniform log_uniform_values",
        "write {min: …, max: …, step: …}": "quniform",
        "write {min: …, max: …, type: int}": "randint",
        "normal distributions are not searched; write {min: …, max: …}": "mu mean sigma std",
        "write when: {parent: value}": "parent",
        "write {min: …, max: …} or {values: […]}": "_type _value",
        "likely": "default init initial initial_value x0 prior guess",
        "all values are equally likely; delete it": "probabilities",
        "parameters are not nested; write the names with dots, as in optimizer.lr": "parameters",
    }
)

SEARCH = _called(
    {
        "max_trials": "n_trials num_samples budget n_iter count run_cap",
        "strategy": "sampler algorithm type method",
        "eta": "reduction_factor factor",
        "start_from": "warm_start previous_run baseline",
        "start": "points_to_evaluate enqueue enqueue_trial initial_points initial_params x0 seeds",
        "early_stop": "pruner early_terminate",
        "repeats": "n_seeds seeds replicates n_repeats",
        "average": "aggregate",
    }
)

CONFIRM = _called({"top": "best k candidates", "repeats": "seeds n_seeds times runs"})

RUN = _called(
    {
        "workers": "n_jobs jobs processes cpus parallel",
        "engine": "backend executor",
        "address": "cluster host scheduler_address",
        "time_limit": "timeout max_seconds",
        "threads": "num_threads",
        "checkpoint_every": "checkpoint_freq",
        "gpus": "gpu devices cuda cuda_visible_devices num_gpus accelerators",
        "trials_per_gpu": "workers_per_gpu",
    }
)

METRIC = _called({"goal": "direction mode objective", "name": "metric target", "pick": "epoch"})

DATA = _called(
    {
        "path": "file filename train",
        "target": "label labels class y",
        "dev": "val valid validation validation_split dev_size",
        "task": "problem problem_type",
        "delimiter": "sep separator",
        "ignore": "drop exclude index_col",
        "na_values": "na",
        "categorical": "cat_features nominal one_hot",
        "standardize": "normalize scale",
        "write na_values: [] to take NA for a word": "na_filter keep_default_na",
        "write missing: impute": "impute fillna",
        "write ignore: […] with the columns to leave out": "usecols",
        "write header: false; columns are then given by position": "names",
    }
)

NETWORK_METRICS = _called(
    {
        "dev_accuracy": "acc accuracy val_acc",
        "dev_error": "error val_error",
        "dev_loss": "loss val_loss cost",
        "dev_macro_f1": "f1 macro_f1",
        "dev_rmse": "rmse val_rmse mse val_mse root_mean_squared_error mean_squared_error",
        "dev_mae": "mae val_mae mean_absolute_error",
        "dev_r2": "r2 r2_score val_r2",
    }
)

NETWORK_PARAMETERS = _called(
    {
        "alpha": "lr learning_rate eta eta0 learning_rate_init",
        "beta": "momentum",
        "beta1": "beta_1",
        "beta2": "beta_2 rho",
        "epsilon": "eps",
        "batch_size": "batch mini_batch bs",
        "hidden_units": "units hidden neurons width hidden_size hidden_layer_sizes",
        "layers": "num_layers n_layers hidden_layers depth",
        "l2": "weight_decay lambd lambda regularization",
        "here it is dropout, which is 1 - keep_prob": "keep_prob",
        "dropout": "dropout_rate",
        "batch_norm": "bn",
        "decay": "lr_decay learning_rate_decay schedule",
        "activation": "activation_function",
        "optimizer": "solver",
        "init": "initialization initializer",
    }
)

BELONGS_ELSEWHERE = _called(
    {
        "it belongs to the top level; write epochs: … there": (
            "epochs num_epochs n_epochs max_epochs max_iter"
        ),
        "it belongs to search; write search: {max_trials: …}": (
            "n_trials num_trials max_trials trials"
        ),
        "trials are stopped by search: {early_stop: …}, and metric.pick: best takes the best "
        "epoch": "patience early_stopping early_stop",
        "it belongs to the top level; write seed: … there": "seed random_state random_seed",
    }
)
"""What is declared as a parameter of the network, and stands in another place of a config."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "scale": _called(
        {
            "linear": "uniform",
            "log": "log_uniform log_uniform_values logarithmic exponential inv_log_uniform "
            "inv_log_uniform_values",
            "1-beta": "reverse_log reverse_log_uniform one_minus 1-β",
        }
    ),
    "type": _called(
        {
            "int": "long",
            "float": "double real number continuous",
            "write values: […] and no type": ("categorical category choice discrete str string"),
            "write values: [true, false] and no type": "bool boolean",
        }
    ),
    "strategy": _called(
        {
            "coarse-to-fine": "fit bayes bayesian",
            "{optuna: TPESampler}": "tpe optuna",
            "{optuna: GPSampler}": "gp",
            "{optuna: CmaEsSampler}": "cma cmaes",
            "grid": "grid_search",
            "sobol": "qmc halton",
            "successive-halving": "asha hyperband sha halving",
        }
    ),
    "goal": _called({"minimize": "min", "maximize": "max"}),
    "early_stop": _called(
        {"cautious": "median hyperband true", "bold": "aggressive", "none": "off false"}
    ),
    "missing": _called({"refuse": "drop error", "impute": "mean fill"}),
    "split": _called({"stratified": "random shuffle", "order": "sequential"}),
}
"""For keys with listed values: what another tool's value is called here."""


def meant_key(word: str, known: Iterable[str], elsewhere: Mapping[str, str]) -> str:
    """What to do about an unknown key, as the end of a sentence."""
    if word.isdigit():
        return "a key is a word; if a decimal is meant, write a point instead of the comma"
    known = list(known)
    hint = elsewhere.get(plain(word))
    if hint is not None:
        return hint if " " in hint else f"here it is called {hint}"
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {near}?"
    return f"the keys here are {', '.join(known)}" if len(known) > 1 else f"write {known[0]}"


def meant_value(key: str, value: object, known: Iterable[str]) -> str | None:
    """What was probably meant by an unknown value of ``key``, as the end of a sentence."""
    hint = VALUES.get(key, {}).get(plain(str(value)))
    if hint is not None and hint.startswith("write "):
        return hint
    found = hint or nearest(str(value).lower(), known)
    return f"did you mean {found}?" if found else None
