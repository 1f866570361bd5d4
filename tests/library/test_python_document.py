"""Every line of Python in docs/python.md runs, in its order, as a script of a user's."""

import re
from pathlib import Path

from tests.library.scripts import run_script

DOCUMENT = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_document_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    done = run_script(tmp_path, "\n".join(blocks))
    assert done.code == 0, done.err
    assert "hpsearch report · train   24 trials" in done.out
    wrong = [line for line in done.out.splitlines() if line.startswith("hpsearch.run: ")]
    assert [line.split(": ")[1] for line in wrong] == ["space.alpha.min", "max_trials"]
