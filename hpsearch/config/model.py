"""The config: what a run is, as typed and frozen values.

The order of the fields is the order in which a config is written. Each field's description is
also what an editor shows (``hpsearch schema``). How the YAML's short forms become these values is
told in the ``read_*`` modules; what is allowed here is allowed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from hpsearch.config.keys import (
    Count,
    Limits,
    Positive,
    Scalar,
    Seconds,
    block_schema,
    following,
    key,
    keys_of,
)
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.taken import Taken
from hpsearch.config.whole_space import to_space
from hpsearch.data.spec import DataSpec
from hpsearch.engine.table import ENGINES, ON_THIS_MACHINE
from hpsearch.network.kernels import AUTO, KERNELS
from hpsearch.records import Goal, Limit, Metric
from hpsearch.sampling.given import First
from hpsearch.sampling.table import NAMED
from hpsearch.space import Space
from hpsearch.space.repeated import base
from hpsearch.store.names import PATTERN
from hpsearch.text import DURATION, SIZE

Said = TypeVar("Said")


@dataclass(frozen=True, kw_only=True)
class TrainableConfig:
    """What is trained: the network, an object of the user's, a command, an estimator.

    ``reference`` is empty for the network; ``package.module:object`` or
    ``/path/file.py:object`` for an object; the command line for a command. ``folder`` is where
    the command runs, and where the package is looked for if it is not on Python's path: an
    absolute path, empty for wherever hpsearch was started.

    Of scikit-learn (``sklearn``) ``steps`` has the name and the class of each step of a pipeline,
    or of one estimator without a name, and ``reference`` the classes.

    An object that takes a ``fold`` is trained once for each of so many ``folds``.

    Where it is ``told``, no code of ours trains: trials are asked for, and their results told.

    An object of the running Python that no module holds, as a function of a notebook, is called
    ``__main__:object``. ``pickled`` is the object and ``code`` the digests of its parts; neither is
    ever written.
    """

    kind: Literal["network", "object", "command", "sklearn", "told"] = "network"
    reference: str = ""
    folder: str = ""
    pickled: bytes = field(default=b"", repr=False)
    code: tuple[tuple[str, str], ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    folds: int | None = None


@dataclass(frozen=True, kw_only=True)
class MetricConfig:
    """A number that the search minimises or maximises, or keeps within limits."""

    name: str = key(
        default="value", doc="Its name among what each epoch gives.", example="dev_error"
    )
    goal: Literal["minimize", "maximize"] = key(
        default="minimize", doc="The direction in which it gets better."
    )
    pick: Literal["best", "last"] = key(
        default="best", doc="Which epoch is a trial's value: its best one, or its last."
    )
    min: int | float | None = key(
        default=None, doc="A trial with less is infeasible, and never the best.", example=0.9
    )
    max: int | float | None = key(
        default=None, doc="A trial with more is infeasible, and never the best.", example=500
    )

    def goal_record(self) -> Metric:
        """The goal as the search knows it."""
        return Metric(self.name, Goal(self.goal), self.pick)

    def limit_records(self) -> tuple[Limit, ...]:
        """The limit as the search knows it; none where there is no end."""
        bounded = self.min is not None or self.max is not None
        return (Limit(self.name, self.min, self.max),) if bounded else ()


@dataclass(frozen=True, kw_only=True)
class OptunaConfig:
    """One of Optuna's samplers and its arguments: ``{optuna: TPESampler, multivariate: true}``."""

    sampler: str
    arguments: dict[str, Scalar | None]

    def __str__(self) -> str:
        return f"Optuna's {self.sampler}"

    def as_written(self) -> dict[str, Scalar | None]:
        """The mapping of the YAML."""
        return {"optuna": self.sampler, **self.arguments}


_OPTUNA: dict[str, Any] = {
    "title": "Optuna",
    "description": "One of Optuna's samplers, by its class, and its arguments.",
    "type": "object",
    "required": ["optuna"],
    "properties": {
        "optuna": {
            "description": "The name of a class in optuna.samplers.",
            "type": "string",
            "examples": ["TPESampler", "GPSampler", "CmaEsSampler", "NSGAIISampler"],
        }
    },
    "additionalProperties": {"type": ["boolean", "number", "string", "null"]},
    "examples": [{"optuna": "TPESampler"}],
}

MOMENT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}[ T])?([01][0-9]|2[0-3]):[0-5][0-9]$"
"""A time of day, or of a day."""
_MOMENT_WORDS = "a time such as '08:00', or '2026-11-29 08:00', in quotes"
_Moment = Annotated[str, Limits({"pattern": MOMENT, "description": _MOMENT_WORDS})]
_Size = Annotated[str, Limits({"pattern": SIZE, "description": "an amount such as 2GB"})]
_Duration = Annotated[str, Limits({"pattern": DURATION, "description": "a duration such as 2h"})]

if TYPE_CHECKING:
    _EngineName = str
    _KernelsName = str
    _StrategyName = str
else:  # the names stand in the tables of engines, of kernels and of strategies alone
    _EngineName = Literal[tuple(ENGINES)]
    _KernelsName = Literal[(AUTO, *KERNELS)]
    _StrategyName = Literal[NAMED]

_TAKEN = {"anyOf": [{"type": "string"}, {"type": "object"}], "description": "a path"}
_Taken = Annotated[Taken, Limits(_TAKEN)]
_Strategy = _StrategyName | Annotated[OptunaConfig, Limits(_OPTUNA)]


@dataclass(frozen=True, kw_only=True)
class ConfirmConfig:
    """When the search is over, its best trials are trained again on fresh seeds."""

    top: Count = key(default=5, doc="How many of the best trials.", example=5)
    repeats: Annotated[int, Limits({"minimum": 2})] = key(
        default=5,
        doc="On how many fresh seeds each, the same for all; one that is clearly behind is "
        "trained no further.",
        example=5,
    )


_Confirm = Annotated[ConfirmConfig, Limits(block_schema(ConfirmConfig))]


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """How points are chosen, and how many."""

    strategy: _Strategy = key(
        default="coarse-to-fine",
        doc="How points are chosen: in boxes around the best and by a Gaussian process "
        "(coarse-to-fine), in such boxes alone, or in the ways of others to compare with.",
    )
    max_trials: Count = key(default=60, doc="How many trials the run has.", example=60)
    lookahead: Count = key(
        default=8,
        doc="Trial i is chosen from the results of trials up to i - lookahead; at least "
        "the number of workers, better twice.",
        example=8,
    )
    max_failures: Annotated[int, Limits({"minimum": 0})] | None = key(
        default=None,
        doc="Stop when so many trials fail alike: the first ones with the same error, or "
        "later ones in a row because their processes die; default: 10, or the lookahead if that "
        "is more; 0: never.",
        example=10,
    )
    patience: Count | None = key(
        default=None,
        doc="End the search after so many trials in a row that are no better than the best one "
        "before them; default: never.",
        example=30,
    )
    target: int | float | None = key(
        default=None,
        doc="End the search once a trial's value is as good as this; the lookahead - 1 trials "
        "after it, which may be training by then, still count.",
        example=0.02,
    )
    timeout: (
        Seconds
        | Annotated[
            str, Limits({"pattern": DURATION, "description": "a duration such as 2h, 90min"})
        ]
        | None
    ) = key(
        default=None,
        doc="Stop after so long, in seconds or as 2h, 90min, 1h30m: running trials finish, and the "
        "same command goes on; default: never.",
        example="2h",
    )
    until: _Moment | None = key(
        default=None,
        doc="Stop in the same way when the local clock says so: '08:00', or '2026-11-29 08:00'; "
        "default: never.",
        example="08:00",
    )
    early_stop: Literal["cautious", "bold", "none"] = key(
        default="cautious",
        doc="Stop trials that are beyond hope (cautious), those that no good trial was "
        "ever behind (bold), or none.",
    )
    eta: Annotated[int, Limits({"minimum": 2})] = key(
        default=3,
        doc="successive-halving: of how many trials one goes on at each rung.",
        example=3,
    )
    repeats: Count = key(
        default=1,
        doc="How often each trial is trained, with a seed of its own each time.",
        example=3,
    )
    average: Literal["mean", "median"] = key(
        default="mean", doc="With repeats: what a trial's curves and value are of its trainings."
    )
    confirm: _Confirm | None = key(
        default=None,
        doc="Confirm the winner: train the best trials again on fresh seeds, {top: 5, repeats: 5}.",
        example={"top": 5, "repeats": 5},
    )
    start: tuple[dict[str, Scalar], ...] = key(
        default=(),
        doc="Points to try first, such as the settings you have; what a point leaves open is "
        "drawn.",
        example=[{"alpha": 0.01}],
    )
    start_from: _Taken | None = key(
        default=None,
        doc="An earlier run, by its folder or its name, whose best trials are tried first; "
        "translated where the spaces differ.",
        example="runs/earlier",
    )
    trials: _Taken | None = key(
        default=None,
        doc="A CSV file of results that were measured elsewhere: the search knows them from the "
        "start. Columns: the parameters, and the metric or value.",
        example="known.csv",
    )


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """How the trials are executed; ``threads`` and ``kernels`` can change a result's last bits."""

    workers: Annotated[int, Limits({"minimum": 1, "maximum": 1024})] | None = key(
        default=None,
        doc="How many trials train at once; default: the machine's cores, or with gpus as many "
        "as these take.",
        example=2,
    )
    threads: Annotated[int, Limits({"minimum": 1, "maximum": 1024})] = key(
        default=1,
        doc="BLAS threads of each trial; 1 unless the network is large.",
        example=1,
    )
    kernels: _KernelsName = key(
        default=AUTO,
        doc="What trains the network: compiled by numba (the extra 'fast') or plain NumPy; "
        "auto takes numba where a run is started with it installed.",
    )
    engine: _EngineName = key(
        default=ON_THIS_MACHINE,
        doc="What runs the workers: loky on this machine, or a cluster of dask or ray.",
    )
    gpus: tuple[Annotated[int, Limits({"minimum": 0})] | str, ...] | Literal["all"] | None = key(
        default=None,
        doc="The GPUs that trials train on, by number or name, or all of them: each worker sees "
        "one; default: no worker's view is changed.",
        example=[0, 1],
    )
    trials_per_gpu: Annotated[int, Limits({"minimum": 1, "maximum": 1024})] = key(
        default=1,
        doc="How many trials share a GPU.",
        example=2,
    )
    address: str | None = key(
        default=None,
        doc="Where the cluster answers; default: one on this machine, for this run.",
        example="tcp://10.0.0.5:8786",
    )
    time_limit: Seconds | None = key(
        default=None,
        doc="Seconds after which a trial is ended as failed; default: none.",
        example=600,
    )
    memory_limit: Positive | _Size | None = key(
        default=None,
        doc="Memory of a trial's process and all that it starts, in megabytes or as 500MB, 2GB; a "
        "trial that needs more ends as failed; default: no limit.",
        example="2GB",
    )
    retries: Annotated[int, Limits({"minimum": 0, "maximum": 1000})] = key(
        default=0,
        doc="How often a trial is tried again whose worker died, that took longer than time_limit, "
        "or that fits retry_on.",
        example=2,
    )
    retry_on: Annotated[str, Limits({"pattern": ".", "description": "a regular expression"})] | (
        None
    ) = key(
        default=None,
        doc="A regular expression: a trial that failed with it in its error, or in what it "
        "printed, is tried again; default: none.",
        example="Connection reset|out of memory",
    )
    log_limit: Positive = key(
        default=10,
        doc="Megabytes of a trial's output to keep; what it prints beyond is dropped.",
        example=10,
    )
    checkpoint_every: Seconds = key(
        default=30, doc="Seconds between two checkpoints of a trial.", example=30
    )


@dataclass(frozen=True, kw_only=True)
class Config:
    """A whole config.

    ``metric`` is its first goal, ``further`` are the other goals of a list, and ``limits`` what has
    limits alone; a goal may have limits of its own.
    """

    name: Annotated[str, Limits({"pattern": f"^{PATTERN}$"})] = key(
        doc="The run's name and folder; default: the file's name.",
        example="digits",
    )
    seed: Annotated[int, Limits({"minimum": 0})] = key(
        default=0, doc="Same seed, same trials; any whole number.", example=7
    )
    data: DataSpec | None = None
    trainable: TrainableConfig = TrainableConfig()
    epochs: Count = key(
        default=30,
        doc="Epochs of each trial; default: 30 for the network, else 1.",
        example=30,
    )
    metric: MetricConfig
    further: tuple[MetricConfig, ...] = following(tuple)
    limits: tuple[MetricConfig, ...] = following(tuple)
    parameters: dict[str, ParameterConfig]
    constraints: tuple[str, ...] = key(
        default=(),
        doc="What is true of every point, in terms of parameters; a draw that breaks one is drawn "
        "again.",
        example=["hidden_units * layers <= 600"],
    )
    search: SearchConfig = SearchConfig()
    run: RunConfig = RunConfig()

    def space(self) -> Space:
        """The search space: in the order of the config, but parents before their children."""
        return to_space(self.parameters, self.constraints)

    def metric_record(self) -> Metric:
        """The first goal as the search knows it, with the goals and the limits beside it."""
        further = tuple(goal.goal_record() for goal in self.further)
        entries = (self.metric, *self.further, *self.limits)
        limits = tuple(limit for entry in entries for limit in entry.limit_records())
        return replace(self.metric.goal_record(), further=further, limits=limits)

    def counts(self) -> dict[str, int]:
        """How many points a grid has on each parameter that says so."""
        return self._of_searched(
            {n: p.count for n, p in self.parameters.items() if p.count is not None}
        )

    def starts(self) -> list[First]:
        """The trials that were given: those to start with, and the best of an earlier run."""
        taken = self.search.start_from
        assert taken is None or taken.points is not None, "it is read when a search starts"
        return [
            *(First(point, "start") for point in self.search.start),
            *(First(point, "earlier") for point in (taken.points if taken else None) or ()),
        ]

    def likely(self) -> dict[str, tuple[Scalar, ...]]:
        """The likely values of each parameter that has some."""
        return self._of_searched(
            {n: p.likely for n, p in self.parameters.items() if p.likely is not None}
        )

    def _of_searched(self, declared: Mapping[str, Said]) -> dict[str, Said]:
        """What parameters say, by the names that they have in the space where it is searched."""
        names = [p.name for p in self.space().searched] if declared else []
        return {name: said for key, said in declared.items() for name in names if base(name) == key}


TOP_LEVEL = tuple(keys_of(Config))
"""The keys of a config's top level."""
