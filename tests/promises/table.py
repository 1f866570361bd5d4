"""The promises, and the tests that try each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    """What is promised, how it is tried, and the tests that try it, as pytest names them."""

    name: str
    says: str
    how: str
    tests: tuple[str, ...]


PROMISES = (
    Promise(
        "same-table",
        "The same trials for the same seed, for any number of workers and on every engine",
        "A search with 1, 2 and 4 workers, on loky, dask and ray, by ask and tell from one process "
        "and many: the tables of trials are compared byte for byte.",
        (
            "tests/test_contracts.py::test_the_same_table_for_any_number_of_workers",
            "tests/engine/test_engines.py",
            "tests/library/test_asking.py",
            "tests/sampling/test_sampling_contract.py",
        ),
    ),
    Promise(
        "killed-search",
        "kill -9 at any moment, then the same command: nothing lost, no trial twice, equal tables",
        "Coordinators and workers are killed at random moments from the start of the process on; "
        "the store is killed within each write and before each other step, and goes on.",
        (
            "tests/test_contracts.py",
            "tests/store/test_store_atomic.py",
            "tests/store/test_store_journal_killed.py",
            "tests/store/test_store_rundir.py",
            "tests/cli/test_retry_failed.py",
        ),
    ),
    Promise(
        "killed-babysitting",
        "kill -9 while a model is babysat: the ledger goes on, and replays to the same weights",
        "Stories of changes, steps back and branches, killed before and after any call that "
        "changes the disk and after some milliseconds; ledgers and states are compared with the "
        "undisturbed.",
        ("tests/panda/test_panda_killed.py", "tests/cli/test_babysit.py"),
    ),
    Promise(
        "failing-disk",
        "An error of the disk at any step is one line, and the same command goes on",
        "ENOSPC (with half of the bytes written), EIO, EDQUOT, EMFILE, EACCES and EROFS in turn, "
        "one at each step of a search's coordinator, of its workers, and of a babysitting session, "
        "for the network, a class and a command; then really full and read-only disks.",
        (
            "tests/test_io_errors.py",
            "tests/store/test_store_disk.py",
            "tests/cli/test_owners_of_failures.py",
            "tests/cli/test_broken_folders.py",
        ),
    ),
    Promise(
        "damage",
        "What is damaged is refused, or is the last record torn off; nothing is read as another",
        "Journals, checkpoints and models are cut anywhere, their bits flipped, bytes overwritten, "
        "lines lost and doubled.",
        (
            "tests/store/test_store_journal.py",
            "tests/store/test_store_sealed.py",
            "tests/store/test_store_checkpoint.py",
            "tests/store/test_store_arrays.py",
            "tests/config/test_config_recorded.py",
        ),
    ),
    Promise(
        "interrupts",
        "Every command that is told to stop ends with 130 and one word, and leaves no process",
        "SIGINT, SIGTERM and SIGHUP before the handlers stand, in set-up, in training, while code "
        "holds the interpreter, while the test split is scored, and to a terminal that is closed.",
        (
            "tests/cli/test_told_to_stop.py",
            "tests/cli/test_terminal.py",
            "tests/cli/test_owners_of_failures.py",
            "tests/engine/test_messenger.py",
        ),
    ),
    Promise(
        "clean-desk",
        "A trial that spoils its process does not touch the next one",
        "Streams, descriptors, folder, environment, path, signal handlers, timers, limits and "
        "NumPy's error handling are changed by a trial and looked at by the next.",
        ("tests/engine/test_desk.py", "tests/engine/test_worker.py"),
    ),
    Promise(
        "one-writer",
        "Two of everything: one works, the others are told who it is",
        "Ten coordinators on one run, ten that each want their own, a second babysitter, readers "
        "while a writer writes.",
        ("tests/cli/test_losing_coordinators.py", "tests/store/test_store_lock.py"),
    ),
    Promise(
        "hostile-input",
        "Whatever a config, a data file or a name holds: one line, no traceback, no script run",
        "Random text, good configs with characters and values changed, options at random; hostile "
        "names on the terminal, on the page and in exports; data of a wrong kind, or cut.",
        (
            "tests/config/test_config_fuzz.py",
            "tests/config/test_config_cases.py",
            "tests/cli/test_bad_inputs.py",
            "tests/cli/test_hostile_text.py",
            "tests/data/test_data_wrong.py",
        ),
    ),
    Promise(
        "plain-files",
        "A run of any version opens; no pickle is ever loaded from a run's folder",
        "Journals and configs as older versions wrote them; arrays that hold objects are refused.",
        (
            "tests/store/test_store_arrays.py",
            "tests/store/test_store_results.py",
            "tests/config/test_config_recorded.py",
        ),
    ),
)
