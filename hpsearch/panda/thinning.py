"""Which checkpoints stay: enough to go anywhere soon, few enough to keep for weeks.

Kept are

* the last 10 epochs of each branch,
* every fifth epoch,
* the best epoch of each branch, and so the best of all,
* the epochs at which a branch begins,
* the epochs saved under a name, and
* where the model stands.

Everything else goes. To go ``back`` to an epoch without a checkpoint, the model is trained again
from the nearest one before it: at most four epochs, to the same bytes.
"""

from __future__ import annotations

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.nouns import Position

RECENT = 10
EVERY = 5


def kept(lineage: Lineage) -> set[Position]:
    """The positions whose checkpoints stay."""
    here = lineage.epoch(lineage.position)
    keep = {*lineage.saved.values(), *([here.position] if here else [])}
    for branch in lineage.branches.values():
        if branch.base is not None:
            keep.add(branch.base)  # epoch 0 has no checkpoint: it can always be made again
        best = lineage.best(branch.epochs)
        if best is not None:
            keep.add(best.position)
        keep |= {epoch.position for epoch in branch.epochs[-RECENT:]}
        keep |= {e.position for e in branch.epochs if e.position.epoch % EVERY == 0}
    return keep
