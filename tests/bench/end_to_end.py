"""A whole search end to end: the CPU time until the same value is reached, everything included.

    python tests/bench/end_to_end.py path/to/letter-recognition.csv [--seeds 5] [--trials 40]

configs/letters.yaml with 10 epochs a trial. The rival is what one would write with other tools:
Optuna's TPE (multivariate, with its median pruner) for 40 trials, and the same network in PyTorch,
eager, with fused optimisers where there are, all rows in one tensor. (Compiling it would take
longer than a trial for each new shape.) The value to reach is the rival's best; its time is the
process's until the trial that gave it ended. Ours is ``hpsearch run`` with one worker and as many
trials as it needs for that value: the time of all its processes from start to end. Each has one
thread, and the start of Python and the imports count for both. numba's machine code is on the disk
already, as it is from the second search on.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

CONFIG = Path(__file__).parents[2] / "configs" / "letters.yaml"
EPOCHS = 10


def overrides(data: Path, seed: int, trials: int) -> list[str]:
    return [f"seed={seed}", f"data.path={data}", f"epochs={EPOCHS}", f"search.max_trials={trials}"]


# --- the rival --------------------------------------------------------------------------------


def rival(data: Path, seed: int, trials: int) -> None:
    """Print the CPU seconds of this process, and the best dev error, when a better one came."""
    import torch  # noqa: PLC0415 - only this process needs them
    from search import quiet_optuna, suggested  # noqa: PLC0415

    from hpsearch.config import load_config  # noqa: PLC0415

    torch.set_num_threads(1)
    optuna = quiet_optuna()
    config = load_config(CONFIG, overrides(data, seed, trials)).config
    space, train = config.space(), torch_trainer(torch, config)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
        pruner=optuna.pruners.MedianPruner(n_warmup_steps=3),
    )
    best = math.inf
    for index in range(trials):
        trial = study.ask()
        curve: list[float] = []
        state = None
        for error in train(index, dict(space.decode(suggested(space, trial)))):
            curve.append(min([error, *curve[-1:]]))
            trial.report(curve[-1], len(curve))
            if len(curve) < EPOCHS and trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
        study.tell(trial, None if state else curve[-1], state=state)
        if curve[-1] < best:
            best = curve[-1]
            print(json.dumps([time.process_time(), best, index + 1]), flush=True)


def torch_trainer(torch: Any, config: Any) -> Any:
    """A function from a trial's number and hyperparameters to its dev error after each epoch."""
    from hpsearch.data.loading import load  # noqa: PLC0415
    from hpsearch.network.hyperparameters import settings  # noqa: PLC0415

    loaded = load(config.data, config.seed)
    X, X_dev = (torch.from_numpy(part.X) for part in (loaded.train, loaded.dev))
    y, y_dev = (torch.from_numpy(part.y) for part in (loaded.train, loaded.dev))
    features, classes = X.shape[1], len(loaded.classes)

    def train(index: int, hparams: dict[str, Any]) -> Iterator[float]:
        torch.manual_seed(1000 * config.seed + index)
        s = settings(hparams)
        modules, inputs = [], features
        for _ in range(s.layers):
            linear = torch.nn.Linear(inputs, s.hidden_units, bias=False)
            torch.nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
            modules += [linear, torch.nn.BatchNorm1d(s.hidden_units), torch.nn.ReLU()]
            inputs = s.hidden_units
        model = torch.nn.Sequential(*modules, torch.nn.Linear(inputs, classes))
        optimizer, share = torch_optimizer(torch, model, s)
        for epoch in range(1, config.epochs + 1):
            for group in optimizer.param_groups:
                group["lr"] = share * s.alpha_at(epoch)
            model.train()
            for rows in torch.randperm(len(y)).split(s.batch_size):
                loss = torch.nn.functional.cross_entropy(model(X[rows]), y[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                yield int((model(X_dev).argmax(dim=1) != y_dev).sum()) / len(y_dev)

    return train


def torch_optimizer(torch: Any, model: Any, s: Any) -> tuple[Any, float]:
    """The course's optimiser as PyTorch has it, and what alpha is multiplied by."""
    parameters, optim = model.parameters(), torch.optim
    if s.optimizer == "momentum":
        return optim.SGD(parameters, lr=1.0, momentum=s.beta, fused=True), 1 - s.beta
    if s.optimizer == "rmsprop":
        return optim.RMSprop(parameters, lr=1.0, alpha=s.beta2, eps=s.epsilon), 1.0
    betas = (s.beta1, s.beta2)
    return optim.Adam(parameters, lr=1.0, betas=betas, eps=s.epsilon, fused=True), 1.0


# --- ours, and both beside each other ---------------------------------------------------------


def ours(data: Path, seed: int, trials: int) -> tuple[float, list[float]]:
    """CPU seconds of a search with so many trials, and the best value after each trial."""
    with tempfile.TemporaryDirectory() as runs:
        sets = [word for value in overrides(data, seed, trials) for word in ("--set", value)]
        command = [sys.executable, "-m", "hpsearch", "run", str(CONFIG), "-q", "--workers", "1"]
        start = children_seconds()
        subprocess.run([*command, *sets, "--runs", runs], check=True)
        taken = children_seconds() - start
        lines = (Path(runs) / "letters" / "trials.jsonl").read_text().splitlines()
    records = sorted((json.loads(line) for line in lines), key=lambda record: record["trial"])
    best, course = math.inf, []
    for record in records:
        best = min(best, math.inf if record["value"] is None else record["value"])
        course.append(best)
    return taken, course


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare(data: Path, seeds: list[int], most: int) -> None:
    ratios = []
    print("seed   dev error    rival: CPU s (trials)   hpsearch: CPU s (trials)   ratio")
    for seed in seeds:
        command = [sys.executable, __file__, str(data), "--trials", str(most), "--rival", str(seed)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        theirs, value, their_trials = json.loads(printed.splitlines()[-1])
        trials = most
        _, course = ours(data, seed, trials)
        while course[-1] > value and trials < 4 * most:
            trials *= 2
            _, course = ours(data, seed, trials)
        needed = next((n for n, best in enumerate(course, start=1) if best <= value), len(course))
        mine, _ = ours(data, seed, needed)  # the same trials, and no more of them
        ratios.append(mine / theirs)
        missed = "" if course[-1] <= value else " not reached"
        print(
            f"{seed:4}   {value:9.5f}   {theirs:14.1f} ({their_trials:3})   "
            f"{mine:18.1f} ({needed:3})   {ratios[-1]:8.2f}{missed}",
            flush=True,
        )
    print(
        f"ratio {statistics.median(ratios):.2f} in the median, {min(ratios):.2f} to "
        f"{max(ratios):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=40, help="the rival's, of each seed")
    parser.add_argument("--rival", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.rival is not None:
        rival(args.data, args.rival, args.trials)
    else:
        compare(args.data.resolve(), list(range(args.seeds)), args.trials)


if __name__ == "__main__":
    main()
