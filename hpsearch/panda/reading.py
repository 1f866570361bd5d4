"""A babysat run as it is on record, for who only looks at it.

Apart from :mod:`hpsearch.panda.opening`, which knows how to train: a list of runs needs none of it.
"""

from __future__ import annotations

from hpsearch.panda.lineage import Lineage
from hpsearch.store.journal import read_journal
from hpsearch.store.rundir import RunFolder


def read_lineage(folder: RunFolder) -> Lineage:
    """The lineage of a run that another process may be working on.

    Raises:
        RunError: the ledger is damaged.
    """
    path = folder.ledger_path
    return Lineage.read(str(path), read_journal(path))
