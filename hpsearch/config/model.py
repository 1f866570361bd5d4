"""The config: what a run is, as typed and frozen values.

The order of the fields is the order in which a config is written. Each field's description is
also what an editor shows (``hpsearch schema``). How the YAML's short forms become these values is
told in the ``read_*`` modules; what is allowed here is allowed there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from hpsearch.config.blocks import Block, Positive, Scalar, Seconds
from hpsearch.config.parameters import ParameterConfig, to_space
from hpsearch.data.spec import DataSpec
from hpsearch.engine.table import ENGINES, ON_THIS_MACHINE
from hpsearch.network.kernels import AUTO, KERNELS
from hpsearch.records import Goal, Metric
from hpsearch.sampling.make import NAMED
from hpsearch.space import Space
from hpsearch.store.names import PATTERN


class TrainableConfig(Block):
    """What is trained: the built-in network, an object of the user's, or a command line.

    ``reference`` is empty for the network; ``package.module:object`` or
    ``/path/file.py:object`` for an object; the command line for a command. ``folder`` is where
    the command runs, and where the package is looked for if it is not on Python's path: an
    absolute path, empty for wherever hpsearch was started.
    """

    kind: Literal["network", "object", "command"] = "network"
    reference: str = ""
    folder: str = ""


class MetricConfig(Block):
    """The number that the search minimises or maximises."""

    name: str = Field(
        default="value", description="Its name among what each epoch gives.", examples=["dev_error"]
    )
    goal: Literal["minimize", "maximize"] = Field(
        default="minimize", description="The direction in which it gets better."
    )
    pick: Literal["best", "last"] = Field(
        default="best", description="Which epoch is a trial's value: its best one, or its last."
    )


class OptunaConfig(Block):
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

if TYPE_CHECKING:
    _EngineName = str
    _KernelsName = str
    _StrategyName = str
else:  # the names stand in the tables of engines, of kernels and of strategies alone
    _EngineName = Literal[tuple(ENGINES)]
    _KernelsName = Literal[(AUTO, *KERNELS)]
    _StrategyName = Literal[NAMED]

_Strategy = _StrategyName | Annotated[OptunaConfig, WithJsonSchema(_OPTUNA)]


class SearchConfig(Block):
    """How points are chosen, and how many."""

    strategy: _Strategy = Field(
        default="coarse-to-fine",
        description="How points are chosen: in boxes around the best and by a Gaussian process "
        "(coarse-to-fine), in such boxes alone, or in the ways of others to compare with.",
    )
    max_trials: int = Field(
        default=60, ge=1, description="How many trials the run has.", examples=[60]
    )
    lookahead: int = Field(
        default=8,
        ge=1,
        description="Trial i is chosen from the results of trials up to i - lookahead; at least "
        "the number of workers, better twice.",
        examples=[8],
    )
    max_failures: int | None = Field(
        default=None,
        ge=0,
        description="Stop when so many trials fail alike: the first ones with the same error, or "
        "later ones in a row because their processes die; default: 10, or the lookahead if that "
        "is more; 0: never.",
        examples=[10],
    )
    early_stop: Literal["cautious", "bold", "none"] = Field(
        default="cautious",
        description="Stop trials that are beyond hope (cautious), those that no good trial was "
        "ever behind (bold), or none.",
    )
    eta: int = Field(
        default=3,
        ge=2,
        description="successive-halving: of how many trials one goes on at each rung.",
        examples=[3],
    )


class RunConfig(Block):
    """How the trials are executed; ``threads`` and ``kernels`` can change a result's last bits."""

    workers: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="How many trials train at once; default: the machine's cores.",
        examples=[2],
    )
    threads: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="BLAS threads of each trial; 1 unless the network is large.",
        examples=[1],
    )
    kernels: _KernelsName = Field(
        default=AUTO,
        description="What trains the network: compiled by numba (the extra 'fast') or plain NumPy; "
        "auto takes numba where a run is started with it installed.",
    )
    engine: _EngineName = Field(
        default=ON_THIS_MACHINE,
        description="What runs the workers: loky on this machine, or a cluster of dask or ray.",
    )
    address: str | None = Field(
        default=None,
        description="Where the cluster answers; default: one on this machine, for this run.",
        examples=["tcp://10.0.0.5:8786"],
    )
    time_limit: Seconds | None = Field(
        default=None,
        description="Seconds after which a trial is ended as failed; default: none.",
        examples=[600],
    )
    log_limit: Positive = Field(
        default=10,
        description="Megabytes of a trial's output to keep; what it prints beyond is dropped.",
        examples=[10],
    )
    checkpoint_every: Seconds = Field(
        default=30, description="Seconds between two checkpoints of a trial.", examples=[30]
    )


class Config(Block):
    """A whole config."""

    name: str = Field(
        pattern=f"^{PATTERN}$",
        description="The run's name and folder; default: the file's name.",
        examples=["digits"],
    )
    seed: int = Field(
        default=0, ge=0, description="Same seed, same trials; any whole number.", examples=[7]
    )
    data: DataSpec | None = None
    trainable: TrainableConfig = TrainableConfig()
    epochs: int = Field(
        default=30,
        ge=1,
        description="Epochs of each trial; default: 30 for the network, else 1.",
        examples=[30],
    )
    metric: MetricConfig
    parameters: dict[str, ParameterConfig]
    search: SearchConfig = SearchConfig()
    run: RunConfig = RunConfig()

    def space(self) -> Space:
        """The search space: in the order of the config, but parents before their children."""
        return to_space(self.parameters)

    def metric_record(self) -> Metric:
        """The metric as the search knows it."""
        return Metric(self.metric.name, Goal(self.metric.goal), self.metric.pick)

    def counts(self) -> dict[str, int]:
        """How many points a grid has on each parameter that says so."""
        return {n: p.count for n, p in self.parameters.items() if p.count is not None}
