"""Which word was meant: near misses, and what other tools call our things.

The tables of keys hold either the key's name here, or a sentence that says what to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hpsearch.space import SCALES
from hpsearch.text import alternatives, nearest

TOP_LEVEL = {
    "params": "parameters",
    "hyperparameters": "parameters",
    "hparams": "parameters",
    "space": "parameters",
    "search_space": "parameters",
    "sweep": "its keys belong under search",
    "dataset": "data",
    "model": "trainable",
    "objective": "write metric: {name: …, goal: minimize}; the code to train is called trainable",
    "program": "write trainable: {command: …}",
    "command": "write trainable: {command: …}",
    "direction": "write metric: {goal: minimize} or {goal: maximize}",
    "goal": "write metric: {goal: minimize} or {goal: maximize}",
    "mode": "write metric: {goal: minimize} or {goal: maximize}",
    "method": "the kind of search is search.strategy",
    "sampler": "the kind of search is search.strategy",
    "algorithm": "the kind of search is search.strategy",
    "budget": "write search: {max_trials: …}",
    "run_cap": "write search: {max_trials: …}",
    "early_terminate": "write search: {early_stop: cautious}",
    "pruner": "write search: {early_stop: cautious}",
    "random_state": "seed",
    "random_seed": "seed",
    "max_epochs": "epochs",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "iterations": "epochs",
    "project": "name",
    "experiment": "name",
}

_REAL_BOUNDS = "bounds are real values: write {min: 1e-4, max: 1, scale: log}"
_AS_SCALE = f"write scale: {alternatives(list(SCALES))}"

PARAMETER = {
    "low": "min",
    "lower": "min",
    "lower_bound": "min",
    "minimum": "min",
    "start": "min",
    "high": "max",
    "upper": "max",
    "upper_bound": "max",
    "maximum": "max",
    "stop": "max",
    "end": "max",
    "range": "write {min: …, max: …}",
    "bounds": "write {min: …, max: …}",
    "lr_range": _REAL_BOUNDS,
    "log_range": _REAL_BOUNDS,
    "exponents": _REAL_BOUNDS,
    "choice": "values",
    "choices": "values",
    "categories": "values",
    "options": "values",
    "grid": "write values: […], or a count with search.strategy: grid",
    "const": "value",
    "constant": "value",
    "distribution": _AS_SCALE,
    "log": "write scale: log",
    "sampling": _AS_SCALE,
    "uniform": "write {min: …, max: …}",
    "loguniform": "write {min: …, max: …, scale: log}",
    "log_uniform": "write {min: …, max: …, scale: log}",
    "log_uniform_values": "write {min: …, max: …, scale: log}",
    "quniform": "write {min: …, max: …, step: …}",
    "randint": "write {min: …, max: …, type: int}",
    "mu": "normal distributions are not searched; write {min: …, max: …}",
    "mean": "normal distributions are not searched; write {min: …, max: …}",
    "sigma": "normal distributions are not searched; write {min: …, max: …}",
    "std": "normal distributions are not searched; write {min: …, max: …}",
    "q": "step",
    "quantum": "step",
    "num": "count",
    "n": "count",
    "points": "count",
    "num_grid_values": "count",
    "dtype": "type",
    "importance": "tier",
    "priority": "tier",
    "condition": "when",
    "conditions": "when",
    "if": "when",
    "parent": "write when: {parent: value}",
    "default": "a searched parameter has no default; delete it",
    "init": "a searched parameter has no first value; delete it",
    "probabilities": "all values are equally likely; delete it",
    "parameters": "parameters are not nested; give each its own name",
}

SCALE = {
    "uniform": "linear",
    "lin": "linear",
    "log_uniform": "log",
    "log_uniform_values": "log",
    "loguniform": "log",
    "log10": "log",
    "logarithmic": "log",
    "exponential": "log",
    "inv_log_uniform": "log",
    "inv_log_uniform_values": "log",
    "reverse_log": "1-beta",
    "reverse_log_uniform": "1-beta",
    "reverselog": "1-beta",
    "one_minus": "1-beta",
    "1 - beta": "1-beta",
    "1-β": "1-beta",
    "beta": "1-beta",
}

TYPE = {
    "integer": "int",
    "int64": "int",
    "int32": "int",
    "long": "int",
    "double": "float",
    "float64": "float",
    "float32": "float",
    "real": "float",
    "number": "float",
    "continuous": "float",
}
_TYPE_SENTENCES = {
    **dict.fromkeys(
        ("categorical", "category", "choice", "discrete", "str", "string"),
        "write values: […] and no type",
    ),
    **dict.fromkeys(("bool", "boolean"), "write values: [true, false] and no type"),
}

STRATEGY = {
    "fit": "coarse-to-fine",
    "box": "boxes",
    "bayes": "coarse-to-fine",
    "bayesian": "coarse-to-fine",
    "tpe": "{optuna: TPESampler}",
    "optuna": "{optuna: TPESampler}",
    "gp": "{optuna: GPSampler}",
    "cma": "{optuna: CmaEsSampler}",
    "cmaes": "{optuna: CmaEsSampler}",
    "cma-es": "{optuna: CmaEsSampler}",
    "coarse_to_fine": "coarse-to-fine",
    "coarse2fine": "coarse-to-fine",
    "random_search": "random",
    "randomsearch": "random",
    "grid_search": "grid",
    "gridsearch": "grid",
    "qmc": "sobol",
    "halton": "sobol",
    "asha": "successive-halving",
    "hyperband": "successive-halving",
    "sha": "successive-halving",
    "halving": "successive-halving",
}

GOAL = {"min": "minimize", "minimise": "minimize", "max": "maximize", "maximise": "maximize"}

VALUES: Mapping[str, Mapping[str, str]] = {
    "scale": SCALE,
    "type": TYPE,
    "strategy": STRATEGY,
    "goal": GOAL,
    "early_stop": {
        "median": "cautious",
        "aggressive": "bold",
        "hyperband": "cautious",
        "true": "cautious",
        "off": "none",
        "false": "none",
    },
    "missing": {"drop": "refuse", "error": "refuse", "mean": "impute", "fill": "impute"},
    "split": {"random": "stratified", "shuffle": "stratified", "sequential": "order"},
}
"""For keys with listed values: what another tool's value is called here."""

SEARCH = {
    "n_trials": "max_trials",
    "num_trials": "max_trials",
    "trials": "max_trials",
    "num_samples": "max_trials",
    "max_evals": "max_trials",
    "budget": "max_trials",
    "n_iter": "max_trials",
    "count": "max_trials",
    "run_cap": "max_trials",
    "sampler": "strategy",
    "algorithm": "strategy",
    "type": "strategy",
    "method": "strategy",
    "reduction_factor": "eta",
    "factor": "eta",
    "pruner": "early_stop",
    "early_stopping": "early_stop",
    "early_terminate": "early_stop",
    "ahead": "lookahead",
    "look_ahead": "lookahead",
}

RUN = {
    "n_jobs": "workers",
    "jobs": "workers",
    "num_workers": "workers",
    "n_workers": "workers",
    "max_workers": "workers",
    "processes": "workers",
    "cores": "workers",
    "cpus": "workers",
    "parallel": "workers",
    "backend": "engine",
    "executor": "engine",
    "cluster": "address",
    "host": "address",
    "scheduler_address": "address",
    "timeout": "time_limit",
    "max_seconds": "time_limit",
    "num_threads": "threads",
    "n_threads": "threads",
    "blas_threads": "threads",
    "checkpoint": "checkpoint_every",
    "checkpoint_freq": "checkpoint_every",
}

METRIC = {
    "direction": "goal",
    "mode": "goal",
    "objective": "goal",
    "metric": "name",
    "epoch": "pick",
    "target": "name",
}

DATA = {
    "file": "path",
    "filename": "path",
    "train": "path",
    "label": "target",
    "labels": "target",
    "class": "target",
    "y": "target",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "validation_split": "dev",
    "dev_size": "dev",
    "test_size": "test",
    "sep": "delimiter",
    "separator": "delimiter",
    "drop": "ignore",
    "exclude": "ignore",
    "na": "na_values",
    "missing_values": "na_values",
    "null_values": "na_values",
    "na_filter": "write na_values: [] to take NA for a word",
    "keep_default_na": "write na_values: [] to take NA for a word",
    "impute": "write missing: impute",
    "fillna": "write missing: impute",
    "categories": "categorical",
    "categorical_columns": "categorical",
    "cat_features": "categorical",
    "nominal": "categorical",
    "one_hot": "categorical",
    "usecols": "write ignore: […] with the columns to leave out",
    "index_col": "ignore",
    "names": "write header: false; columns are then given by position",
    "normalize": "standardize",
    "standardise": "standardize",
    "scale": "standardize",
}

NETWORK_METRICS = {
    "accuracy": "dev_accuracy",
    "acc": "dev_accuracy",
    "val_acc": "dev_accuracy",
    "val_accuracy": "dev_accuracy",
    "error": "dev_error",
    "val_error": "dev_error",
    "loss": "dev_loss",
    "val_loss": "dev_loss",
    "cost": "dev_loss",
    "f1": "dev_macro_f1",
    "macro_f1": "dev_macro_f1",
    "f1_macro": "dev_macro_f1",
}

NETWORK_PARAMETERS = {
    "lr": "alpha",
    "learning_rate": "alpha",
    "eta": "alpha",
    "eta0": "alpha",
    "learning_rate_init": "alpha",
    "momentum": "beta",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "rho": "beta2",
    "eps": "epsilon",
    "batch": "batch_size",
    "batchsize": "batch_size",
    "mini_batch": "batch_size",
    "minibatch_size": "batch_size",
    "bs": "batch_size",
    "units": "hidden_units",
    "hidden": "hidden_units",
    "neurons": "hidden_units",
    "width": "hidden_units",
    "hidden_size": "hidden_units",
    "hidden_layer_sizes": "hidden_units",
    "num_layers": "layers",
    "n_layers": "layers",
    "hidden_layers": "layers",
    "depth": "layers",
    "weight_decay": "l2",
    "lambd": "l2",
    "lambda": "l2",
    "regularization": "l2",
    "keep_prob": "here it is dropout, which is 1 - keep_prob",
    "dropout_rate": "dropout",
    "batchnorm": "batch_norm",
    "bn": "batch_norm",
    "lr_decay": "decay",
    "learning_rate_decay": "decay",
    "schedule": "decay",
    "activation_function": "activation",
    "solver": "optimizer",
    "initialization": "init",
    "initializer": "init",
}


_EPOCHS = "it belongs to the top level; write epochs: … there"
_TRIALS = "it belongs to search; write search: {max_trials: …}"
_STOPPING = (
    "trials are stopped by search: {early_stop: …}, and metric.pick: best takes the best epoch"
)
BELONGS_ELSEWHERE = {
    **dict.fromkeys(("epochs", "num_epochs", "n_epochs", "max_epochs", "max_iter"), _EPOCHS),
    **dict.fromkeys(("n_trials", "num_trials", "max_trials", "trials"), _TRIALS),
    **dict.fromkeys(("patience", "early_stopping", "early_stop"), _STOPPING),
    **dict.fromkeys(
        ("seed", "random_state", "random_seed"), "it belongs to the top level; write seed: … there"
    ),
}
"""What is declared as a parameter of the network, and stands in another place of a config."""


def meant_key(word: str, known: Iterable[str], elsewhere: Mapping[str, str]) -> str:
    """What to do about an unknown key, as the end of a sentence."""
    if word.isdigit():
        return "a key is a word; if a decimal is meant, write a point instead of the comma"
    known = list(known)
    hint = elsewhere.get(word.lower())
    if hint is not None:
        return hint if " " in hint else f"here it is called {hint}"
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {near}?"
    return f"the keys here are {', '.join(known)}" if len(known) > 1 else f"write {known[0]}"


def meant_value(key: str, value: object, known: Iterable[str]) -> str | None:
    """What was probably meant by an unknown value of ``key``, as the end of a sentence."""
    word = str(value).lower()
    if key == "type" and word in _TYPE_SENTENCES:
        return _TYPE_SENTENCES[word]
    found = VALUES.get(key, {}).get(word) or nearest(word, known)
    return f"did you mean {found}?" if found else None
