"""One entry in the table of engines is enough: config, schema, options and search know it then."""

import importlib
from pathlib import Path

import pytest

from hpsearch.engine.table import ENGINES, ON_THIS_MACHINE, Engine
from tests.changed_package import ChangedPackage

OPEN_PIPES = '''

def open_pipes(workers, threads, address, gpus):
    """Processes over pipes, also where loky could be."""
    return LocalPool(workers, threads, gpus)
'''
ENTRY = '    "pipes": Engine("hpsearch.engine.local_pool:open_pipes"),\n'
NEXT = '    "dask": Engine('
CONFIG = """\
trainable: model.py:cost
metric: {name: J, goal: minimize}
parameters: {w: {values: [1, 2, 3]}}
search: {strategy: grid}
run: {workers: 2}
"""


@pytest.mark.slow
def test_a_new_engine_is_one_entry(tmp_path: Path) -> None:
    hpsearch = ChangedPackage.copy(tmp_path)
    hpsearch.replace("engine/table.py", NEXT, ENTRY + NEXT)
    pools = tmp_path / "hpsearch" / "engine" / "local_pool.py"
    pools.write_text(pools.read_text("utf-8") + OPEN_PIPES, "utf-8")
    hpsearch.write("model.py", "def cost(w):\n    return w**2\n")
    hpsearch.write("c.yaml", CONFIG)
    schema = hpsearch.schema()
    assert schema["properties"]["run"]["properties"]["engine"]["enum"][:2] == ["loky", "pipes"]
    hpsearch("run", "c.yaml", "-q")
    hpsearch("run", "c.yaml", "-q", "--name", "d", "--engine", "pipes")
    here, there = (hpsearch("report", name, "--format", "csv", "--no-timing") for name in "cd")
    assert here == there
    assert "engine: pipes" in (tmp_path / "runs" / "d" / "resolved.yaml").read_text("utf-8")


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
def test_every_engine_is_where_the_table_says(engine: Engine) -> None:
    module, _, name = engine.pool.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_the_engine_on_this_machine_needs_no_address() -> None:
    assert not ENGINES[ON_THIS_MACHINE].on_cluster
