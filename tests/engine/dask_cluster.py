"""A dask cluster in this process, there before the search."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def local_cluster(workers: int = 1, threads: int = 1) -> Iterator[Any]:
    """A cluster of ``workers`` with ``threads`` each; it is closed at the end."""
    distributed = pytest.importorskip("distributed", reason="pip install 'hpsearch[dask]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of a library
        with distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=False,
            protocol="tcp://",
            dashboard_address=":0",
            memory_limit=0,
        ) as cluster:
            yield cluster
