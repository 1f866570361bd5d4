"""How a search begins, in words, where somebody said so."""

from __future__ import annotations

from hpsearch.config import Config
from hpsearch.search.proposals import given_trials
from hpsearch.text import plural


def begins_words(config: Config) -> list[str]:
    """What is known from the start, and the trials before the strategy's own."""
    taken = config.search.trials
    known = len(taken.values) if taken else 0
    first = given_trials(config)
    starts = sum(trial.origin == "start" for trial in first)
    earlier = sum(trial.origin == "earlier" for trial in first)
    leaning = sum(trial.leans for trial in first)
    likely = len(first) - starts - earlier - leaning
    parts = [f"{plural(starts, 'point')} given"] if starts else []
    parts += [f"{plural(earlier, 'point')} of an earlier run"] if earlier else []
    parts += [f"{likely} with the likely values"] if likely else []
    parts += [f"{leaning} leaning to them"] if leaning else []
    words = [f"{plural(known, 'result')} known from the start"] if known else []
    return words + ([f"first {', '.join(parts)}"] if parts else [])
