"""Why a trial got its point: which results counted, where it was sought, what was expected."""

from __future__ import annotations

from rich.text import Text

from hpsearch.records import Metric, State, TrialResult
from hpsearch.report.analysis.rows import Summary
from hpsearch.report.sections.model import Column, Look, Table, texts
from hpsearch.report.sections.trials import beside_columns, hyperparameter_columns
from hpsearch.report.text.glyphs import LABEL
from hpsearch.report.text.lines import join, labelled, truncate
from hpsearch.report.text.writer import block_lines
from hpsearch.sampling.coarse_to_fine import CANDIDATES, COARSEST, EXPLORE, UNMODELLED
from hpsearch.sampling.strategy import Explanation
from hpsearch.search.proposals import Reasons
from hpsearch.text import clean, number, numbers, percent, plural

ELITES_SHOWN = 6

_IN_BOXES = "a random point in the boxes around the elites"
_ORIGINS = {
    "spread": "a quasi-random point, drawn in towards the centre: round 1 covers the whole space",
    "explore": "a quasi-random point of the whole space: "
    f"1 trial in {round(1 / EXPLORE)} goes on exploring it",
    "zoom": f"{_IN_BOXES}: 1 trial in {round(1 / UNMODELLED)} is not chosen by the model",
    "fit": f"%s, of {CANDIDATES} random points in the boxes around the elites and others close to "
    "the best of them",
    "start": "a point that was given to begin with; what it leaves open is drawn",
    "earlier": "one of the best points of the earlier run that the search starts from",
    "likely": "likely values, or values drawn towards them: the search begins with such trials",
    "random": "a random point of the whole space",
    "sobol": "the next point of a Sobol sequence",
    "grid": "the next point of the grid",
}
_GIVEN = ("start", "earlier")
_BLIND = ("random", "sobol", "grid")


def why_lines(summary: Summary, result: TrialResult, why: Reasons, width: int) -> list[Text]:
    """The reasons of one trial, no wider than ``width``."""
    lines = [join(("why this point", "bold"))]
    lines += labelled("chosen    ", _origin(summary.metric, result, why), width)
    lines += labelled("counted   ", _counted(result, why.known, why.given), width)
    explanation = why.explanation
    if explanation.elites:
        assert explanation.zoom is not None
        widths = (
            f"half-widths from {number(COARSEST)} down to {number(explanation.zoom, 2)} of a "
            "range; wider where the elites lie apart, narrower where they lie together"
        )
        lines += labelled("boxes     ", widths, width)
    if why.expected is not None:
        lines += _expected(summary, result, why, width)
    if not why.reproduced:
        warning = (
            "the recorded point did not come out again: another version of hpsearch, NumPy or "
            "Optuna chose it, so these reasons are not quite those of the time"
        )
        lines += labelled("but       ", warning, width, "yellow")
    if explanation.elites:
        lines += [Text(), *_elites(summary, explanation, width)]
    return lines


def _origin(metric: Metric, result: TrialResult, why: Reasons) -> str:
    if why.strategy == "boxes" and result.trial.origin == "zoom":
        return _IN_BOXES
    if result.trial.origin == "fit":
        return _ORIGINS["fit"] % _promise(metric)
    return _ORIGINS.get(result.trial.origin, f"{why.strategy} suggested it")


def _promise(metric: Metric) -> str:
    """What the fit chooses by."""
    by = "the largest expected improvement, under a Gaussian process"
    if metric.further:
        by = "the largest expected growth of the front's hypervolume, under Gaussian processes"
    return f"{by}, times the probability that the limits are kept" if metric.limits else by


def _counted(result: TrialResult, known: int, given: int) -> str:
    """Which results the strategy knew."""
    if given and result.trial.origin not in (*_BLIND, *_GIVEN):
        elsewhere = f"{plural(given, 'result')} from elsewhere"
        return f"{elsewhere}, and {_counted(result, known, 0)}" if known else elsewhere
    if result.trial.origin in _BLIND:
        return "no result: this strategy chooses without"
    if result.trial.origin in _GIVEN:
        return "no result: it was given"
    if not known:
        return "no result: none was known that early"
    last = result.trial.index - 1
    results = f"the results of trials #0 to #{known - 1}" if known > 1 else "the result of trial #0"
    if known > last:
        return results
    waiting = f"#{known} to #{last} were" if known < last else f"#{last} was"
    return f"{results}; {waiting} still under way, whoever was faster"


def _expected(summary: Summary, result: TrialResult, why: Reasons, width: int) -> list[Text]:
    """The prediction beside what the trial came to."""
    assert why.expected is not None
    assert why.uncertainty is not None
    name = summary.metric.name
    lines = labelled(
        "expected  ", f"{name} {number(why.expected)} ± {number(why.uncertainty, 2)}", width
    )
    if why.explanation.feasible is not None:
        chance = percent(why.explanation.feasible)
        lines += labelled("limits    ", f"kept with a probability of {chance}", width)
    if result.value is None:
        return [*lines, *labelled("got       ", f"no value: it {_ended(result.state)}", width)]
    goal = summary.metric.goal
    surprise = goal.loss(result.value) - goal.loss(why.expected)
    text = f"{name} {number(result.value)}"
    if result.state is State.STOPPED:
        text += " when it was stopped"
    if why.uncertainty > 0:
        away = number(abs(surprise) / why.uncertainty, 2)
        text += f", {away} standard deviations {'better' if surprise < 0 else 'worse'}"
    return [*lines, *labelled("got       ", text, width)]


def _ended(state: State) -> str:
    return "diverged" if state is State.DIVERGED else "failed"


def _elites(summary: Summary, explanation: Explanation, width: int) -> list[Text]:
    """The trials around which it was looked, best first."""
    rows = {row.trial: row for row in summary.trials}
    elites = [rows[trial] for trial in explanation.elites[:ELITES_SHOWN]]
    values = numbers([row.value for row in elites])
    columns = (
        Column("elite", texts(f"#{row.trial}" for row in elites)),
        Column(clean(summary.metric.name), texts(values, Look.BEST), numbers=True),
        *beside_columns(summary, elites),
        *hyperparameter_columns(summary, elites),
    )
    lines = block_lines(Table("Elites", columns), width)
    left = len(explanation.elites) - len(elites)
    if left:
        lines.append(truncate(join((f"and {plural(left, 'more elite')}", LABEL)), width))
    return lines
