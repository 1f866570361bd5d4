"""The page of a babysat run: whole, quiet, harmless, and fit for a phone."""

import re
import shutil
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hpsearch.panda.lineage import Lineage
from hpsearch.report.html.page_files import content_hash
from hpsearch.report.html.writer import report_page
from hpsearch.report.sections.babysat import babysat_report
from tests.panda.test_panda_report import SCREENS, STORY, lineage

FACTS = {"hpsearch": "0.1.0", "numpy": "2.4"}
HOSTILE = "</style><script>document.title='evil'</script>"


def page_of(name: str, lineage: Lineage, facts: Mapping[str, str]) -> str:
    return report_page(babysat_report(name, lineage, facts))


class Outline(HTMLParser):
    """Open elements must be closed in their order."""

    VOID = frozenset({"meta", "path", "rect", "circle", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("steps", SCREENS.values(), ids=SCREENS)
def test_every_page_is_whole(steps: tuple[object, ...]) -> None:
    page = page_of("run", lineage(*steps), FACTS)
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert "script" not in outline.seen
    assert "hpsearch replay run --branch all" in page
    style = re.search("<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    assert content_hash(style[1]) in page
    assert len(page) < 200_000


def test_the_curve_its_marks_and_what_they_did() -> None:
    page = page_of("run", lineage(*STORY), FACTS)
    assert page.count('class="run r4"') == 2  # on the way here, twice drawn; alpha was on main
    assert ">l2 1e-4</text>" in page
    assert 'class="cv dim"' in page
    assert "it jumps" in page
    assert "best 0.3 · main@3" not in page
    assert "best 0.35 · b1@3" in page


def test_names_that_look_like_markup() -> None:
    hostile = lineage(0.5, {"alpha": 2.0, "why": HOSTILE}, 0.4, names=("train_<b>", "dev_<b>"))
    page = page_of(HOSTILE, hostile, {HOSTILE: HOSTILE})
    outline = Outline()
    outline.feed(page)
    assert "script" not in outline.seen
    assert "b" not in outline.seen


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_in_a_browser_it_is_quiet_and_accessible(tmp_path: Path, theme: str) -> None:
    webdriver = pytest.importorskip("selenium.webdriver")
    axe = pytest.importorskip("axe_core_python")
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("chromium and chromedriver are not installed")
    path = tmp_path / "report.html"
    path.write_text(page_of("run", lineage(*STORY), FACTS), encoding="utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        size = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.get(path.as_uri())
        assert driver.get_log("browser") == []
        assert driver.execute_script("return document.documentElement.scrollWidth") == 390
        driver.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
        driver.execute_script((files(axe) / "axe.min.js").read_text(encoding="utf-8"))
        found = driver.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    finally:
        driver.quit()
