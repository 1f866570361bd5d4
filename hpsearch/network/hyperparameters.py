"""What the network can be told: one table, read by the network, its checks and the documentation.

The names are the course's. Everything that shapes the weights is fixed when a network is built;
what is ``adjustable`` may change between two epochs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hpsearch.errors import UsageError
from hpsearch.network.optimizers import OPTIMIZERS
from hpsearch.network.settings import Settings
from hpsearch.records import Value, is_number


@dataclass(frozen=True)
class Need:
    """What another setting has to be: one of ``values``, or at least ``least``."""

    name: str
    values: tuple[Value, ...] = ()
    least: float | None = None

    def holds(self, value: Value) -> bool:
        """Whether a value of the other setting is such a one.

        >>> Need("layers", least=1).holds(0), Need("optimizer", ("adam",)).holds("adam")
        (False, True)
        """
        if self.least is None:
            return value in self.values
        return isinstance(value, int | float) and value >= self.least


@dataclass(frozen=True)
class Hyperparameter:
    """One setting of the network.

    ``kind`` is ``float``, ``int``, ``bool`` or ``choice``. ``low`` and ``high`` bound a number,
    ``None`` where there is no bound; an open end (``low_open``, ``high_open``) is not allowed
    itself. ``doc`` is one sentence, with the course's symbol where there is one. ``needs`` is what
    the others have to be; unless all of it holds, the setting has no effect on the network. One
    that is ``per_layer`` may be a list with a value for each hidden layer.
    """

    name: str
    kind: str
    default: Value
    doc: str
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    choices: tuple[str, ...] = ()
    adjustable: bool = True
    needs: tuple[Need, ...] = ()
    per_layer: bool = False

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value, or ``None``.

        >>> HYPERPARAMETERS["alpha"].problem(-1)
        'must be > 0; it is -1'
        """
        if self.per_layer and isinstance(value, list | tuple):
            return next((text for each in value if (text := self.problem(each))), None)
        shown = str(value).lower() if isinstance(value, bool) else repr(value)  # as YAML has it
        if self.kind == "choice":
            fine = isinstance(value, str) and value in self.choices
            return None if fine else f"must be one of {', '.join(self.choices)}; it is {shown}"
        if self.kind == "bool":
            return None if isinstance(value, bool) else f"must be true or false; it is {value!r}"
        if not is_number(value):
            return f"must be a number; it is {shown}"
        return self._problem_with_number(value)

    def _problem_with_number(self, value: float) -> str | None:
        if not abs(value) <= sys.float_info.max:
            return "must be a finite number"
        if self.kind == "int" and value != int(value):
            return f"must be a whole number; it is {value}"
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return f"must be {'>' if self.low_open else '>='} {self.low:g}; it is {value}"
        if self.high is not None and (value > self.high or (self.high_open and value == self.high)):
            return f"must be {'<' if self.high_open else '<='} {self.high:g}; it is {value}"
        return None


_HIDDEN = (Need("layers", least=1),)
RUNNING, TRAIN = "running", "train"
"""Where batch norm's statistics at test time come from."""


def _for_optimizers(reading: str) -> tuple[Need, ...]:
    """The need of a hyperparameter that only some optimisers read."""
    return (Need("optimizer", tuple(n for n, o in OPTIMIZERS.items() if reading in o.reads)),)


def _for_decays(*names: str) -> tuple[Need, ...]:
    return (Need("decay", names),)


def _positive(name: str, default: float, doc: str) -> Hyperparameter:
    return Hyperparameter(name, "float", default, doc, low=0, low_open=True)


def _fraction(name: str, default: float, doc: str, needs: tuple[Need, ...] = ()) -> Hyperparameter:
    """A number in [0, 1)."""
    return Hyperparameter(name, "float", default, doc, low=0, high=1, high_open=True, needs=needs)


def _count(
    name: str,
    default: int,
    doc: str,
    *,
    low: int = 1,
    adjustable: bool = True,
    needs: tuple[Need, ...] = (),
) -> Hyperparameter:
    return Hyperparameter(name, "int", default, doc, low=low, adjustable=adjustable, needs=needs)


def _choice(
    name: str,
    choices: tuple[str, ...],
    doc: str,
    adjustable: bool = True,
    needs: tuple[Need, ...] = (),
) -> Hyperparameter:
    """A choice whose first value is the default."""
    return Hyperparameter(
        name, "choice", choices[0], doc, choices=choices, adjustable=adjustable, needs=needs
    )


_TABLE = (
    _positive("alpha", 0.001, "Learning rate α: the size of a step."),
    _choice("optimizer", tuple(OPTIMIZERS), "How a gradient becomes a step."),
    _fraction(
        "beta",
        0.9,
        "Momentum β: averages over about 1/(1-β) gradients.",
        _for_optimizers("beta"),
    ),
    _fraction("beta1", 0.9, "Adam's β₁: averages the gradients.", _for_optimizers("beta1")),
    _fraction(
        "beta2",
        0.999,
        "Adam's and RMSprop's β₂: averages the squared gradients.",
        _for_optimizers("beta2"),
    ),
    Hyperparameter(
        "epsilon",
        "float",
        1e-8,
        "Adam's and RMSprop's ε: keeps a step finite where gradients are 0.",
        low=1e-30,  # anything smaller is 0 in float32, and 0/0 is not finite
        needs=_for_optimizers("epsilon"),
    ),
    _count("batch_size", 64, "Rows in a mini-batch."),
    _choice(
        "decay",
        ("none", "inverse", "exponential", "step", "cosine"),
        "How the learning rate falls from epoch to epoch.",
    ),
    Hyperparameter(
        "decay_rate",
        "float",
        0.1,
        "How fast the learning rate falls.",
        low=0,
        needs=_for_decays("inverse", "exponential", "step"),
    ),
    _count(
        "decay_epochs",
        10,
        "Epochs between two steps of step, or until cosine has come down.",
        needs=_for_decays("step", "cosine"),
    ),
    _count("warmup_epochs", 0, "Epochs in which the learning rate rises to alpha.", low=0),
    Hyperparameter("l2", "float", 0.0, "L2 penalty: adds l2/2 · Σ W² to the cost.", low=0),
    _fraction("dropout", 0.0, "Share of hidden units left out in a step: 1 - keep_prob.", _HIDDEN),
    _fraction(
        "bn_momentum",
        0.9,
        "How slowly batch norm's running averages move.",
        (Need("batch_norm", (True,)), *_HIDDEN, Need("bn_statistics", (RUNNING,))),
    ),
    _choice(
        "bn_statistics",
        (RUNNING, TRAIN),
        "What batch norm predicts with: running averages, or statistics of the whole train set.",
        needs=(Need("batch_norm", (True,)), *_HIDDEN),
    ),
    _count(
        "layers", 2, "Hidden layers; 0 is softmax (or linear) regression.", low=0, adjustable=False
    ),
    replace(
        _count(
            "hidden_units", 64, "Units in each hidden layer, n⁽ˡ⁾.", adjustable=False, needs=_HIDDEN
        ),
        per_layer=True,
    ),
    _choice(
        "activation",
        ("relu", "leaky_relu", "tanh", "sigmoid"),
        "The function g in a = g(z) of the hidden layers.",
        adjustable=False,
        needs=_HIDDEN,
    ),
    Hyperparameter(
        "batch_norm",
        "bool",
        True,
        "Whether each z is normalised over the batch.",
        adjustable=False,
        needs=_HIDDEN,
    ),
    _choice("init", ("he", "xavier"), "How the first weights are drawn.", adjustable=False),
)

HYPERPARAMETERS: dict[str, Hyperparameter] = {each.name: each for each in _TABLE}
"""By name, in the order in which a person would tune them."""


def problem_of(name: str, value: Any) -> str | None:
    """What is wrong with a value of a hyperparameter, or ``None``.

    Raises:
        KeyError: there is no such hyperparameter.

    >>> problem_of("beta", 1.0)
    'must be < 1; it is 1.0'
    """
    return HYPERPARAMETERS[name].problem(value)


_TYPES: dict[str, Callable[[Any], Any]] = {"float": float, "int": int, "bool": bool, "choice": str}


def settings(hparams: Mapping[str, Any]) -> Settings:
    """The settings that hyperparameters stand for; what is not named keeps its default.

    Raises:
        UsageError: a name is unknown, or a value not allowed.
    """
    values: dict[str, Any] = {name: each.default for name, each in HYPERPARAMETERS.items()}
    for name, value in hparams.items():
        if name not in HYPERPARAMETERS:
            known = ", ".join(HYPERPARAMETERS)
            raise UsageError(f"the network has no hyperparameter {name!r}; it has {known}")
        problem = problem_of(name, value)
        if problem is not None:
            raise UsageError(f"{name} {problem}")
        values[name] = value
    return Settings(**{name: _typed(name, value) for name, value in values.items()})


def _typed(name: str, value: Any) -> Any:
    kind = _TYPES[HYPERPARAMETERS[name].kind]
    return tuple(map(kind, value)) if isinstance(value, list | tuple) else kind(value)
