"""What a config's strategy proposes: trials from results, and the reasons given again afterwards.

A proposal depends on the seed, its index and the results of trials 0 … i - lookahead alone, so
every trial in a journal can be proposed again from the records before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hpsearch.config import Config, OptunaConfig, SearchConfig
from hpsearch.errors import RunError
from hpsearch.records import Metric, State, Trial, TrialResult
from hpsearch.sampling.given import First
from hpsearch.sampling.make import begins_with, make_strategy, size_of
from hpsearch.sampling.strategy import Explanation, Observation, Proposal, Strategy, count_known
from hpsearch.seeds import trial_seed
from hpsearch.space import Space

USUAL_FAILURES = 10


@dataclass(frozen=True)
class Reasons:
    """Why a trial got its point.

    The results of the first ``known`` trials counted, and ``given`` ones from elsewhere.
    ``expected`` is the metric that the strategy predicted and ``uncertainty`` the prediction's
    standard deviation; both are ``None`` where it predicts nothing. ``reproduced`` says whether the
    recorded point came out again: another version of hpsearch may choose another.
    """

    strategy: str
    known: int
    explanation: Explanation
    expected: float | None
    uncertainty: float | None
    reproduced: bool
    given: int = 0


def reasons(config: Config, results: Mapping[int, TrialResult], index: int) -> Reasons:
    """Propose a recorded trial again from the records before it, and say why.

    ``results`` are a run's, by index; that of ``index`` must be among them.

    Raises:
        UsageError: the strategy needs an optional package that is not installed.
        RunError: a trial whose result counted is not recorded.
    """
    strategy, metric = strategy_of(config), config.metric_record()
    known = count_known(index, strategy.lookahead)
    missing = next((i for i in range(known) if i not in results), None)
    if missing is not None:
        raise RunError(
            f"trial {index} rests on trial {missing}, which is not recorded; "
            f"go on with the search, which trains it again, and then ask"
        )
    history = [observation(results[i], metric) for i in range(known)]
    units = {i: result.trial.unit for i, result in results.items()}
    for i in range(known, index):  # those that were running, and were then interrupted
        if i not in units:
            earlier = count_known(i, strategy.lookahead)
            pending = [units[j] for j in range(earlier, i)]
            units[i] = strategy.propose(i, history[:earlier], pending).unit
    pending = [units[i] for i in range(known, index)]
    explanation = strategy.explain(index, history, pending)
    expected = explanation.expected
    return Reasons(
        strategy=str(config.search.strategy),
        known=known,
        explanation=explanation,
        expected=None if expected is None else metric.goal.loss(expected),
        uncertainty=explanation.uncertainty,
        reproduced=explanation.proposal.unit == units[index],
        given=len(config.search.trials.values) if config.search.trials else 0,
    )


def strategy_of(config: Config) -> Strategy:
    """The strategy that a config asks for.

    Raises:
        UsageError: it needs an optional package that is not installed.
    """
    search, metric = config.search, config.metric_record()
    optuna = search.strategy if isinstance(search.strategy, OptunaConfig) else None
    return make_strategy(
        _name(search),
        config.space(),
        seed=config.seed,
        lookahead=search.lookahead,
        epochs=config.epochs,
        early_stop=search.early_stop,
        counts=config.counts(),
        eta=search.eta,
        sampler=optuna.sampler if optuna else "",
        arguments=optuna.arguments if optuna else {},
        starts=config.starts(),
        likely=config.likely(),
        goals=len(metric.goals),
        limits=len(metric.limits),
        known=known_observations(config),
    )


def known_observations(config: Config) -> list[Observation]:
    """The results that were measured elsewhere, as a strategy sees them."""
    taken = config.search.trials
    if taken is None:
        return []
    assert taken.points is not None, "it is read when a search starts"
    space, metric = config.space(), config.metric_record()
    constants = {p.name: p.decode(0.5) for p in space.parameters if not (p.searched or p.needs)}
    seen = []
    for point, values in zip(taken.points, taken.values, strict=True):
        result = TrialResult(
            trial=Trial(0, 0, constants | point, space.encode(constants | point)),
            state=State.FAILED if values is None else State.DONE,
            value=None if values is None else values[metric.name],
            best_epoch=None if values is None else 1,
            epochs=1,
            curves={name: (value,) for name, value in (values or {}).items()},
        )
        # One number is no learning curve: nothing is forecast or judged by it.
        seen.append(replace(observation(result, metric), curve=()))
    return seen


def _name(search: SearchConfig) -> str:
    return "optuna" if isinstance(search.strategy, OptunaConfig) else str(search.strategy)


def planned_trials(config: Config) -> int:
    """How many trials a search has: as many as it may, but no more than there are points."""
    most = config.search.max_trials
    search = config.search
    size = size_of(_name(search), config.space(), config.counts(), config.starts(), config.likely())
    return min(most, size or most)


def given_trials(config: Config) -> list[First]:
    """The trials with which the search begins, before the strategy's own."""
    search = config.search
    return begins_with(
        _name(search), config.space(), search.lookahead, config.starts(), config.likely()
    )


def failures_allowed(config: Config) -> int:
    """After how many failures alike a search stops; 0 for never.

    By default at least as many as start before any result is known: those run in any case.
    """
    given = config.search.max_failures
    return max(USUAL_FAILURES, config.search.lookahead) if given is None else given


def first_trials(config: Config, count: int) -> list[Trial]:
    """The trials that start before any result is known: at most ``count``, at most the lookahead.

    Raises:
        UsageError: the strategy needs an optional package that is not installed.
    """
    space, strategy = config.space(), strategy_of(config)
    total = planned_trials(config)
    trials: list[Trial] = []
    for index in range(min(count, total, strategy.lookahead)):
        proposal = strategy.propose(index, (), [trial.unit for trial in trials])
        trials.append(as_trial(config, space, index, proposal))
    return trials


def as_trial(config: Config, space: Space, index: int, proposal: Proposal) -> Trial:
    """A proposal as the trial that is trained and recorded."""
    loss = config.metric_record().goal.loss
    return Trial(
        index=index,
        seed=trial_seed(config.seed, index),
        hparams=space.decode(proposal.unit),
        unit=proposal.unit,
        round=proposal.round,
        origin=proposal.origin,
        cutoffs={epoch: loss(worst) for epoch, worst in proposal.cutoffs.items()},
        ranges=proposal.ranges,
    )


def observation(result: TrialResult, metric: Metric) -> Observation:
    """A recorded trial as a strategy sees it."""
    return Observation(
        unit=result.trial.unit,
        loss=result.loss(metric),
        curve=result.losses_so_far(metric),
        stopped=result.state is State.STOPPED,
        further=result.losses(metric)[1:],
        excesses=result.excesses(metric),
    )
