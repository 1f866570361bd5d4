"""What early stopping saved and what it may have cost, worked by hand."""

import html
from dataclasses import replace
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.records import Goal, Metric, State, Trial, TrialResult
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.analysis.stopped import (
    StoppedFacts,
    early_stopping,
    most_winners,
    stopped_facts,
    stopped_sentences,
)
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.html.html_page import as_html
from hpsearch.report.text.selection import search_lines
from hpsearch.seeds import audit_order
from hpsearch.space import Space

LOSS = Metric("loss")


def trial(
    index: int, curve: list[float], state: State = State.DONE, metric: Metric = LOSS
) -> TrialResult:
    value = metric.values_so_far(curve)[-1] if state in (State.DONE, State.STOPPED) else None
    return TrialResult(
        Trial(index, index, {}, ()), state, value, 1, len(curve), {"loss": tuple(curve)}
    )


# The finishers gain at most 3 from epoch 1 on and at most 1 from epoch 2 on; the winner has 1.0.
FINISHED = [trial(0, [3.0, 2.0, 1.0]), trial(1, [5.0, 2.5, 2.0]), trial(2, [4.0, 4.0, 4.0])]
STOPPED = [
    trial(3, [4.0], State.STOPPED),  # 4 - 3 = 1: could have reached the winner's
    trial(4, [4.1], State.STOPPED),
    trial(5, [3.0, 2.1], State.STOPPED),  # 2.1 - 1 = 1.1
    trial(6, [2.0, 2.0], State.STOPPED),  # 2.0 - 1 = 1.0
]
OTHERS = [trial(7, [9.0, 9.0], State.DIVERGED)]


def test_the_facts_worked_by_hand() -> None:
    facts = stopped_facts([*FINISHED, *STOPPED, *OTHERS], LOSS)
    assert facts is not None
    assert (facts.trials, facts.stopped, facts.winner.trial.index) == (8, (3, 4, 5, 6), 0)
    assert facts.trained == 9 + 6 + 2
    assert facts.saved == 2 + 2 + 1 + 1
    assert facts.saved_share == 6 / 23
    assert facts.hopeful == (3, 6)
    assert (facts.audited, facts.better, facts.at_most) == ((), (), 4)


def test_a_metric_that_grows_is_seen_the_other_way_round() -> None:
    metric = Metric("loss", Goal.MAXIMIZE)
    turned = [
        trial(r.trial.index, [-v for v in r.curves["loss"] if v is not None], r.state, metric)
        for r in [*FINISHED, *STOPPED]
    ]
    facts = stopped_facts(turned, metric, [trial(4, [-4.1, -0.9, -0.8], metric=metric)])
    assert facts is not None
    assert facts.hopeful == (3, 6)
    assert [r.trial.index for r in facts.better] == [4]


def test_the_last_epochs_value_may_get_worse_and_gives_no_hope() -> None:
    metric = Metric("loss", pick="last")
    results = [
        trial(0, [1.0, 2.0], metric=metric),
        trial(1, [1.5], State.STOPPED, metric),
        trial(2, [1.6], State.STOPPED, metric),
    ]
    facts = stopped_facts(results, metric)
    assert facts is not None
    assert facts.winner.trial.index == 1  # stopped, and its 1.5 is still the best value there is
    assert facts.hopeful == ()


def test_nothing_was_stopped() -> None:
    assert stopped_facts(FINISHED, LOSS) is None
    assert stopped_facts([], LOSS) is None


def test_the_sentences_without_an_audit() -> None:
    facts = stopped_facts([*FINISHED, *STOPPED], LOSS)
    assert facts is not None
    assert stopped_sentences(facts, "digits") == [
        "Early stopping ended 4 of 7 trials before their last epoch, which saved 6 of 21 epochs "
        "(29%).",
        "With the largest improvement that any finished trial made from the same epoch on, 2 of "
        "them (trials 3, 6) would have reached the winner's 1.00; hpsearch audit digits "
        "trains some of them to the end.",
    ]
    facts = stopped_facts([*FINISHED, STOPPED[1]], LOSS)
    assert facts is not None
    assert stopped_sentences(facts)[1] == (
        "Even the largest improvement that any finished trial made from the same epoch on would "
        "have brought none of them to the winner's 1.00."
    )


def test_the_sentences_after_an_audit() -> None:
    audited = [trial(3, [4.0, 2.0, 1.2]), trial(5, [3.0, 2.1, 1.1]), trial(99, [0.0])]
    facts = stopped_facts([*FINISHED, *STOPPED], LOSS, audited)
    assert facts is not None
    # 4 stopped, 2 audited, none better. Of 2 winners a sample misses both with C(2,2)/C(4,2) = 1/6,
    # of 3 it cannot.
    assert facts.at_most == 2
    assert stopped_sentences(facts)[1:] == [
        "2 of them, drawn at random, were trained to the end afterwards: none beat the winner's "
        "1.00; the best, trial 5, reached 1.10.",
        "So with 95 % confidence at most 2 of the 4 (50%) would have.",
    ]


def test_who_was_drawn_from_fewer_is_no_random_sample_of_all() -> None:
    results = [*FINISHED, *STOPPED]
    order = audit_order(0, (3, 4, 5, 6))
    to_the_end = {index: trial(index, [9.0, 9.0, 9.0]) for index in order}

    def facts(*places: int) -> StoppedFacts:
        audited = [to_the_end[order[place]] for place in places]
        found = stopped_facts(results, LOSS, audited, seed=0)
        assert found is not None
        return found

    # None of 2 winners are among 2 of 4 with 1/6, of 3 with 0; among 1 of 4, none of 3 with 1/4.
    assert (facts(0, 1).sampled, facts(0, 1).at_most) == (2, 2)
    assert (facts(0, 2).sampled, facts(0, 2).at_most) == (1, 3)
    assert (facts(1, 2, 3).sampled, facts(1, 2, 3).at_most) == (0, 4)
    assert "2 of them, drawn at random, were" in stopped_sentences(facts(0, 1))[1]
    told = stopped_sentences(facts(0, 2))
    assert told[1].startswith("2 of them were trained to the end afterwards: none")
    assert told[2] == (
        "Only 1 of these counts as drawn at random from all, so with 95 % confidence at most 3 of "
        "the 4 (75%) would have."
    )
    assert stopped_sentences(facts(1, 2, 3))[2].startswith(
        "None of these counts as drawn at random"
    )
    everyone = stopped_facts(results, LOSS, list(to_the_end.values()), seed=0)
    assert everyone is not None
    assert (everyone.sampled, everyone.at_most) == (4, 0)


def test_the_report_and_the_page_tell_it() -> None:
    view = RunView("search", Space(()), LOSS, [*FINISHED, *STOPPED])
    for audited in ((), [trial(4, [4.1, 3.0, 3.0])]):
        summary = summarise(replace(view, audited=audited))
        told = early_stopping(summary.view)
        assert len(told) > 1
        lines = " ".join(line.plain for line in search_lines(summary, 60))
        assert " ".join(told) in lines
        assert " ".join(told) in html.unescape(as_html(summary))
    alone = summarise(replace(view, results=FINISHED))
    assert early_stopping(alone.view) == []
    assert "Early stopping" not in as_html(alone)


def test_all_were_audited_and_some_had_won() -> None:
    audited = [
        trial(3, [4.0, 2.0, 0.9]),
        trial(4, [4.2, 2.0, 0.8]),
        trial(5, [3.0, 2.1], State.DIVERGED),
        trial(6, [2.0, 2.0, 1.0]),
    ]
    facts = stopped_facts([*FINISHED, *STOPPED], LOSS, audited)
    assert facts is not None
    assert [r.trial.index for r in facts.better] == [4, 3]
    assert facts.at_most == 2
    assert facts.unlike == (4,)  # it was recorded with 4.1
    assert stopped_sentences(facts)[1:] == [
        "All of them were trained to the end afterwards: 2 beat the winner's 1.00; the best, "
        "trial 4, reached 0.800.",
        "1 audited trial (trial 4) did not repeat the recorded curve up to where it was stopped: "
        "its value may not be what the recorded one would have had.",
    ]


@pytest.mark.parametrize(
    ("stopped", "audited", "better", "most"),
    [
        (7, 0, 0, 7),
        (7, 7, 3, 3),
        # Of 20, a sample of 10 holds none of 3 with C(17,10)/C(20,10) = 2/19 = 0.105, none of 4
        # with C(16,10)/C(20,10) = 0.043.
        (20, 10, 0, 3),
        # 1 or none of K with 3 of 6: K = 3 has (1 + 9)/20, K = 4 has 4/20, K = 5 has 0.
        (6, 3, 1, 4),
        # none of K with 3 of 6: K = 2 has 4/20, K = 3 has exactly 1/20, which is no more than 0.05
        (6, 3, 0, 2),
    ],
)
def test_the_bound_worked_by_hand(stopped: int, audited: int, better: int, most: int) -> None:
    assert most_winners(stopped, audited, better) == most


@given(st.integers(1, 40), st.data())
def test_the_bound_is_exact(stopped: int, data: st.DataObject) -> None:
    audited = data.draw(st.integers(0, stopped))
    better = data.draw(st.integers(0, audited))
    most = most_winners(stopped, audited, better)

    def as_few(winners: int) -> Fraction:
        cases = sum(
            comb(winners, x) * comb(stopped - winners, audited - x) for x in range(better + 1)
        )
        return Fraction(cases, comb(stopped, audited))

    assert better <= most <= stopped - (audited - better)
    assert as_few(most) > Fraction(1, 20)
    assert most == stopped or as_few(most + 1) <= Fraction(1, 20)
