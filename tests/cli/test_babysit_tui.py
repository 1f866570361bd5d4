"""The whole screen, driven by Textual's pilot: keys, commands, pages, leaving."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

pytest.importorskip("textual")

from textual.pilot import Pilot
from textual.widgets import Static

from hpsearch.cli.babysit_tui import Babysit
from hpsearch.cli.babysit_widgets import Page
from tests.panda.toy import DIGITS, TOY, go, resumed, started
from tests.shell import Shell

Play = Callable[[Babysit, Pilot[None]], Awaitable[None]]


def played(root: Path, play: Play, text: str = DIGITS, size: tuple[int, int] = (110, 34)) -> None:
    with started(root, text) as panda:
        run(Babysit(panda), play, size)


def run(app: Babysit, play: Play, size: tuple[int, int] = (110, 34)) -> None:
    async def session() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await play(app, pilot)

    asyncio.run(session())


async def done(app: Babysit, pilot: Pilot[None]) -> None:
    """Wait until the command that is under way has ended."""
    while app.running:
        await pilot.pause(0.02)
    await pilot.pause()


def text(app: Babysit, name: str) -> str:
    widget = app.query_one(f"#{name}", Static)
    return "\n".join(strip.text for strip in widget.render_lines(widget.outer_size.region))


def test_raising_a_model_by_keys(tmp_path: Path) -> None:
    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        assert "no epochs yet" in text(app, "chart")
        await pilot.press("enter")
        await done(app, pilot)
        assert str(app.lineage.position) == "main@5"
        assert "┤" in text(app, "chart")
        assert "main@5" in text(app, "head")
        await pilot.press("left_square_bracket")
        await done(app, pilot)
        assert app.lineage.hparams["alpha"] == pytest.approx(0.01 / 3)
        assert "▸ alpha" in text(app, "settings")
        await pilot.press("left", "left", "left")
        assert "epoch 2 " in text(app, "epoch")
        await pilot.press("r")
        await done(app, pilot)
        assert str(app.lineage.position) == "main@2"
        assert "begins a new branch" in text(app, "message")
        await pilot.press("down", "left_square_bracket")
        await done(app, pilot)
        assert app.lineage.hparams["batch_size"] == 256
        await pilot.press("enter")
        await done(app, pilot)
        assert str(app.lineage.position) == "b1@7"
        assert "b1 (here)" in text(app, "branches")
        assert "branch b1 begins" in text(app, "journal")
        await pilot.press("b")
        await done(app, pilot)
        assert app.lineage.position == app.lineage.best().position  # type: ignore[union-attr]
        await pilot.press("u")
        await done(app, pilot)
        assert str(app.lineage.position) == "b1@7"

    played(tmp_path, play)
    with resumed(tmp_path) as panda:
        assert str(panda.lineage.position) == "b1@7"


def test_typed_commands_pages_and_mistakes(tmp_path: Path) -> None:
    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"go", "space", "3", "enter")
        await done(app, pilot)
        assert str(app.lineage.position) == "main@3"
        await pilot.press("colon", *"gp", "enter")
        await done(app, pilot)
        assert "did you mean go?" in text(app, "message")
        for key in ("t", "l", "question_mark"):
            await pilot.press(key)
            await done(app, pilot)
            assert isinstance(app.screen, Page)
            await pilot.press("escape")
            await pilot.pause()
            assert not isinstance(app.screen, Page)
        await pilot.press("colon", *"hidden_units", "space", "9", "enter")
        await done(app, pilot)
        assert "built into the model" in text(app, "message")
        await pilot.press("colon", *"quit", "enter")
        await done(app, pilot)
        assert not app.is_running or app.return_code == 0

    played(tmp_path, play)


def test_space_stops_after_the_epoch_and_q_leaves_after_it(tmp_path: Path) -> None:
    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        app.action_type("go 100000")
        await pilot.pause(0.2)
        assert app.running
        assert "training to epoch 100000" in text(app, "head")
        await pilot.press("enter")
        assert "something is under way" in text(app, "message")
        await pilot.press("space")
        await done(app, pilot)
        assert 0 < app.lineage.position.epoch < 100000
        app.action_type("go 100000")
        await pilot.pause(0.1)
        await pilot.press("q")
        await done(app, pilot)

    played(tmp_path, play, TOY)
    with resumed(tmp_path) as panda:
        assert panda.lineage.position.epoch > 0


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (200, 50)])
def test_any_size_will_do(tmp_path: Path, size: tuple[int, int]) -> None:
    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        await done(app, pilot)
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert "main" in text(app, "branches")

    played(tmp_path, play, TOY, size)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (100, 30), (40, 15)])
def test_a_trained_model_shows_its_curve_at_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    with started(tmp_path, TOY) as panda:
        go(panda, 6)

    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        chart = text(app, "chart")
        assert "no epochs yet" not in chart
        assert chart.count("┤") == 3
        assert "epoch 1" in chart

    with resumed(tmp_path) as panda:
        run(Babysit(panda), play, size)


def test_a_screen_without_room_for_a_curve_says_so(tmp_path: Path) -> None:
    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        await done(app, pilot)
        assert "no room for the curve" in text(app, "chart")

    played(tmp_path, play, TOY, (22, 12))


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_every_overlay_is_left_by(tmp_path: Path, key: str) -> None:
    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        await done(app, pilot)
        for line in ("help", "log", "tree", "show", "diff main main@1", "probe alpha"):
            app.action_type(line)
            await done(app, pilot)
            assert isinstance(app.screen, Page), line
            await pilot.press(key)
            await pilot.pause()
            assert not isinstance(app.screen, Page), line
        await pilot.press("colon", "g", "o")
        assert app.query_one("#command").display
        await pilot.press(key)
        assert not app.query_one("#command").display
        assert app.is_running
        await pilot.press("ctrl+c")
        await pilot.pause()

    played(tmp_path, play, TOY, (80, 24))


def test_ctrl_c_stops_what_is_under_way_and_then_leaves(tmp_path: Path) -> None:
    async def play(app: Babysit, pilot: Pilot[None]) -> None:
        app.action_type("go 100000")
        await pilot.pause(0.1)
        await pilot.press("ctrl+c")
        await done(app, pilot)
        assert 0 < app.lineage.position.epoch < 100000
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.return_code == 0

    played(tmp_path, play, TOY)


def test_the_screen_needs_a_terminal(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("config.yaml", DIGITS)
    refused = shell("babysit", "config.yaml", "--tui")
    assert refused.code == 2
    assert "--tui needs a terminal" in refused.err
