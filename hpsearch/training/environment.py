"""What a run's results depend on beside its config: versions, machine, and the data's hash."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hpsearch import __version__
from hpsearch.config import Config, OptunaConfig, dump
from hpsearch.data import fingerprint
from hpsearch.errors import RunError
from hpsearch.sampling.optuna_samplers import packages
from hpsearch.store.rundir import RunFolder


def resolved_text(config: Config, facts: Mapping[str, str] | None = None) -> str:
    """``resolved.yaml``: every value of the config, then what else the results depend on.

    ``facts`` are the :func:`environment` of the run's start; ``None`` if it starts now.
    """
    facts = environment(config) if facts is None else facts
    lines = "\n".join(f"#   {name}: {value}" for name, value in facts.items())
    return f"{dump(config)}\n{_FACTS}\n{lines}\n"


_FACTS = "# recorded when the run was started:"


def environment(config: Config) -> dict[str, str]:
    """Versions, machine and the data's hash: with the config and seed, all that a table depends on.

    Raises:
        DataError: the data file cannot be read.
    """
    facts = {"hpsearch": __version__, "python": platform.python_version()}
    strategy = config.search.strategy
    used = ["numpy", *(["numba", "scipy"] if config.run.kernels == "numba" else [])]
    used += packages(strategy.sampler) if isinstance(strategy, OptunaConfig) else []
    used += ["scipy"] if strategy == "sobol" else []
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
    return facts


def _processor() -> str:
    """The processor's model, which decides how BLAS computes; empty where it is not told."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")


def recorded_environment(folder: RunFolder) -> dict[str, str]:
    """What :func:`environment` gave when the run was started."""
    try:
        _, _, block = folder.resolved_path.read_text("utf-8", "replace").partition(_FACTS)
    except FileNotFoundError:
        return {}
    except OSError as e:
        raise RunError(f"{folder.resolved_path}: cannot be read: {e.strerror}") from e
    lines = (line.removeprefix("#").partition(":") for line in block.splitlines())
    return {name.strip(): value.strip() for name, colon, value in lines if colon}


def changed_facts(before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name, old and new of each fact of two environments that is in both and differs."""
    return [(n, before[n], now[n]) for n in now if n in before and before[n] != now[n]]
