"""``hpsearch babysit --tui``: the same model, engine and grammar on the whole screen, by Textual.

Keys type commands; every command runs in one worker thread, one at a time, and the screen is drawn
again from the lineage after each epoch. The worker waits while it is drawn, so that nothing is read
while it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import Footer, Input, Static

from hpsearch.cli.babysit_screen import Screen
from hpsearch.cli.babysit_talk import Talk
from hpsearch.cli.babysit_widgets import Chart, CommandLine, Page, Pages, stacked
from hpsearch.errors import HpsearchError
from hpsearch.panda.interrupts import Interrupts
from hpsearch.panda.panda import Panda
from hpsearch.panda.positions import Epoch
from hpsearch.report.sections.babysat import branch_table
from hpsearch.report.text import panda_lines
from hpsearch.report.text.lines import piece
from hpsearch.report.text.panda_chart import chart_lines
from hpsearch.report.text.writer import block_lines
from hpsearch.text import number

PAGES = frozenset({"show", "tree", "log", "diff", "probe", "help"})
"""Commands whose answer is a page of its own; the others' shows on the screen anyway."""

JOURNAL_LINES = 12
PAGE_EDGES, NARROWEST_PAGE = 10, 24  # columns: margin, border, padding and scroll bar of a page
CHART_EDGES, LOWEST_CHART = 3, 3  # lines: title, labels and epochs around the curves
NARROW, SLIM = 100, 72  # columns below which the panel on the right shrinks, and goes
SHORT = 22  # lines below which only what is needed stays


class ScreenTalk(Talk):
    """A conversation whose answers go to the app; it runs in the app's worker thread."""

    def __init__(self, panda: Panda, app: Babysit) -> None:
        super().__init__(panda, Interrupts(lambda: False), quiet=True)
        self._app = app

    @cached_property
    def screen(self) -> Screen:
        """Unused: every page has its own."""
        raise AssertionError

    def say(self, event: str, facts: dict[str, Any], told: str | Callable[[], None]) -> None:
        del facts
        if isinstance(told, str):
            self._app.tell(told.replace("\n", "  "))
        elif event in PAGES:
            pages = Pages(max(self._app.size.width - PAGE_EDGES, NARROWEST_PAGE))
            self.__dict__["screen"] = pages
            told()
            self._app.call_from_thread(self._app.push_screen, Page(pages.lines))

    def remark(self, text: str, colour: str | None = None) -> None:
        del colour
        self._app.tell(text)

    def _epoch(self, epoch: Epoch) -> None:
        self._app.target = epoch.target
        self._app.call_from_thread(self._app.draw)


class Babysit(App[None]):
    """The whole screen: curve, settings, branches, journal."""

    CSS = """
    #head, #epoch, #message { height: auto; padding: 0 1; }
    #middle { height: 1fr; }
    #chart { width: 1fr; height: 100%; border: round $primary; }
    #side { width: 44; }
    #settings, #branches, #journal { border: round $primary; padding: 0 1; }
    #settings, #branches { height: auto; max-height: 40%; }
    #journal { height: 1fr; }
    #message { color: $warning; max-height: 3; }
    Babysit.narrow #side { width: 32; }
    Babysit.slim #side { display: none; }
    Babysit.short #head { max-height: 3; }
    Babysit.short #epoch, Babysit.short #message { max-height: 1; }
    Babysit.short #chart { border: none; }
    #command { display: none; border: none; height: 1; }
    #page { border: round $primary; margin: 1 2; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "type('go 5')", "train 5", priority=False),
        Binding("space", "stop", "stop"),
        Binding("left_square_bracket", "scale('/')", "÷3"),
        Binding("right_square_bracket", "scale('*')", "×3"),
        Binding("up", "setting(-1)", "setting", key_display="↑↓"),
        Binding("down", "setting(1)", show=False),
        Binding("left", "look(-1)", "epoch", key_display="←→"),
        Binding("right", "look(1)", show=False),
        Binding("b", "type('back best')", "best"),
        Binding("r", "go_back", "return here"),
        Binding("u", "type('undo')", "undo"),
        Binding("t", "type('tree')", show=False),
        Binding("l", "type('log')", show=False),
        Binding("p", "type('probe')", show=False),
        Binding("colon", "command", "command", key_display=":"),
        Binding("question_mark", "type('help')", "help", key_display="?"),
        Binding("q", "quit", "quit"),
        Binding("ctrl+c", "interrupt", show=False),
    ]
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None  # else the hidden line for commands would take the keys

    def __init__(self, panda: Panda) -> None:
        super().__init__()
        self.panda, self.lineage = panda, panda.lineage
        self.talk = ScreenTalk(panda, self)
        self.message = "Enter trains 5 epochs, ? lists the commands"
        self.running = self._leaving = False
        self.target = 0
        self._chosen = 0
        self._looked_at: int | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="head")
        with Horizontal(id="middle"):
            yield Chart(self.draw)
            with Vertical(id="side"):
                yield Static(id="settings")
                yield Static(id="branches")
                yield Static(id="journal")
        yield Static(id="epoch")
        yield Static(id="message")
        yield CommandLine(placeholder="a command, as at the prompt", id="command")
        yield Footer()

    def on_mount(self) -> None:
        """Titles for the panels."""
        for name in ("settings", "branches", "journal"):
            self.query_one(f"#{name}").border_title = name
        self.query_one("#chart").border_title = self.lineage.start.metric.name
        self.call_after_refresh(self.draw)

    def on_resize(self, event: Resize) -> None:
        """Panels have their room, and pictures are drawn for a size."""
        width, height = event.size
        self.set_class(width < NARROW, "narrow")
        self.set_class(width < SLIM, "slim")
        self.set_class(height < SHORT, "short")
        self.call_after_refresh(self.draw)

    # --- commands -----------------------------------------------------------------------------

    def action_type(self, line: str) -> None:
        """Carry out a line as if it was typed at the prompt."""
        if self.running:
            self.show_message("something is under way; space stops it after this epoch")
            return
        self.running = True
        self.run_worker(partial(self._carry_out, line), thread=True, exclusive=True)

    def _carry_out(self, line: str) -> None:
        """In the worker thread."""
        leaving = False
        try:
            leaving = self.talk.line(line)
        except HpsearchError as error:
            self.tell(f"error: {error.message}")
        finally:
            self.running, self.target, self._looked_at = False, 0, None
            self.call_from_thread(self.exit if leaving or self._leaving else self.draw)

    def action_stop(self) -> None:
        """End what is under way after this epoch."""
        if self.running:
            self.talk.interrupts.level += 1
            self.show_message("stopping after this epoch")

    async def action_interrupt(self) -> None:
        """Ctrl-C: end what is under way after this epoch, or leave if nothing is."""
        if self.running and not self.talk.interrupts.stop():
            self.action_stop()
        else:
            await self.action_quit()

    def action_scale(self, sign: str) -> None:
        """Multiply or divide the chosen setting; whole numbers by 2."""
        name = self._setting()
        if name is not None:
            by = 2 if isinstance(self.lineage.hparams[name], int) else 3
            self.action_type(f"{name} {sign}{by}")

    def action_go_back(self) -> None:
        """Return to the epoch that is looked at."""
        if self._looked_at is not None:
            self.action_type(f"back {self._looked_at}")

    def action_setting(self, step: int) -> None:
        """Choose another setting."""
        count = len(self.talk.settings_shown())
        self._chosen = (self._chosen + step) % max(count, 1)
        self.draw()

    def action_look(self, step: int) -> None:
        """Look at another epoch."""
        last = self.lineage.position.epoch
        here = last if self._looked_at is None else self._looked_at
        self._looked_at = min(max(here + step, 0), last)
        self.draw()

    def action_command(self) -> None:
        """Open the line for typed commands."""
        field = self.query_one("#command", Input)
        field.display = True
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A command was typed."""
        line = event.value
        event.input.value = ""
        event.input.display = False
        self.set_focus(None)
        if line.strip():
            self.action_type(line)

    async def action_quit(self) -> None:
        """Leave, after the epoch under way if there is one."""
        if not self.running:
            self.exit()
            return
        self._leaving = True
        self.talk.interrupts.level += 1
        self.show_message("leaving after this epoch")

    # --- drawing ------------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """Show a message, from the worker thread."""
        self.call_from_thread(self.show_message, text)

    def show_message(self, text: str) -> None:
        """Show a message."""
        self.message = text
        self.query_one("#message", Static).update(piece(text))

    def draw(self) -> None:
        """Draw everything from the lineage."""
        chart = self.query_one(Chart)
        chart.update(self._chart(*chart.content_size))
        self.query_one("#head", Static).update(self._head())
        self.query_one("#settings", Static).update(self._settings())
        branches, journal = (self.query_one(f"#{name}", Static) for name in ("branches", "journal"))
        tree = block_lines(branch_table(self.lineage), branches.content_size.width)
        branches.update(stacked(tree))
        log = panda_lines.journal_lines(self.lineage, journal.content_size.width)
        journal.update(stacked(log[-JOURNAL_LINES:]))
        self.query_one("#epoch", Static).update(self._epoch_line())
        self.show_message(self.message)

    def _chart(self, width: int, height: int) -> Text:
        """The curves, or why there are none."""
        if not self.lineage.chain():
            return Text("no epochs yet: Enter trains 5", style="dim")
        lines = chart_lines(self.lineage, width, height - CHART_EDGES)
        if not lines or height - CHART_EDGES < LOWEST_CHART:
            return Text("no room for the curve here: make the terminal larger", style="dim")
        return stacked(lines)

    def _head(self) -> Text:
        state = panda_lines.status_lines(
            self.lineage, {}, [], max(self.size.width - 2, NARROWEST_PAGE)
        )
        going = (
            f"   training to epoch {self.target}; space stops"
            if self.running and self.target
            else ""
        )
        title = Text(f"babysit {self.panda.folder.name}", style="bold").append(
            going, style="yellow"
        )
        return stacked([title, *state])

    def _settings(self) -> Text:
        chosen = self._setting()
        lines = []
        for name in self.talk.settings_shown():
            mark = "▸ " if name == chosen else "  "
            style = "bold" if name == chosen else ""
            value = number(self.lineage.hparams[name])
            lines.append(Text(f"{mark}{name:14}", style=style).append(value, style="cyan"))
        return stacked(lines)

    def _setting(self) -> str | None:
        names = self.talk.settings_shown()
        return names[self._chosen % len(names)] if names else None

    def _epoch_line(self) -> Text:
        """The epoch that is looked at, with its metrics and settings."""
        place = self.lineage.position.epoch if self._looked_at is None else self._looked_at
        if place == 0:
            return Text("epoch 0: untrained", style="dim")
        epoch = self.lineage.chain()[place - 1]
        values = [f"{name} {number(value)}" for name, value in epoch.values.items()]
        settings = [f"{n} {number(epoch.hparams[n])}" for n in self.talk.settings_shown()]
        return piece("  ".join([f"epoch {place}", *values, *settings]))


def run_screen(panda: Panda) -> None:
    """Show the screen until the person leaves."""
    Babysit(panda).run()
