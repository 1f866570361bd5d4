"""What Optuna makes of the same tests: two workers, kills, a torn journal. Prints a table.

python -m tests.promises.rival
"""

import itertools
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

TRIALS, SEED, KILLS = 24, 7, 5
CHILD = "--child"


def objective(trial):
    """A loss with the best at 0.3 and 0.01, after a moment that depends on the point."""
    x, alpha = trial.suggest_float("x", 0, 1), trial.suggest_float("alpha", 1e-4, 1, log=True)
    time.sleep(0.005 + 0.02 * x)
    return (x - 0.3) ** 2 + (alpha - 0.01) ** 2


def storage(journal: Path):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(journal)))


def study(journal: Path):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        storage=storage(journal),
        study_name="s",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=SEED),
    )


def table(journal: Path) -> list[tuple[object, ...]]:
    """Every trial: its state, its parameters, its value."""
    trials = study(journal).get_trials(deepcopy=False)
    return [(t.state.name, tuple(sorted(t.params.items())), t.value) for t in trials]


def search(journal: Path) -> None:
    """Two workers until there are as many finished trials as asked for."""
    found = study(journal)
    left = TRIALS - sum(row[0] == "COMPLETE" for row in table(journal))
    found.optimize(objective, n_trials=max(left, 0), n_jobs=2)


def same_tables(folder: Path) -> str:
    tables = []
    for number in range(3):
        search(folder / f"same-{number}.log")
        tables.append(sorted(map(repr, table(folder / f"same-{number}.log"))))
    different = sum(1 for a, b in itertools.combinations(tables, 2) if a != b)
    return f"{different} of 3 pairs of tables differ"


def killed(folder: Path) -> str:
    journal = folder / "killed.log"
    for kill in range(KILLS):
        child = subprocess.Popen([sys.executable, "-m", __spec__.name, CHILD, str(journal)])
        while child.poll() is None and (
            not journal.exists() or journal.read_bytes().count(b"\n") < 12 * (kill + 1)
        ):
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        child.wait()
    search(journal)
    rows = table(journal)
    left = sum(row[0] == "RUNNING" for row in rows)
    points = [row[1] for row in rows if row[1]]
    return (
        f"{left} trials stay RUNNING for ever, {len(points) - len(set(points))} points were "
        f"trained twice, {len(rows)} trials in place of {TRIALS}"
    )


def torn(folder: Path) -> str:
    journal = folder / "torn.log"
    search(journal)
    with journal.open("r+b") as file:
        file.truncate(journal.stat().st_size - 20)
    before = len(journal.read_bytes().splitlines())
    try:
        search(journal)
        rows = table(journal)
    except Exception as error:
        return f"it ends with {type(error).__name__}: {str(error).splitlines()[0][:80]}"
    return f"it goes on, with {len(rows)} trials, from {before} whole or torn lines"


def main() -> int:
    if sys.argv[1:2] == [CHILD]:
        search(Path(sys.argv[2]))
        return 0
    try:
        import optuna
    except ImportError:
        sys.stderr.write("it is not installed\n")
        return 1
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    how = f"TPE with a seed, journal storage, two workers, {TRIALS} trials"
    print(f"Optuna {optuna.__version__}, {how}:\n")
    print("| test | result |\n| --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"| three runs with one seed | {same_tables(folder)} |")
        print(f"| {KILLS} times kill -9, then the same again | {killed(folder)} |")
        print(f"| the last line of the journal torn | {torn(folder)} |")
    return 0


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "ignore"
    sys.exit(main())
