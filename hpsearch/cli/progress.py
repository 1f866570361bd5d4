"""How ``hpsearch run`` tells of its progress: live, in plain lines, as JSON, or not at all.

Progress goes to stderr and the final summary to stdout; with ``--json`` stdout has one object a
line and nothing else. Live or plain is decided here and not by rich: FORCE_COLOR makes rich write
cursor movements into pipes.
"""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from hpsearch.cli.options import runs_words
from hpsearch.cli.output import at_once, note, remark, say, say_json, warn
from hpsearch.cli.signals import STOPPED, TRIALS_FINISH
from hpsearch.engine.scheduler import StopFlag
from hpsearch.library.progress import (
    ProgressLines,
    confirm_lines,
    describe,
    ended_words,
    trials_of,
)
from hpsearch.portable import join_command, without_numbers
from hpsearch.records import Metric, State, TrialResult
from hpsearch.report.analysis.confirmed import (
    confirmation_record,
    confirmation_sentences,
    observed_how,
    with_error,
)
from hpsearch.report.analysis.weighed import (
    beside_words,
    front_sentences,
    is_infeasible,
    nothing_feasible,
    weighed_facts,
)
from hpsearch.search.caviar import Event, Outcome, TimePassed, TrialFinished, TrialStarted
from hpsearch.search.confirm import ConfirmEvent, RepeatFinished
from hpsearch.search.confirmations import Winner
from hpsearch.search.open_run import Launch
from hpsearch.search.publish import front_paths
from hpsearch.text import clean, number, plural

if TYPE_CHECKING:
    from hpsearch.predict.final_score import FinalScore
    from hpsearch.report.live.live import LiveScreen

SCHEMA_VERSION = 1


def make_reporter(
    launch: Launch, workers: int, progress: str, as_json: bool, again: str
) -> Reporter:
    """The reporter for ``--progress`` and ``--json``; ``again`` is the command that resumes."""
    if progress == "auto":
        progress = "live" if live_is_possible(sys.stderr) and not as_json else "plain"
    kinds = {"live": LiveReporter, "plain": PlainReporter, "none": Reporter}
    return kinds[progress](launch, workers, as_json, again)


def live_is_possible(stream: TextIO) -> bool:
    """Whether a live screen makes sense where a stream goes."""
    terminal = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return terminal and not os.environ.get("CI")


class Reporter:
    """Says nothing while the search runs; the base of those that do."""

    def __init__(self, launch: Launch, workers: int, as_json: bool, again: str) -> None:
        self.launch, self.workers, self.as_json, self.again = launch, workers, as_json, again
        self.metric = launch.config.metric_record()
        self.total = launch.total
        self.started = time.monotonic()

    def __enter__(self) -> Self:
        if self.as_json:
            self._print_json("start", **self._start_facts())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is held."""

    def observe(self, event: Event) -> None:
        """Take notice of something that happened."""
        if self.as_json and isinstance(event, TrialStarted):
            trial = event.trial
            self._print_json("trial_started", trial=trial.index, hparams=dict(trial.hparams))
        if self.as_json and isinstance(event, RepeatFinished):
            self._print_json("confirm", **event.repeat.to_record())
        if self.as_json and isinstance(event, TrialFinished):
            facts = {"finished": event.finished, "total": event.total, "best": event.best}
            if self.metric.limits:
                facts["feasible"] = event.result.is_feasible(self.metric)
            self._print_json("trial", **facts, **event.result.to_record())

    def warn(self, text: str) -> None:
        """Tell what is allowed and probably not meant."""
        warn(text)

    def interrupted(self, level: int) -> None:
        """Say what Ctrl-C does. Called from a signal handler: it may only write."""
        at_once(TRIALS_FINISH if level < StopFlag.NOW else STOPPED)

    def finish(self, outcome: Outcome) -> None:
        """Print the summary: the best trial, the counts, what was written and what to do next."""
        if self.as_json:
            best = outcome.best
            self._print_json(
                "end",
                interrupted=outcome.interrupted,
                ended=outcome.ended,
                finished=len(outcome.results),
                total=outcome.total,
                best=best.to_record() if best else None,
                confirmed=confirmation_record(known) if (known := outcome.confirmation) else None,
                test=outcome.final.to_record() if outcome.final else None,
                files=self._files(outcome),
            )
        else:
            for line in self._summary(outcome):
                say(line)
            if self.launch.hint and outcome.best is not None:
                note(self.launch.hint)
        if outcome.ended is not None:
            remark(ended_words(outcome))
        if outcome.interrupted:
            what = "interrupted with everything saved; " if outcome.ended is None else ""
            remark(f"{what}go on with: {self.again}")

    def elapsed(self) -> str:
        """Time since the search started, as h:mm:ss."""
        seconds = int(time.monotonic() - self.started)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def _start_facts(self) -> dict[str, Any]:
        config = self.launch.config
        return {
            "schema": SCHEMA_VERSION,
            "run": str(self.launch.folder.path),
            "seed": config.seed,
            "workers": self.workers,
            "finished": self.launch.finished,
            "total": self.total,
            "metric": self.metric.name,
            "goal": str(self.metric.goal),
            **weighed_facts(self.metric),
        }

    def _print_json(self, event: str, **facts: Any) -> None:
        elapsed = round(time.monotonic() - self.started, 3)
        say_json({"event": event, "elapsed": elapsed, **facts})

    def _summary(self, outcome: Outcome) -> list[str]:
        counts = count_states(outcome.results)
        infeasible = sum(is_infeasible(result, self.metric) for result in outcome.results)
        if infeasible:
            counts += f"; {infeasible} infeasible"
        name = self.launch.folder.name
        done = trials_of(len(outcome.results), outcome.total)
        lines = [f"{name}: {done} in {self.elapsed()}: {counts}"]
        if outcome.winner is not None:
            lines += [
                best_line(outcome.winner, self.metric),
                "  " + describe(outcome.winner.result),
            ]
            words = beside_words(outcome.winner.result, self.metric)
            lines += [f"  there {word}" for word in words]
            lines += front_sentences(outcome.results, self.metric)
            if outcome.confirmation is not None:
                lines += confirmation_sentences(outcome.confirmation, name)
        elif far := nothing_feasible(outcome.results, self.metric):
            lines.append(far)
        else:
            errors = [r.error for r in outcome.results if r.error]
            first = f"; the first error: {clean(errors[0])}" if errors else ""
            lines.append(f"no trial has a value{first}")
        if outcome.final is not None:
            lines.append(final_line(outcome.final))
        failed = sum(result.state is State.FAILED for result in outcome.results)
        if failed and not outcome.interrupted:
            lines.append(f"to train the failed again: {self.again} --retry-failed")
        lines += [f"wrote {path}" for path in self._files(outcome)]
        lines += [f"note: {note}" for note in notes_of(outcome.results)]
        where = runs_words(self.launch.folder.path.parent)
        lines.append("next: " + join_command(["hpsearch", "report", name, *where]))
        return lines

    def _files(self, outcome: Outcome) -> list[str]:
        folder = self.launch.folder
        paths = [folder.trials_path, folder.best_path, folder.model_path]
        if self.metric.further:
            paths += [*front_paths(folder, self.metric).values(), folder.knee_path]
        if outcome.confirmation is not None:
            paths.append(folder.confirm_path)
        if outcome.final is not None:
            paths.append(folder.test_path)
        return [str(path) for path in paths if path.exists()]


class PlainReporter(Reporter):
    """Lines for pipes and logs: round starts, new bests, failures, every tenth of the way."""

    def __init__(self, launch: Launch, workers: int, as_json: bool, again: str) -> None:
        super().__init__(launch, workers, as_json, again)
        self._lines = ProgressLines(launch.config, self._line)

    def __enter__(self) -> Self:
        super().__enter__()
        self._lines.begin(self.launch.folder.name, self.launch.finished, self.total, self.workers)
        return self

    def observe(self, event: Event) -> None:
        super().observe(event)
        self._lines.observe(event)

    def _line(self, text: str) -> None:
        remark(f"{self.elapsed()}  {text}")


class LiveReporter(Reporter):
    """The live screen, drawn from the run folder."""

    def __init__(self, launch: Launch, workers: int, as_json: bool, again: str) -> None:
        super().__init__(launch, workers, as_json, again)
        from hpsearch.report.live.live import LiveScreen

        self._screen: LiveScreen = LiveScreen(launch.folder, workers)

    def __enter__(self) -> Self:
        super().__enter__()
        self._screen.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._screen.stop()

    def observe(self, event: Event) -> None:
        super().observe(event)
        if isinstance(event, ConfirmEvent):
            for line in confirm_lines(event, self.metric):
                self._screen.say(line)
        self._screen.refresh(urgent=not isinstance(event, TimePassed))

    def warn(self, text: str) -> None:
        self._screen.say(f"warning: {text}")

    def interrupted(self, level: int) -> None:
        self._screen.say(TRIALS_FINISH if level < StopFlag.NOW else STOPPED)


def notes_of(results: tuple[TrialResult, ...]) -> list[str]:
    """What a person should know of the trials; notes that differ in their numbers are told once."""
    notes: dict[str, list[tuple[int, str]]] = {}
    for result in results:
        for text in result.notes:
            words = without_numbers(text)
            notes.setdefault(words, []).append((result.trial.index, text))
    return [
        f"{'trial' if len(same) == 1 else f'{len(same):,} trials, the first of them'} "
        f"{same[0][0]}: {same[0][1]}"
        for same in notes.values()
    ]


def best_line(winner: Winner, metric: Metric) -> str:
    """The best trial's value, and how it is known."""
    if winner.standing is not None:
        seeds = plural(len(winner.standing.values), "fresh seed")
        value = f"{with_error(winner.standing)}, mean of {seeds}"
        return f"best {metric.name} {value}, trial {winner.trial}, confirmed"
    return (
        f"best {metric.name} {number(winner.value)}, trial {winner.trial}, epoch {winner.epoch}, "
        f"{observed_how(winner.result.repeats)}"
    )


def final_line(final: FinalScore) -> str:
    """How good the best network is on the test split."""
    scores = final.scores
    shown = ", ".join(f"{name} {number(value)}" for name, value in scores.shown().items())
    scored = "once" if final.uses == 1 else "again"
    line = f"test split, {scores.rows:,} rows, scored {scored}: {shown}"
    if final.uses == 1:
        return line
    headline = scores.headline
    what = "errors" if headline == "error" else headline
    earlier = ", ".join(
        f"trial {one.trial} {number(getattr(one.scores, headline))}" for one in final.before
    )
    return (
        f"{line}\nit was used {plural(final.uses - 1, 'time')} before by this run "
        f"({what}: {earlier}); the more often, the more it flatters"
    )


def count_states(results: tuple[TrialResult, ...]) -> str:
    """How many trials ended in each state, as in ``58 done, 2 failed``."""
    counts = {state: sum(r.state is state for r in results) for state in State}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "none"
