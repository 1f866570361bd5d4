"""Whose luck won: how good a search's winner is on fresh seeds, before and after it is confirmed.

    python tests/bench/winner.py
    python tests/bench/winner.py --config configs/letters.yaml --set data.path=letters.csv

For each seed it searches, confirms the best few, and then trains all of these candidates on 20 more
seeds that neither has used. Their mean is taken for the truth. It says how often the best observed
was the confirmed winner, how far each one's value lies from its truth (the optimism: positive where
it looked better than it is), how far its truth lies from the best candidate's, and what it cost.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is imported)
from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

from hpsearch.config import Config, load_config
from hpsearch.engine.pools import open_pool
from hpsearch.records import TrialResult
from hpsearch.search.caviar import search
from hpsearch.search.confirmations import Confirmation, winner_of
from hpsearch.search.open_run import open_run
from hpsearch.search.retest import folder_for_training, train_trials
from hpsearch.seeds import confirm_seed
from hpsearch.significance import mean_of, standard_error
from hpsearch.store.rundir import RunFolder

CONFIG = Path(__file__).parents[2] / "configs" / "digits.yaml"
FIRST_TRUE_SEED = 10_001  # far from those of any confirmation


@dataclass(frozen=True)
class Measured:
    """One search, in losses: what was observed, what was confirmed, and the truth."""

    observed: int
    winner: int
    value: float
    mean: float
    truth: dict[int, float]
    tied: int
    search_epochs: int
    extra_epochs: int
    trainings: int


def true_losses(
    folder: RunFolder, config: Config, candidates: Sequence[TrialResult], seeds: int, workers: int
) -> dict[int, float]:
    """The mean loss of each candidate over ``seeds`` seeds that nobody has used."""
    found: dict[int, list[float]] = {one.trial.index: [] for one in candidates}
    metric = config.metric_record()

    def record(results: Sequence[TrialResult]) -> None:
        for result in results:
            found[result.trial.index].append(result.loss(metric))

    with contextlib.closing(open_pool("loky", workers, config.run.threads)) as pool:
        for number in range(FIRST_TRUE_SEED, FIRST_TRUE_SEED + seeds):
            seed = confirm_seed(config.seed, number)
            trials = [replace(one.trial, seed=seed, cutoffs={}) for one in candidates]
            beside = folder_for_training(folder, folder.path / "truth", f"seed-{number}")
            train_trials(beside, config, trials, pool, width=workers, record=record)
    return {trial: mean_of(losses) for trial, losses in found.items()}


def measure(arguments: argparse.Namespace, seed: int, root: Path) -> Measured:
    """Search, confirm, and find out the truth."""
    overrides = [*arguments.set, f"seed={seed}", f"name=s{seed}"]
    overrides.append(f"search.confirm={{top: {arguments.top}, repeats: {arguments.repeats}}}")
    loaded = load_config(arguments.config, overrides)
    with open_run(loaded, root, "bench") as launch:
        config, folder = launch.config, launch.folder
        outcome = search(folder, config, workers=arguments.workers)
        known = outcome.confirmation
        assert isinstance(known, Confirmation)
        assert known.winner is not None
        candidates = [known.observed[trial] for trial in known.wish.candidates]
        truth = true_losses(folder, config, candidates, arguments.truth, arguments.workers)
    metric = config.metric_record()
    observed = winner_of(outcome.results, metric, None)
    assert observed is not None
    assert observed.value is not None
    assert known.winner.mean is not None
    return Measured(
        observed=observed.trial,
        winner=known.winner.trial,
        value=metric.goal.loss(observed.value),
        mean=metric.goal.loss(known.winner.mean),
        truth=truth,
        tied=len(known.race.tied),
        search_epochs=sum(result.epochs for result in outcome.results),
        extra_epochs=known.epochs,
        trainings=known.trainings,
    )


def described(values: Sequence[float]) -> str:
    """Mean and standard error."""
    error = standard_error(values)
    return f"{mean_of(values):+.5f}" + ("" if error is None else f" ± {error:.5f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=str(CONFIG))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--truth", type=int, default=20, help="seeds that make up the truth")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as root:
        for seed in range(1, arguments.seeds + 1):
            one = measure(arguments, seed, Path(root))
            found.append(one)
            print(
                f"seed {seed}: observed #{one.observed} {one.value:.5f}, "
                f"true {one.truth[one.observed]:.5f}; "
                f"confirmed #{one.winner} {one.mean:.5f}, true {one.truth[one.winner]:.5f}; "
                f"{one.tied} tied; {one.trainings} trainings",
                flush=True,
            )
    best = [min(one.truth.values()) for one in found]
    same = sum(one.observed == one.winner for one in found)
    print(f"the best observed is the confirmed winner in {same} of {len(found)}")
    print("optimism of the observed", described([o.truth[o.observed] - o.value for o in found]))
    print("optimism of the confirmed", described([o.truth[o.winner] - o.mean for o in found]))
    losses = zip(found, best, strict=True)
    print("observed, above the best", described([o.truth[o.observed] - b for o, b in losses]))
    losses = zip(found, best, strict=True)
    print("confirmed, above the best", described([o.truth[o.winner] - b for o, b in losses]))
    extra = sum(o.extra_epochs for o in found) / sum(o.search_epochs for o in found)
    print(f"extra epochs: {extra:.0%} of the search's")


if __name__ == "__main__":
    main()
