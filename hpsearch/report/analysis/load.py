"""A run folder as a :class:`RunView`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from hpsearch.config import Config, load_config
from hpsearch.panda.run_facts import facts_among, result_shown, space_shown
from hpsearch.predict.final_score import read_final_score
from hpsearch.records import TrialResult
from hpsearch.report.analysis.consistency import check_dimensions
from hpsearch.report.analysis.rows import RunView
from hpsearch.search.begins import begins_words
from hpsearch.search.confirmations import Winner, read_confirmation, winner_of
from hpsearch.search.deadline import clock_words
from hpsearch.search.ending import end_of, expected_trials
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import RunFolder
from hpsearch.training.environment import dev_rows, recorded_environment
from hpsearch.training.prepare import folds_of

LOG_LINES = 20
MOST_LOG_BYTES = 65_536


def load_run(folder: RunFolder, facts: Mapping[str, str] | None = None) -> RunView:
    """All that a report needs of a run; ``facts`` are versions and machine, where known.

    Raises:
        RunError: the journal is damaged, or a file cannot be read.
        ConfigError: ``resolved.yaml`` cannot be read, or was changed into something wrong.
    """
    config = load_config(folder.resolved_path).config
    results = folder.results()
    check_dimensions(folder, config, ((r.trial.index, len(r.trial.unit)) for r in results))
    view = view_of(folder, config, results, _config_text(folder), facts)
    known = read_confirmation(folder, results, view.metric)
    test = _test_scores(folder, winner_of(results, view.metric, known))
    return replace(view, test=test, audited=folder.audited(), confirmation=known)


def _config_text(folder: RunFolder) -> str | None:
    """The config as it was given, if it is still there: a report can do without."""
    with disk_errors(folder.config_path, "read the config"):
        try:
            return folder.config_path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None


def _test_scores(folder: RunFolder, best: Winner | None) -> dict[str, float] | None:
    """The scores on the test split, if they are the best network's and not an earlier best's."""
    final = read_final_score(folder)
    if final is None or best is None or (final.trial, final.repeat) != (best.trial, best.repeat):
        return None
    return {**asdict(final.scores), "uses": final.uses}


def log_tail(folder: RunFolder, index: int, lines: int = LOG_LINES) -> list[str]:
    """The last lines of what a trial printed; none if it printed nothing.

    Raises:
        RunError: the log is there and cannot be read.
    """
    path = folder.log_path(index)
    with disk_errors(path, "read the log"):
        try:
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(size - MOST_LOG_BYTES, 0))
                text = file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return []
    return [line for line in text.splitlines() if line.strip()][-lines:]


def view_of(
    folder: RunFolder,
    config: Config,
    results: Sequence[TrialResult],
    text: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> RunView:
    """The view of a run whose config and results are at hand."""
    by_index = {result.trial.index: result for result in results}
    end = end_of(config, by_index)
    return RunView(
        name=folder.name,
        space=space_shown(config.space()),
        metric=config.metric_record(),
        results=[result_shown(result) for result in results]
        if facts_among(config.parameters)
        else results,
        max_trials=expected_trials(config, by_index),
        epochs=config.epochs,
        seed=config.seed,
        workers=config.run.workers,
        folder=str(folder.path),
        command=f"hpsearch run {folder.resolved_path} --fresh",
        config=text,
        facts=facts,
        folds=folds_of(config),
        dev_rows=dev_rows(recorded_environment(folder) if facts is None else facts),
        ended=None if end is None else end.why,
        clock=clock_words(config.search),
        begins=tuple(begins_words(config)),
    )
