"""The engines by the names that a config has for them: the one table of them.

Config, schema, ``--engine`` and :func:`hpsearch.engine.pools.open_pool` follow it. An engine is
named by where it is, since its library is loaded only where it is used: dask and ray take a second
each. So this file imports nothing of the engines, and the config may read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Engine:
    """What runs the workers.

    ``pool`` is ``module:object`` of what is called as ``(workers, threads, address, gpus)`` and
    gives a :class:`hpsearch.engine.pools.Pool`. An engine ``on_cluster`` can be told an address.
    """

    pool: str
    on_cluster: bool = False


ENGINES: Mapping[str, Engine] = {
    "loky": Engine("hpsearch.engine.pools:local_pool"),
    "dask": Engine("hpsearch.engine.dask_pool:DaskPool", on_cluster=True),
    "ray": Engine("hpsearch.engine.ray_pool:RayPool", on_cluster=True),
}

ON_THIS_MACHINE = "loky"
"""What runs the workers where nothing is said, and where one worker here is enough."""
