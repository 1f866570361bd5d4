"""The config that ``hpsearch init`` writes: complete, commented, ready to run."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.config.schema_file import strategy_names


@dataclass(frozen=True)
class Subject:
    """What a starter learns from and searches for, as lines of its YAML with their comments."""

    data: str
    metric: str


DIGITS = Subject(
    data="""\
# What the network learns from: handwritten digits that come with hpsearch, or a file of yours:
#   data: {path: letters.csv, target: Letter, dev: 0.2}
data: digits
""",
    metric="""\
# What is searched for: the share of wrong answers on the development set.
metric: {name: dev_error, goal: minimize}
""",
)


def starter_config(schema: str, subject: Subject = DIGITS) -> str:
    """The text of a first config; ``schema`` is where an editor finds the JSON Schema."""
    text = _STARTER.replace("OTHER_STRATEGIES", ", ".join(strategy_names()[1:]))
    text = text.replace("DATA\n", subject.data).replace("METRIC\n", subject.metric)
    return f"# yaml-language-server: $schema={schema}\n{text}"


_STARTER = """\
#
# What to search, and how. Run it with:   hpsearch run THIS-FILE
# Any value can be changed for one run:   hpsearch run THIS-FILE --set search.max_trials=100

# The same seed gives the same trials, on any number of workers.
seed: 1

DATA

# What is trained. Instead of the built-in network, code of yours:
#   trainable: path/to/file.py:objective
#   trainable: {command: "python train.py --lr {alpha}"}
trainable: network
epochs: 20

METRIC

parameters:
  # Bounds are real values. On the log scale 0.0001 to 0.001 gets as many trials as 0.1 to 1.
  alpha: {min: 1e-4, max: 1e-1, scale: log, tier: 1}

  # Averages over 1 / (1 - beta) steps need the 1-beta scale: as many trials from 0.9 to 0.99
  # (10 to 100 steps) as from 0.99 to 0.999 (100 to 1000 steps).
  beta1: {min: 0.8, max: 0.999, scale: 1-beta, tier: 2}

  # Whole numbers, on any scale.
  hidden_units: {min: 32, max: 128, type: int, scale: log, tier: 2}
  batch_size: {min: 32, max: 256, type: int, scale: log, step: 32, tier: 2}

  # A choice.
  layers: {values: [1, 2, 3], tier: 3}

  # A choice, and a parameter that is only there for some of its values.
  decay: {values: [none, exponential]}
  decay_rate: {min: 0.01, max: 0.5, scale: log, when: {decay: exponential}, tier: 3}

  # A plain value is fixed.
  activation: relu
  optimizer: adam

search:
  strategy: coarse-to-fine # or OTHER_STRATEGIES
  max_trials: 40 # raise it later, and the same run goes on
  lookahead: 8 # twice the workers keeps all of them busy
  early_stop: cautious # give up trials that are beyond hope; or bold, or none
  # confirm: {top: 5, repeats: 5} # then train the best 5 again on 5 fresh seeds: who is the best?

run:
  workers: 2 # leave it out to use all cores
"""
