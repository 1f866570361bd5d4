"""What is on record of a run's confirmation, and which trial is its winner.

``confirm.jsonl`` has two kinds of lines. A wish says what is to be confirmed; the last one counts:

    {"top": 5, "repeats": 5, "candidates": [31, 12, 4, 9, 40]}

A result is one training of a candidate on a fresh seed, with the keys of ``trials.jsonl``:

    {"repeat": 1, "weights": 4810, "trial": 31, …}

``weights`` is how many its model has, ``null`` where it is not of the built-in network. A result
depends on nothing but the trial's point and the repeat's seed, so it is as good for a later wish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import RunError
from hpsearch.records import Metric, TrialResult, best_result
from hpsearch.search.race import Race, Repeats, Standing, candidates_of, race
from hpsearch.store.journal import Record, read_journal
from hpsearch.store.rundir import RunFolder

_NOT_OURS = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True)
class Wish:
    """What is to be confirmed: the ``top`` best trials, each on at most ``repeats`` fresh seeds."""

    top: int
    repeats: int
    candidates: tuple[int, ...]

    def to_record(self) -> dict[str, Any]:
        """One flat JSON object."""
        return {"top": self.top, "repeats": self.repeats, "candidates": list(self.candidates)}


@dataclass(frozen=True)
class Repeat:
    """One training of a candidate on the fresh seed number ``repeat``, from 1."""

    repeat: int
    result: TrialResult
    weights: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        """The trial and the repeat."""
        return self.result.trial.index, self.repeat

    def to_record(self) -> dict[str, Any]:
        """One flat JSON object."""
        return {"repeat": self.repeat, "weights": self.weights, **self.result.to_record()}


@dataclass(frozen=True)
class Confirmation:
    """A run's confirmation as it stands.

    ``observed`` are the candidates' results in the search, by trial; ``repeats`` those on fresh
    seeds, and ``weights`` the sizes of their models, where they are known.
    """

    wish: Wish
    metric: Metric
    observed: Mapping[int, TrialResult]
    repeats: Repeats
    weights: Mapping[int, int]
    race: Race

    @property
    def winner(self) -> Standing | None:
        """The candidate with the best mean, once the race is over and if any is left."""
        return self.race.winner

    @property
    def smallest(self) -> int | None:
        """The winner or who is tied with it, whichever has the fewest weights.

        ``None`` where there is no tie, where two are equally small, or sizes are not known.
        """
        left = [one.trial for one in (self.winner, *self.race.tied) if one is not None]
        if len(left) < 2 or any(trial not in self.weights for trial in left):
            return None
        first, second, *_ = sorted(left, key=self.weights.__getitem__)
        return first if self.weights[first] < self.weights[second] else None

    @property
    def optimism(self) -> float | None:
        """By how much the search flattered its best trial: at least 0 on average.

        Its mean on fresh seeds less its value in the search, so that a positive number says that
        it was better in the search, whatever the metric's goal. ``None`` before it is known.
        """
        first = self.wish.candidates[0]
        mean, value = self.race.standing(first).mean, self.observed[first].value
        if mean is None or value is None:
            return None
        return self.metric.goal.loss(mean) - self.metric.goal.loss(value)

    @property
    def epochs(self) -> int:
        """The epochs trained on fresh seeds, for this wish."""
        return sum(self.repeats[key].epochs for key in self._trained())

    @property
    def trainings(self) -> int:
        """How many trainings those were."""
        return len(self._trained())

    def best_repeat(self, trial: int) -> int:
        """The repeat whose model is the best of a trial that has a value; the first of equals."""
        return min(
            (result.loss(self.metric), repeat)
            for (other, repeat), result in self.repeats.items()
            if other == trial
        )[1]

    def _trained(self) -> list[tuple[int, int]]:
        """The trainings that the race has looked at."""
        return [
            (one.trial, repeat)
            for one in self.race.standings
            for repeat in range(1, (one.dropped or self.race.rounds) + 1)
            if (one.trial, repeat) in self.repeats
        ]


@dataclass(frozen=True)
class Winner:
    """A run's best trial, and how that is known.

    ``result`` is what the search recorded of it. ``standing`` is its place in the confirmation,
    ``None`` for the best observed: a trial that has not been trained again. ``repeat`` is the fresh
    seed with which the published model was trained, 0 for the search's own, and ``epoch`` the
    epoch that it is of.
    """

    result: TrialResult
    standing: Standing | None
    repeat: int
    epoch: int

    @classmethod
    def observed(cls, result: TrialResult) -> Winner:
        """The best trial of a search that is not confirmed."""
        return cls(result, None, 0, result.best_epoch or result.epochs)

    @property
    def trial(self) -> int:
        """Its number."""
        return self.result.trial.index

    @property
    def value(self) -> float | None:
        """The confirmed mean, or the value observed in the search."""
        return self.result.value if self.standing is None else self.standing.mean


def confirmed_winner(confirmation: Confirmation | None) -> Winner | None:
    """The winner of a confirmation; ``None`` where there is none, or none yet."""
    standing = confirmation.winner if confirmation else None
    if confirmation is None or standing is None:
        return None
    trial = standing.trial
    repeat = confirmation.best_repeat(trial)
    trained = confirmation.repeats[trial, repeat]
    epoch = trained.best_epoch or trained.epochs
    return Winner(confirmation.observed[trial], standing, repeat, epoch)


def winner_of(
    results: Sequence[TrialResult], metric: Metric, confirmation: Confirmation | None
) -> Winner | None:
    """The confirmed winner where there is one, else the best observed."""
    confirmed = confirmed_winner(confirmation)
    if confirmed is not None:
        return confirmed
    best = best_result(results, metric)
    return None if best is None else Winner.observed(best)


def read_confirmation(
    folder: RunFolder, results: Sequence[TrialResult], metric: Metric
) -> Confirmation | None:
    """What is on record of the run's confirmation; ``None`` where there is none.

    Nor is there one any more when other trials are the best since: the search has gone on.

    Raises:
        RunError: the journal is damaged, or a line in it is not one of ours.
    """
    wish, repeats = parse_records(folder, read_journal(folder.confirm_path))
    return None if wish is None else confirmation_of(wish, repeats, results, metric)


def confirmation_of(
    wish: Wish, repeats: Sequence[Repeat], results: Sequence[TrialResult], metric: Metric
) -> Confirmation | None:
    """How a wish stands; ``None`` where its candidates are not the best trials any more."""
    if not wish.candidates or candidates_of(results, metric, wish.top) != wish.candidates:
        return None
    known = {repeat.key: repeat.result for repeat in repeats}
    by_trial = {result.trial.index: result for result in results}
    observed = {trial: by_trial[trial] for trial in wish.candidates}
    return Confirmation(
        wish=wish,
        metric=metric,
        observed=observed,
        repeats=known,
        weights={r.result.trial.index: r.weights for r in repeats if r.weights is not None},
        race=race(wish.candidates, wish.repeats, known, metric, observed),
    )


def parse_records(folder: RunFolder, records: Sequence[Record]) -> tuple[Wish | None, list[Repeat]]:
    """The last wish and all results in the records of ``confirm.jsonl``.

    Raises:
        RunError: one of them is not ours.
    """
    wish, repeats = None, []
    for line, record in enumerate(records, start=1):
        try:
            if "repeat" in record:
                repeats.append(_repeat_of(record))
            else:
                candidates = tuple(map(int, record["candidates"]))
                wish = Wish(int(record["top"]), int(record["repeats"]), candidates)
        except _NOT_OURS as error:
            raise RunError(
                f"{folder.confirm_path}:{line}: the line is not of a confirmation "
                f"({type(error).__name__}: {error}); was it written by another version?"
            ) from error
    return wish, repeats


def _repeat_of(record: Record) -> Repeat:
    weights = record["weights"]
    return Repeat(
        int(record["repeat"]),
        TrialResult.from_record(record),
        None if weights is None else int(weights),
    )
