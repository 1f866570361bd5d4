"""What a confirmation says, in sentences: who won, who is tied, how much the search flattered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpsearch.search.confirmations import Confirmation
from hpsearch.search.race import ERROR_RATE, Standing
from hpsearch.significance import standard_error
from hpsearch.text import clean, number, plural


def with_error(standing: Standing) -> str:
    """A candidate's mean and its standard error: ``0.0101 ± 0.0007``."""
    spread = "" if standing.error is None else f" ± {number(standing.error, 2)}"
    return f"{number(standing.mean)}{spread}"


def observed_how(repeats: Sequence[float]) -> str:
    """How a value that is not confirmed came about; ``repeats`` are the trainings it averages."""
    error = standard_error(repeats) if repeats else None
    if error is None:
        return "observed once"
    return f"observed in {plural(len(repeats), 'training')}, ± {number(error, 2)}"


def confirmed_by(standing: Standing) -> str:
    """What a mean rests on: ``5 fresh seeds, ± 0.0007``."""
    return f"{plural(len(standing.values), 'fresh seed')}, ± {number(standing.error, 2)}"


def trials_named(trials: Sequence[int]) -> str:
    """``#4``, ``#4 and #9``, ``#4, #9 and #12``."""
    *most, last = [f"#{trial}" for trial in trials]
    return f"{', '.join(most)} and {last}" if most else last


def confirmation_sentences(known: Confirmation, run: str) -> list[str]:
    """What is known of the winner of a run, and what it cost to know it."""
    if not known.race.over:
        return [
            f"The confirmation is not over, {plural(known.trainings, 'training')} on fresh seeds "
            f"recorded: hpsearch confirm {run} goes on with it."
        ]
    return [*_winner(known), *_optimism(known), _cost(known)]


def confirmation_record(known: Confirmation) -> dict[str, Any]:
    """The same as one plain object, for other programs."""
    winner = known.winner
    return {
        "over": known.race.over,
        "winner": None if winner is None else winner.trial,
        "tied": [one.trial for one in known.race.tied],
        "smallest": known.smallest,
        "optimism": known.optimism,
        "trainings": known.trainings,
        "epochs": known.epochs,
        "candidates": [
            {
                "trial": one.trial,
                "mean": one.mean,
                "standard_error": one.error,
                "values": list(one.values),
                "observed": known.observed[one.trial].value,
                "dropped_after": one.dropped,
                "failure": one.failure,
                "weights": known.weights.get(one.trial),
            }
            for one in known.race.standings
        ],
    }


def verdict(known: Confirmation, standing: Standing) -> str:
    """How the race ended for a candidate, in a word or two."""
    if standing.failure is not None:
        return standing.failure
    if standing.dropped is not None:
        return f"behind after {standing.dropped}"
    if not known.race.over:
        return "in the race"
    return "winner" if standing == known.winner else "tied"


def _winner(known: Confirmation) -> list[str]:
    winner = known.winner
    if winner is None:
        failures = dict.fromkeys(one.failure for one in known.race.standings if one.failure)
        return [
            f"None of the best {len(known.wish.candidates)} came to a value on fresh seeds "
            f"({', '.join(failures)}): the best is the best observed."
        ]
    if known.race.seedless:
        return [
            "Every candidate repeated its value exactly: what is trained does not use its seed, so "
            "what the search observed holds."
        ]
    text = (
        f"Confirmed: trial #{winner.trial} with {clean(known.metric.name)} {with_error(winner)}, "
        f"mean and standard error over {plural(len(winner.values), 'fresh seed')}"
    )
    return [f"{text}{_ties(known, winner)}."]


def _ties(known: Confirmation, winner: Standing) -> str:
    """Who cannot be told from the winner, and which of them is the smallest."""
    tied = [one.trial for one in known.race.tied]
    if not tied:
        return ", ahead of every other candidate" if len(known.wish.candidates) > 1 else ""
    text = f", tied with {trials_named(tied)}"
    if known.smallest is None:
        return text
    which = f"#{known.smallest}" if known.smallest != winner.trial else "it"
    weights = plural(known.weights[known.smallest], "weight")
    return f"{text}; of these {which} is the smallest ({weights})"


def _optimism(known: Confirmation) -> list[str]:
    """How much better the search's best looked than it is."""
    first, gap = known.race.standing(known.wish.candidates[0]), known.optimism
    if gap is None or known.race.seedless:
        return []
    observed = number(known.observed[first.trial].value)
    change = (
        f"the search flattered it by {number(gap, 2)}"
        if gap > 0
        else "the search did not flatter it"
    )
    return [
        f"What won the search, #{first.trial} with {observed}, comes to {with_error(first)} on "
        f"fresh seeds: {change}."
    ]


def _cost(known: Confirmation) -> str:
    most = len(known.wish.candidates) * known.wish.repeats
    return (
        f"It took {known.trainings:,} of {plural(most, 'training')}, "
        f"{plural(known.epochs, 'epoch')}: who is behind by a t-test on paired differences is "
        f"trained no further, and the best of them is dropped so in at most "
        f"{ERROR_RATE * 100:.0f} of 100 cases."
    )
