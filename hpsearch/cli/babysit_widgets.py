"""The parts of the whole screen: a page over it, the line for commands, the curves."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.console import Console
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from hpsearch.cli.babysit_screen import Screen
from hpsearch.report.text.glyphs import as_printable


class Page(ModalScreen[None]):
    """What a command answered, over the screen, until a key closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space,ctrl+c", "dismiss", "close", key_display="esc"),
    ]

    def __init__(self, lines: Sequence[Text]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page"):
            yield Static(stacked(self._lines))
        yield Footer()


class CommandLine(Input):
    """The line for typed commands, hidden until it is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", "close", key_display="esc"),
    ]

    def action_leave(self) -> None:
        """Forget what was typed, and hide."""
        self.value = ""
        self.display = False
        self.screen.set_focus(None)


class Chart(Static):
    """The curves. Its room changes with all others', also when words above it take more lines."""

    def __init__(self, resized: Callable[[], None]) -> None:
        super().__init__(id="chart")
        self._resized = resized

    def on_resize(self) -> None:
        """Draw for the room there is now."""
        self._resized()


class Pages(Screen):
    """Pictures as lines for a page instead of stdout."""

    def __init__(self, width: int) -> None:
        self.console = Console(file=io.StringIO(), width=width, highlight=False)
        self.lines: list[Text] = []

    def show(self, lines: Sequence[Text]) -> None:
        self.lines += lines


def stacked(lines: Sequence[Text]) -> Text:
    """Lines one below the other."""
    return Text("\n", no_wrap=True).join(as_printable(line) for line in lines)
