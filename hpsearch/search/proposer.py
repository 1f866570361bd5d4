"""The trials of one search, proposed one after the other from what each may know."""

from __future__ import annotations

from dataclasses import dataclass, field

from hpsearch.config import Config
from hpsearch.records import Trial
from hpsearch.sampling.strategy import ObservationLog, Strategy, count_known
from hpsearch.search.proposals import as_trial, observation, strategy_of
from hpsearch.search.retries import Attempts


@dataclass
class Proposer:
    """Proposes trial after trial. ``trials`` are those that are known, by number.

    To propose trial i, the results of trials 0 … i - lookahead must be among the ``attempts``, and
    the trials between them and i among the ``trials``.
    """

    config: Config
    strategy: Strategy
    attempts: Attempts
    trials: dict[int, Trial]
    _observed: ObservationLog = field(default_factory=ObservationLog)
    _era: int = 0

    def __post_init__(self) -> None:
        self._space, self._metric = self.config.space(), self.config.metric_record()

    @classmethod
    def of(cls, config: Config, attempts: Attempts) -> Proposer:
        """The proposer of a run of which there are these results."""
        trials = {index: made[0].trial for index, made in attempts.results.items()}
        return cls(config, strategy_of(config), attempts, trials)

    def propose(self, index: int) -> Trial:
        """Trial ``index``: a pure function of the seed and the results it may know."""
        if index in self.attempts.results:  # it failed, and is trained again as it was
            return self.trials[index]
        if self._era != self.attempts.era(index):
            self._era = self.attempts.era(index)
            self.strategy, self._observed = strategy_of(self.config), ObservationLog()
        known = count_known(index, self.strategy.lookahead)
        while len(self._observed) < known:
            result = self.attempts.known_to(index, len(self._observed))
            self._observed.append(observation(result, self._metric))
        pending = [self.trials[i].unit for i in range(known, index)]
        proposal = self.strategy.propose(index, self._observed.first(known), pending)
        self.trials[index] = as_trial(self.config, self._space, index, proposal)
        return self.trials[index]
