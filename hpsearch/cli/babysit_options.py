"""The options of ``hpsearch babysit``, gathered by what they are for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(frozen=True)
class Opening:
    """Which run: a new one of a ``config``, one to ``resume``, or a trial (``source``)."""

    config: Path | None
    resume: str | None
    source: str | None
    name: str | None
    fresh: bool


@dataclass(frozen=True)
class Step:
    """What to do without a prompt; ``sets`` may override the config of a new run as well."""

    back: str | None
    sets: tuple[str, ...]
    note: str | None
    epochs: int | None

    def lines(self, changes: Sequence[str]) -> list[str]:
        """The commands, in the order in which they make sense, with these changes of settings."""
        lines = [f"back {self.back}"] if self.back else []
        if changes:
            lines.append("; ".join(changes) + (f" # {self.note}" if self.note else ""))
        elif self.note:
            lines.append(f"note {self.note}")
        return [*lines, f"go {self.epochs}"] if self.epochs else lines


@dataclass(frozen=True)
class OldSpelling:
    """What has commands of its own by now: ``hpsearch replay`` and ``hpsearch export``."""

    replay: str | None
    export: Path | None
    branch: str | None


_OPENING = (
    click.argument("config", metavar="[CONFIG]", required=False, type=click.Path(path_type=Path)),
    click.option(
        "--resume",
        metavar="[RUN]",
        is_flag=False,
        flag_value="",
        help="Go on with a babysat run; with no name, the last changed one.",
    ),
    click.option(
        "--from", "source", metavar="RUN#TRIAL", help="Adopt a trial of a search, or RUN#best."
    ),
    click.option("--name", help="The new run's name. Default: the config's with -panda after it."),
    click.option("--fresh", is_flag=True, help="Start another run beside one of the same name."),
)
_STEP = (
    click.option(
        "--set",
        "sets",
        metavar="CHANGE",
        multiple=True,
        help="A change of a setting, as in 'alpha /3'. When starting, KEY=VALUE overrides the "
        "config.",
    ),
    click.option("--back", metavar="WHERE", help="Return to an epoch, -5, best, b1@8 … first."),
    click.option("--epochs", type=click.IntRange(1), metavar="N", help="Train N epochs."),
    click.option("--note", metavar="TEXT", help="Put a remark on record; with --set, the reason."),
)
_OLD_SPELLING = (
    click.option("--replay", metavar="RUN", hidden=True, help="The same as hpsearch replay RUN."),
    click.option("--branch", metavar="B", hidden=True, help="With --replay or --export."),
    click.option(
        "--export",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        hidden=True,
        help="The same as hpsearch export RUN FILE --to schedule (FILE.yaml), or --to commands.",
    ),
)


def gathered(
    name: str, kind: type[Any], options: Sequence[Callable[[Any], Any]]
) -> Callable[[Decorated], Decorated]:
    """Give a command these options as one argument, an object of ``kind``."""

    def decorate(command: Decorated) -> Decorated:
        @functools.wraps(command)
        def wrapped(**values: Any) -> Any:
            own = {field: values.pop(field) for field in kind.__dataclass_fields__}
            return command(**{name: kind(**own)}, **values)

        decorated: Any = wrapped
        for option in reversed(options):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


opening_options = gathered("opening", Opening, _OPENING)
step_options = gathered("step", Step, _STEP)
old_spelling = gathered("old", OldSpelling, _OLD_SPELLING)
