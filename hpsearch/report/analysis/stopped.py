"""What early stopping did to a search, and whether a trial that it stopped could have won.

Everything here is a function of the journals: of the recorded trials, and of those stopped ones
that an audit trained to the end afterwards.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from hpsearch.records import Metric, State, TrialResult, best_result, ranked_results
from hpsearch.report.analysis.rows import RunView
from hpsearch.seeds import audit_order
from hpsearch.text import numbers, percent, plural

DOUBT = 0.05
"""How likely the bound on the number of missed winners may be wrong."""

NAMED = 4


@dataclass(frozen=True)
class StoppedFacts:
    """The trials that early stopping stopped.

    ``stopped`` has their numbers, of ``trials`` recorded ones; ``trained`` is the number of epochs
    that all trials trained, ``saved`` how many more the stopped ones had before them. ``hopeful``
    are those that could still have reached the ``winner``'s value: by the largest improvement that
    any finished trial made from the same epoch on.

    ``audited`` are results of stopped trials that were trained to the end, by number; ``better``
    those that beat the winner, best first; ``unlike`` those whose curve up to where the trial was
    stopped is not the recorded one. ``sampled`` of them are a random sample of all: the others
    were drawn when fewer had been stopped, or come after one that is missing. ``at_most``
    bounds by that sample how many of all stopped trials would have beaten the winner, see
    :func:`most_winners`.
    """

    metric: Metric
    trials: int
    stopped: tuple[int, ...]
    trained: int
    saved: int
    winner: TrialResult
    hopeful: tuple[int, ...]
    audited: tuple[TrialResult, ...]
    better: tuple[TrialResult, ...]
    unlike: tuple[int, ...]
    sampled: int
    at_most: int

    @property
    def saved_share(self) -> float:
        """The share of the epochs without early stopping that were not trained."""
        return self.saved / (self.trained + self.saved)

    @property
    def best_audited(self) -> TrialResult | None:
        """The best of the audited trials; ``None`` if none has a value."""
        return best_result(self.audited, self.metric)


def stopped_facts(
    results: Sequence[TrialResult],
    metric: Metric,
    audited: Sequence[TrialResult] = (),
    seed: int | None = None,
) -> StoppedFacts | None:
    """What early stopping did to the search with these results; ``None`` if it stopped nothing.

    ``audited`` are results of stopped trials that were trained to the end; others are passed over.
    ``seed`` is the run's, with which they were drawn; without it all count as a random sample.
    """
    stopped = {r.trial.index: r for r in results if r.state is State.STOPPED}
    winner = best_result(results, metric)
    if not stopped or winner is None:
        return None
    to_the_end = max(r.epochs for r in results)
    known = sorted((r for r in audited if r.trial.index in stopped), key=lambda r: r.trial.index)
    goal = winner.loss(metric)
    better = [r for r in ranked_results(known, metric) if r.loss(metric) < goal]
    sample = _random_sample(list(stopped), {r.trial.index for r in known}, seed)
    sampled_better = sum(r.trial.index in sample for r in better)
    return StoppedFacts(
        metric=metric,
        trials=len(results),
        stopped=tuple(sorted(stopped)),
        trained=sum(r.epochs for r in results),
        saved=sum(to_the_end - r.epochs for r in stopped.values()),
        winner=winner,
        hopeful=_hopeful(results, metric, winner),
        audited=tuple(known),
        better=tuple(better),
        unlike=tuple(
            r.trial.index for r in known if not _begins_as(r, stopped[r.trial.index], metric)
        ),
        sampled=len(sample),
        at_most=max(most_winners(len(stopped), len(sample), sampled_better), len(better)),
    )


def most_winners(stopped: int, audited: int, better: int) -> int:
    """The most of ``stopped`` trials that may have been winners, with 95 % confidence.

    It is the largest number K with which a random sample of ``audited`` trials would have held
    ``better`` winners or fewer in more than 5 of 100 cases. The sample is drawn without putting
    back, so their number is hypergeometric: with K winners among N trials, a sample of n holds x
    of them with probability C(K, x) C(N-K, n-x) / C(N, n). It is Clopper and Pearson's exact
    one-sided bound for a finite population (J. P. Buonaccorsi, "A note on confidence intervals for
    proportions in finite populations", The American Statistician 41 (1987) 215-218).

    >>> most_winners(20, 0, 0), most_winners(20, 10, 0), most_winners(20, 20, 0)
    (20, 3, 0)
    """

    def as_few(winners: int) -> float:
        cases = sum(
            math.comb(winners, x) * math.comb(stopped - winners, audited - x)
            for x in range(better + 1)
        )
        return cases / math.comb(stopped, audited)

    at_most = better
    while at_most < stopped and as_few(at_most + 1) > DOUBT:
        at_most += 1
    return at_most


def early_stopping(view: RunView) -> list[str]:
    """What early stopping did to a run, in sentences; none if it stopped nothing."""
    facts = stopped_facts(view.results, view.metric, view.audited, view.seed)
    return stopped_sentences(facts, view.name) if facts else []


def stopped_sentences(facts: StoppedFacts, run: str | None = None) -> list[str]:
    """What was stopped, what it saved, and what it may have cost; ``run`` is the run's name."""
    whole = facts.trained + facts.saved
    saved = (
        f"Early stopping ended {len(facts.stopped):,} of {plural(facts.trials, 'trial')} before "
        f"their last epoch, which saved {facts.saved:,} of {plural(whole, 'epoch')} "
        f"({percent(facts.saved_share)})."
    )
    return [saved, *(_audit_sentences(facts) if facts.audited else [_estimate(facts, run)])]


def _estimate(facts: StoppedFacts, run: str | None) -> str:
    [value] = numbers([facts.winner.value])
    count = len(facts.hopeful)
    audit = f"; hpsearch audit {run} trains some of them to the end" if run else ""
    improved = "the largest improvement that any finished trial made from the same epoch on"
    if not count:
        return f"Even {improved} would have brought none of them to the winner's {value}."
    return (
        f"With {improved}, {count:,} of them ({_named(facts.hopeful)}) would have reached the "
        f"winner's {value}{audit}."
    )


def _audit_sentences(facts: StoppedFacts) -> list[str]:
    best = facts.best_audited
    winner, reached = numbers([facts.winner.value, best.value if best else None])
    them, everyone = len(facts.audited), len(facts.audited) == len(facts.stopped)
    at_random = ", drawn at random," if facts.sampled == them else ""
    count = "All of them" if everyone else f"{them:,} of them{at_random}"
    audit = f"{count} {'was' if them == 1 else 'were'} trained to the end afterwards: "
    audit += f"{len(facts.better) or 'none'} beat the winner's {winner}"
    if best is not None:
        audit += f"; the best, trial {best.trial.index}, reached {reached}"
    sentences = [audit + "."]
    if not everyone:
        share = percent(facts.at_most / len(facts.stopped))
        few = f"Only {facts.sampled:,}" if facts.sampled else "None"
        few += f" of these count{'s' * (facts.sampled < 2)} as drawn at random from all, so"
        sentences.append(
            f"{'So' if at_random else few} with 95 % confidence at most {facts.at_most:,} of the "
            f"{len(facts.stopped):,} ({share}) would have."
        )
    if facts.unlike:
        one = len(facts.unlike) == 1
        sentences.append(
            f"{plural(len(facts.unlike), 'audited trial')} ({_named(facts.unlike)}) did not repeat "
            f"the recorded curve up to where {'it was' if one else 'they were'} stopped: "
            f"{'its value' if one else 'their values'} may not be what the recorded "
            f"{'one' if one else 'ones'} would have had."
        )
    return sentences


def _hopeful(
    results: Sequence[TrialResult], metric: Metric, winner: TrialResult
) -> tuple[int, ...]:
    """The stopped trials that could have reached the winner's value."""
    largest: dict[int, float] = {}  # epoch, from 1, to the largest improvement from there on
    for finished in (r for r in results if r.state.finished):
        losses = finished.losses_so_far(metric)
        for epoch, loss in enumerate(losses, start=1):
            largest[epoch] = max(largest.get(epoch, 0.0), loss - losses[-1])
    goal = winner.loss(metric)
    return tuple(
        sorted(
            r.trial.index
            for r in results
            if r.state is State.STOPPED
            and r is not winner
            and r.loss(metric) - largest.get(r.epochs, 0.0) <= goal
        )
    )


def _random_sample(stopped: Sequence[int], audited: Set[int], seed: int | None) -> Set[int]:
    """Those audited trials that stand first in the order in which all stopped ones are drawn."""
    if seed is None:
        return audited
    return set(itertools.takewhile(audited.__contains__, audit_order(seed, stopped)))


def _begins_as(again: TrialResult, recorded: TrialResult, metric: Metric) -> bool:
    curve = recorded.curves.get(metric.name, ())
    return again.curves.get(metric.name, ())[: len(curve)] == curve


def _named(trials: Sequence[int]) -> str:
    """``trial 3``, ``trials 3, 5``, ``trials 3, 5, 8, 9 …``."""
    shown = ", ".join(str(index) for index in trials[:NAMED])
    more = " …" if len(trials) > NAMED else ""
    return f"trial{'s' * (len(trials) > 1)} {shown}{more}"
