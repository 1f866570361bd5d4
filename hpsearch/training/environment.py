"""What a run's results depend on beside its config: versions, machine, digests of data and code."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hpsearch import __version__, estimators
from hpsearch.config import Config, OptunaConfig, recorded_facts, recorded_text
from hpsearch.data.digests import fingerprint
from hpsearch.data.prepared import SharedFolder
from hpsearch.data.wording import first_few
from hpsearch.errors import RunError, UsageError
from hpsearch.sampling.optuna_samplers import packages
from hpsearch.sampling.strategy import REVISION
from hpsearch.store.atomic import write_text
from hpsearch.store.rundir import RunFolder
from hpsearch.training.code import changed_files, code_digests
from hpsearch.training.prepare import prepare_spec

CODE = "code "
"""What the names of facts about the user's code begin with; the file's name follows."""
PROPOSALS = "proposals"
"""The name of the fact which revision of the rules proposes and stops trials."""
DEV_ROWS = "dev_rows"
"""The name of the fact how many rows the dev split has."""


def resolved_text(config: Config, facts: Mapping[str, str] | None = None) -> str:
    """``resolved.yaml``: every value of the config, then what else the results depend on.

    ``facts`` are the :func:`environment` of the run's start; ``None`` if it starts now.
    """
    return recorded_text(config, environment(config) if facts is None else facts)


def environment(config: Config) -> dict[str, str]:
    """Versions, machine, digests of data and code: with the config, all that a table depends on.

    Raises:
        DataError: the data file cannot be read.
    """
    facts = {"hpsearch": __version__, PROPOSALS: REVISION, "python": platform.python_version()}
    strategy = config.search.strategy
    used = ["numpy", *(["numba", "scipy"] if config.run.kernels == "numba" else [])]
    used += packages(strategy.sampler) if isinstance(strategy, OptunaConfig) else []
    used += ["scipy"] if strategy == "sobol" else []
    if config.trainable.kind == "sklearn":
        used += estimators.packages(config.trainable.steps)
    for package in used:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            continue
    facts["machine"] = f"{platform.system()} {platform.machine()} {_processor()}".rstrip()
    if "OPENBLAS_CORETYPE" in os.environ:
        facts["openblas"] = os.environ["OPENBLAS_CORETYPE"]
    spec = config.data
    if spec is not None:
        facts["data_sha256"] = fingerprint(spec)
    digests = code_digests(prepare_spec(config))
    return facts | {f"{CODE}{file}": digest for file, digest in digests.items()}


def _processor() -> str:
    """The processor's model, which decides how BLAS computes; empty where it is not told."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")


def recorded_environment(folder: RunFolder) -> dict[str, str]:
    """What :func:`environment` gave when the run was started."""
    path = folder.resolved_path
    try:
        return recorded_facts(path.read_bytes(), str(path))
    except FileNotFoundError:
        return {}
    except OSError as e:
        raise RunError(f"{path}: cannot be read: {e.strerror}") from e


def record_dev_rows(folder: RunFolder, config: Config, rows: int) -> None:
    """Add to the facts on record how many rows the dev split has: what a rate's interval needs."""
    facts = recorded_environment(folder)
    if facts and facts.get(DEV_ROWS) != str(rows):
        write_text(folder.resolved_path, resolved_text(config, {**facts, DEV_ROWS: str(rows)}))


def dev_rows(facts: Mapping[str, str]) -> int | None:
    """How many rows the dev split has, where that is on record."""
    rows = facts.get(DEV_ROWS, "")
    return int(rows) if rows.isdecimal() else None


def data_folder(folder: RunFolder, config: Config) -> SharedFolder | None:
    """Where the workers of a run share its prepared data; ``None`` if they do not.

    The workers of a cluster that somebody else started may be on other machines, which are not to
    map files over a network; they read the data themselves. So do those of runs that recorded no
    digest of their data.
    """
    digest = recorded_environment(folder).get("data_sha256")
    if config.data is None or config.run.address is not None or digest is None:
        return None
    return SharedFolder(str(folder.data_path.absolute()), digest)


@dataclass(frozen=True)
class Changes:
    """What is not as it was when a run was started.

    ``code`` are the files of the user's code, ``facts`` the name, old and new of the others.
    ``proposals`` says that this version proposes or stops trials by other rules.
    """

    data: bool
    proposals: bool
    code: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]

    @property
    def code_line(self) -> str:
        """The changed files as part of a sentence."""
        return f"the code has changed ({first_few(self.code, len(self.code))})"


def changes_since(before: Mapping[str, str], now: Mapping[str, str]) -> Changes:
    """What differs between two environments.

    What only one of them knows has not changed, but for files of code: one that is there no more,
    or has come, is a change.
    """
    old, new = code_of(before), code_of(now)
    return Changes(
        data=before.get("data_sha256") != now.get("data_sha256"),
        # Runs of older versions recorded no revision: it was the first one.
        proposals=before.get(PROPOSALS, "1") != now.get(PROPOSALS, "1"),
        # Runs of older versions recorded no code.
        code=tuple(changed_files(old, new)) if old else (),
        facts=tuple(
            (name, before[name], now[name])
            for name in now
            if name in before
            and before[name] != now[name]
            and not name.startswith(CODE)
            and name not in ("data_sha256", PROPOSALS)
        ),
    )


def code_of(facts: Mapping[str, str]) -> dict[str, str]:
    """The digests among some facts, by file."""
    return {n.removeprefix(CODE): value for n, value in facts.items() if n.startswith(CODE)}


def refuse_changes(
    folder: RunFolder, changes: Changes, advice: str, *, code_may_differ: bool = False
) -> None:
    """Refuse data, and unless they may differ code, that are not those a run was started with.

    Raises:
        UsageError: says what has changed, and ``advice``.
    """
    if changes.data:
        what = "the data have changed since the run was started: the file's contents"
    elif changes.code and not code_may_differ:
        what = f"{changes.code_line} since the run was started"
    else:
        return
    raise UsageError(f"{folder.path}: {what}. Undo the change, or {advice}")
