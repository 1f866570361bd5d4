"""The HTML page in a real browser; skipped only where Chromium is not installed.

Debian: apt-get install chromium chromium-driver.
"""

import json
import shutil
from dataclasses import replace
from importlib.resources import files

import pytest
from synthetic_runs import CONFIG, METRIC, made_up_run, result

from hpsearch.config import load_text
from hpsearch.report.analysis.compare import compare
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.html.html_page import as_html
from hpsearch.report.html.writer import report_page
from hpsearch.report.sections.compare import compare_report
from hpsearch.space import Choice, Number, Space

webdriver = pytest.importorskip("selenium.webdriver")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"
)
NARROW = 390
FACTS = {"hpsearch": "0.1.0", "python": "3.11.2", "numpy": "2.4"}


def start(javascript=True):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    options.add_argument("--window-size=1280,1000")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not javascript:
        setting = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", setting)
    service = webdriver.ChromeService(executable_path=DRIVER)
    return webdriver.Chrome(options=options, service=service)


@pytest.fixture(scope="module")
def chrome():
    driver = start()
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    view = replace(made_up_run(200), config=CONFIG, facts=FACTS)
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(as_html(summarise(view)), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(chrome, page):
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chrome.get(page)
    return chrome


@pytest.fixture(scope="module")
def small_page(tmp_path_factory):
    """Every part of the page, with fewer trials: the rules look at each mark of each."""
    view = replace(made_up_run(60), config=CONFIG, facts=FACTS)
    path = tmp_path_factory.mktemp("page") / "small.html"
    path.write_text(as_html(summarise(view)), encoding="utf-8")
    return path.as_uri()


def css(driver, selector):
    return driver.find_elements("css selector", selector)


def count(driver):
    return int(css(driver, "#count")[0].text.split()[0])


def off(driver, figure):
    """How many marks of a section are filtered out."""
    return len(css(driver, f"{figure} .off"))


def network_requests(driver):
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [m for m in messages if m["method"] == "Network.requestWillBeSent"]
    return [m["params"]["request"]["url"] for m in sent]


def test_no_request_and_no_console_message(chrome, page):
    chrome.get_log("performance")
    chrome.get_log("browser")
    chrome.get(page)
    chrome.execute_script("document.querySelector('#theme').click()")
    assert [url for url in network_requests(chrome) if url != page] == []
    assert chrome.get_log("browser") == []


def test_the_policy_stops_what_is_not_ours(opened):
    opened.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.evil = 1';"
        "document.body.append(s)"
    )
    assert opened.execute_script("return window.evil") is None
    opened.get_log("browser")  # the violation was reported there, as it should be


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, NARROW])
def test_accessibility_rules(chrome, small_page, theme, width):
    set_width(chrome, width)
    chrome.get(small_page)
    assert violations(chrome, theme) == []


def violations(driver, theme):
    """The rules of axe-core that the page breaks, each with the first element that does."""
    axe = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    driver.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
    driver.execute_script(axe)
    found = driver.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]]


def set_width(driver, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.parametrize("width", [NARROW, 768, 1280])
def test_the_page_never_is_wider_than_the_window(opened, width):
    set_width(opened, width)
    widths = "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    needed, there = opened.execute_script(widths)
    assert needed <= there <= width


CUT = """
const inside = [...document.querySelectorAll("main *, header *, footer *")].filter(
  (e) => !e.closest(".wide, pre, caption"));
const edge = document.documentElement.clientWidth + 1;
return inside.filter((e) => e.getBoundingClientRect().right > edge).map((e) => e.outerHTML);
"""


@pytest.mark.parametrize("width", [320, 400, 600, 1000])
def test_nothing_but_a_table_reaches_out_of_the_window(opened, width):
    set_width(opened, width)
    assert opened.execute_script(CUT) == []
    texts = "[...document.querySelectorAll('.tight .fig text')]"
    sizes = opened.execute_script(f"return {texts}.map((e) => e.getBoundingClientRect().height)")
    heights = [height for height in sizes if height]
    assert bool(heights) == (width <= 760)
    assert all(height > 7 for height in heights)


def test_a_dragged_range_filters_every_figure(opened):
    hit = css(opened, ".axis .hit")[0]
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", hit)
    assert count(opened) == 194
    drag = webdriver.ActionChains(opened).move_to_element_with_offset(hit, 0, -20)
    drag.click_and_hold().move_by_offset(0, 40).release().perform()
    left = count(opened)
    assert 0 < left < 194
    for number in range(len(css(opened, "svg.fig"))):
        if opened.execute_script(
            "return document.querySelectorAll('svg.fig')[arguments[0]]"
            ".querySelectorAll('[data-t]').length > 20",
            number,
        ):
            assert (
                opened.execute_script(
                    "return document.querySelectorAll('svg.fig')[arguments[0]]"
                    ".querySelectorAll('.off').length",
                    number,
                )
                > 0
            )
    rows = opened.execute_script(
        "return document.querySelectorAll('#trials tbody tr:not(.off)').length"
    )
    assert rows == left
    assert "to" in css(opened, ".axis")[0].get_attribute("aria-valuetext")
    webdriver.ActionChains(opened).move_to_element(hit).click().perform()
    assert count(opened) == 194


def test_the_keyboard_selects_and_clears(opened):
    axis = css(opened, ".axis")[0]
    keys = webdriver.Keys
    opened.execute_script("arguments[0].focus()", axis)
    for _ in range(10):
        axis.send_keys(keys.ARROW_UP)
    # alpha goes from 1e-5 to 1: half of the way up its logarithmic axis is 10 ** -2.5.
    assert axis.get_attribute("aria-valuetext") == "0.00316 to 1"
    alphas = [r.trial.unit[0] for r in made_up_run(200).results if r.value is not None]
    assert count(opened) == sum(alpha >= 0.5 for alpha in alphas)
    for _ in range(8):
        axis.send_keys(keys.SHIFT, keys.ARROW_DOWN, keys.NULL)
    # Heights are rounded to 4 digits: a trial at the very end may fall out.
    assert count(opened) == pytest.approx(sum(0.5 <= alpha <= 0.6 for alpha in alphas), abs=1)
    for _ in range(7):
        axis.send_keys(keys.SHIFT, keys.ARROW_UP, keys.NULL)
    assert float(axis.get_attribute("aria-valuetext").split()[-1]) == pytest.approx(0.562)
    axis.send_keys(keys.NULL, keys.ESCAPE)
    assert axis.get_attribute("aria-valuetext") == "all"
    assert count(opened) == 194


def test_the_axes_are_reached_with_the_tab_key(opened):
    focusable = opened.execute_script(
        "return [...document.querySelectorAll('.axis')].every(a => a.tabIndex === 0)"
    )
    assert focusable


def test_the_best_tenth(opened):
    css(opened, "[data-top='0.1']")[0].click()
    assert count(opened) == 20  # the ceiling of 19.4
    assert css(opened, "[data-top='0.1']")[0].get_attribute("aria-pressed") == "true"
    css(opened, "[data-top='1']")[0].click()
    assert count(opened) == 194


def test_a_trial_under_the_pointer_is_lit_everywhere(opened):
    mark = css(opened, "circle[data-t='178']")[0]
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    opened.execute_script(
        "arguments[0].dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))", mark
    )
    assert len(css(opened, "[data-t='178'].on")) == len(css(opened, "[data-t='178']")) > 8
    assert "#178" in css(opened, "#tip")[0].text


def test_the_table_is_short_then_whole_and_sorts(opened):
    visible = "return [...document.querySelectorAll('#trials tbody tr')].filter(r => !r.hidden)"
    assert opened.execute_script(f"{visible}.length") == 15
    opened.execute_script("document.querySelector('#all').click()")
    assert opened.execute_script(f"{visible}.length") == 194
    css(opened, "#trials th button")[6].click()
    alphas = opened.execute_script(f"{visible}.map(r => Number(r.cells[6].textContent))")
    assert alphas == sorted(alphas)
    assert css(opened, "#trials th")[6].get_attribute("aria-sort") == "ascending"
    css(opened, "#trials th button")[6].click()
    alphas = opened.execute_script(f"{visible}.map(r => Number(r.cells[6].textContent))")
    assert alphas == sorted(alphas, reverse=True)


def test_light_and_dark(opened):
    colour = "return getComputedStyle(document.body).backgroundColor"
    before = opened.execute_script(colour)
    css(opened, "#theme")[0].click()
    after = opened.execute_script(colour)
    assert {before, after} == {"rgb(246, 247, 248)", "rgb(14, 17, 22)"}


def test_complete_without_javascript(page):
    driver = start(javascript=False)
    try:
        driver.get(page)
        assert "signs-6" in css(driver, "h1")[0].text
        shown = [figure for figure in css(driver, "svg.fig") if figure.is_displayed()]
        assert len(shown) == 13
        assert len(css(driver, "#trials tbody tr")) == 194
        assert css(driver, "#trials tbody tr")[-1].is_displayed()
        assert not any(b.is_displayed() for b in css(driver, "button"))
    finally:
        driver.quit()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_comparison(chrome, tmp_path, theme):
    config = load_text(CONFIG, "config.yaml", tmp_path, "config").config
    views = [made_up_run(60), replace(made_up_run(60, seed=4), name="other")]
    path = tmp_path / "compare.html"
    path.write_text(report_page(compare_report(compare(views, [config, config]))), encoding="utf-8")
    chrome.get_log("performance")
    chrome.get_log("browser")
    set_width(chrome, NARROW)
    chrome.get(path.as_uri())
    assert [url for url in network_requests(chrome) if url != path.as_uri()] == []
    assert chrome.get_log("browser") == []
    assert chrome.execute_script("return document.documentElement.scrollWidth") == NARROW
    assert violations(chrome, theme) == []
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


HOSTILE = "</script><script>document.title='evil'</script>"


def test_names_that_look_like_markup(chrome, tmp_path):
    space = Space((Number("a<b>&\"'"), Choice(HOSTILE, values=(HOSTILE, "[red]", "${name}"))))
    results = [
        result(
            i,
            i / 9,
            {"a<b>&\"'": i / 30, HOSTILE: space.parameters[1].values[i % 3]},
            space,
            error=HOSTILE,
        )
        for i in range(30)
    ]
    path = tmp_path / "hostile.html"
    view = RunView(HOSTILE, space, replace(METRIC, name=HOSTILE), results, config=HOSTILE)
    path.write_text(as_html(summarise(view)), encoding="utf-8")
    chrome.get_log("browser")
    chrome.get(path.as_uri())
    assert chrome.title == f"{HOSTILE} · hpsearch report"
    assert chrome.get_log("browser") == []
    assert count(chrome) == 30
    assert HOSTILE in css(chrome, "#trials")[0].text


@pytest.mark.parametrize("trials", [0, 1, 3])
def test_hardly_any_trials(chrome, tmp_path, trials):
    path = tmp_path / "few.html"
    path.write_text(as_html(summarise(made_up_run(trials))), encoding="utf-8")
    chrome.get_log("browser")
    chrome.get(path.as_uri())
    assert chrome.get_log("browser") == []
    assert count(chrome) == trials
