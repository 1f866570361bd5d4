"""One entry in the table of strategies is enough: config, schema and search then know it."""

import json
from pathlib import Path

from tests.changed_package import ChangedPackage

CORNERS = '''

class Centre(Sampler):
    """Always the centre of the space."""

    def choose(self, question: Question) -> ChosenPoint:
        return ChosenPoint((0.5,) * self.space.dimensions, "centre", self.whole)
'''
CONFIG = """\
trainable: model.py:cost
metric: {name: J, goal: minimize}
parameters: {w: {min: 0, max: 6}}
search: {strategy: centre, max_trials: 2}
"""
ENTRY = '    "random": "hpsearch.sampling.random_search:RandomSearch",\n'
NEW_ENTRY = '    "centre": "hpsearch.sampling.centre:Centre",\n'


def test_a_new_strategy_is_one_entry(tmp_path: Path) -> None:
    hpsearch = ChangedPackage.copy(tmp_path)
    code = "from hpsearch.sampling.sampler import ChosenPoint, Question, Sampler" + CORNERS
    hpsearch.write("hpsearch/sampling/centre.py", code)
    hpsearch.replace("sampling/table.py", ENTRY, ENTRY + NEW_ENTRY)
    hpsearch.write("model.py", "def cost(w):\n    return w**2\n")
    hpsearch.write("c.yaml", CONFIG)
    assert "centre" in json.dumps(hpsearch.renew_schema())
    hpsearch("init", "new.yaml")
    assert "centre" in (tmp_path / "new.yaml").read_text()
    hpsearch("run", "c.yaml", "-q")
    rows = hpsearch("report", "c", "--format", "csv").splitlines()
    assert len(rows) == 3
    assert all(",3" in row for row in rows[1:])  # w = 3, twice
