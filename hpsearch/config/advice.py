"""Warnings: what is allowed in a config and probably not meant."""

from __future__ import annotations

import re
from typing import Any

from hpsearch.config.effects import warn_about_effects, warn_about_formulas
from hpsearch.config.gpu_rules import warn_about_gpus
from hpsearch.config.keys import keys_of
from hpsearch.config.model import Config, RunConfig, SearchConfig
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.problems import Problems
from hpsearch.config.retry_rules import warn_about_retries
from hpsearch.config.sweeps import call_advice
from hpsearch.engine.table import ENGINES
from hpsearch.space.averages import is_average

_DECAYS = re.compile(r"(?!weight_)(.*_)?decay(_rate)?")
_COUNTS = re.compile(
    r"(n|num|max|min)_.*|(.*_)?(units|layers|depth|width|neurons|filters|channels|heads|size|batch)"
)
_RATIOS = re.compile(
    r"(.*_)?(alpha|lr|learning_rate|eta|l1|l2|lambda|lambd|weight_decay|epsilon|eps)"
)


_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""")
_OF_A_SHELL = re.compile(
    r"\S*;|&&?|\|\|?|[012]?>>?(&[12])?|<|\S*\$(?:[A-Za-z_]\w*|\{\{|\().*|~(?:/\S*)?"
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")


def warn(config: Config, given: Any, problems: Problems) -> None:
    """Warn about a whole config; ``given`` is what the file and the options say."""
    for name, parameter in config.parameters.items():
        if parameter.min is not None:
            _warn_about_scale(name, parameter, config.trainable.kind, problems)
        if isinstance(parameter.value, str) and (advice := call_advice(parameter.value)):
            problems.warn(("parameters", name), f"is fixed to this text; to search it, {advice}")
    warn_about_formulas(config.parameters, problems)
    if config.trainable.kind == "network":
        warn_about_effects(config.parameters, problems)
    if config.trainable.kind == "command":
        _warn_about_shell(config.trainable.reference, problems)
    workers, lookahead = config.run.workers, config.search.lookahead
    if workers is not None and workers > lookahead:
        at = problems.blame(("run", "workers"), ("search", "lookahead"))
        problems.warn(
            at,
            f"{workers} workers and a lookahead of {lookahead}: at most {lookahead} can be busy; "
            f"write search.lookahead: {2 * workers}",
        )
    _warn_about_clock(config, problems)
    _warn_about_address(config.run, problems)
    warn_about_gpus(config, problems)
    warn_about_retries(config, problems)
    _warn_about_stopping(config, given.get("search") or {}, problems)
    if config.search.strategy != "grid":
        for name in (n for n, p in config.parameters.items() if p.count is not None):
            problems.warn(("parameters", name, "count"), "has no effect unless strategy is grid")


def _warn_about_clock(config: Config, problems: Problems) -> None:
    """Warn where the network's time decides, which is another each time."""
    names = config.metric_record().needed
    if config.trainable.kind == "network" and "train_seconds" in names:
        text = (
            "train_seconds is another each time, so the same seed does not give the same trials; "
            "multiply_adds and parameters are exact"
        )
        problems.warn(("metric",), text)


def _warn_about_address(run: RunConfig, problems: Problems) -> None:
    if run.address is not None and not ENGINES[run.engine].on_cluster:
        clusters = [name for name, engine in ENGINES.items() if engine.on_cluster]
        text = f"has no effect on {run.engine}; write run.engine: {', or '.join(clusters)}"
        problems.warn(("run", "address"), text)


def _warn_about_stopping(config: Config, given: Any, problems: Problems) -> None:
    """Warn of keys about stopping trials that stop none; ``given`` is the block as given."""
    halving = config.search.strategy == "successive-halving"
    if halving and "early_stop" in given:
        text = "has no effect: successive-halving stops trials by a rule of its own"
        problems.warn(("search", "early_stop"), text)
    elif config.epochs == 1 and given.get("early_stop") == "cautious":
        problems.warn(("search", "early_stop"), "has no effect on trials of one epoch")
    default = keys_of(SearchConfig)["eta"].default  # which every recorded config says
    if not halving and given.get("eta", default) != default:
        problems.warn(("search", "eta"), "has no effect unless strategy is successive-halving")
    elif halving and config.epochs < config.search.eta:
        problems.warn(
            problems.blame(("search", "strategy"), ("search", "eta"), ("epochs",)),
            f"nothing is stopped: a trial is judged first after 1/{config.search.eta} of its "
            f"epochs, and it has {config.epochs}; write epochs: {config.search.eta**3}, say",
        )


def _warn_about_scale(name: str, parameter: ParameterConfig, kind: str, problems: Problems) -> None:
    low, high = parameter.min, parameter.max
    assert low is not None
    assert high is not None
    lower = name.lower().replace("-", "_")
    at = ("parameters", name)
    if parameter.scale != "1-beta" and 0.99 <= high <= 1:
        average = is_average(name)
        # The network's decay_rate is 0 for no decay; others multiply by theirs each epoch.
        decay = kind != "network" and low >= 0.5 and _DECAYS.fullmatch(lower) is not None
        if average or decay:
            bound = " and a max below 1" if high == 1 else ""
            problems.warn(
                at,
                f"on the {parameter.scale} scale few values are close to 1, where they matter; "
                f"write scale: 1-beta{bound}",
            )
    whole = isinstance(low, int) and isinstance(high, int) and parameter.type == "float"
    if whole and parameter.step is None and _COUNTS.fullmatch(lower):
        problems.warn(at, f"{name} will have values such as {low + 0.37}; add type: int")
    is_ratio = _RATIOS.fullmatch(lower) is not None
    if is_ratio and parameter.scale == "linear" and low > 0 and high > 100 * low:
        share = 100 * (low * 10 - low) / (high - low)
        problems.warn(
            at,
            f"on the linear scale {share:.2g} % of the values are below {low * 10:g}; "
            f"write scale: log",
        )


def _warn_about_shell(command: str, problems: Problems) -> None:
    """Warn of a word that only a shell would understand, unless it is in quotes."""
    words = _QUOTED.sub("q", command).split()
    operators = [word for word in words if _OF_A_SHELL.fullmatch(word)]
    if words and _ASSIGNMENT.fullmatch(words[0]):
        text = f"no shell reads it, so {words[0]} is taken for the program; write env {command}"
        problems.warn(("trainable", "command"), text)
    elif operators:
        problems.warn(
            ("trainable", "command"),
            f"no shell reads it, so {operators[0]} is given to the program as it stands; "
            f"write sh -c '…' if you mean a shell",
        )
