"""A config in the making: what was carried over, and what could not be, with its place."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hpsearch.config import as_yaml
from hpsearch.config.problems import Document, Path, TextPosition, dotted
from hpsearch.config.trainable import COMMAND_FIELDS
from hpsearch.importing.distributions import Untranslatable
from hpsearch.store.names import possible_name
from hpsearch.text import clean, plural


@dataclass(frozen=True)
class Note:
    """Something that is not in the new config as it was in the old one, and where it stood."""

    position: TextPosition
    text: str

    def __str__(self) -> str:
        return f"{self.position.line}:{self.position.column}: {self.text}"


@dataclass
class Translation:
    """A config of ours, key by key, and the notes on the file that it comes from."""

    document: Document
    tool: str
    name: str
    description: str = ""
    command: str = "python train.py"
    epochs: int | None = None
    metric: dict[str, Any] = field(default_factory=dict)
    search: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def note(self, path: Path, text: str, *, of_key: bool = False) -> None:
        """Say of the value, or of the key, at a path what has become of it."""
        subject = f"{dotted(path)}: " if path else ""
        self.notes.append(Note(self.document.position(path, of_key=of_key), subject + text))

    def count(self, values: Mapping[str, Any], trials: str, workers: str = "") -> None:
        """Take over how many trials there are, and how many train at once, where it is said."""
        for key, block, ours in (
            (trials, self.search, "max_trials"),
            (workers, self.run, "workers"),
        ):
            if key and isinstance(values.get(key), int):
                block[ours] = values[key]

    def leave_out(self, values: Mapping[str, Any], known: frozenset[str], path: Path = ()) -> None:
        """Note each key that nothing here corresponds to."""
        for key in values:
            if key not in known:
                self.note((*path, key), "left out; nothing here corresponds to it", of_key=True)

    def add(self, wanted: str, written: Any) -> str:
        """Declare a parameter; gives the name that it has here.

        >>> translation = Translation(Document("sweep.yaml", {}), "W&B sweep", "sweep")
        >>> translation.add("optimizer.lr", 0.1), translation.add("seed", {"values": [1, 2]})
        ('optimizer_lr', 'seed_')
        """
        name = re.sub(r"[^A-Za-z0-9_-]", "_", wanted)[:60]
        if not name or not re.match("[A-Za-z_]", name):
            name = f"p_{name}"
        while name in self.parameters or name in COMMAND_FIELDS:
            name += "_"
        self.parameters[name] = written
        return name

    def declare(self, wanted: str, path: Path, written: Any, program: str = "") -> str:
        """Add the parameter that stands at a path, and note it where its name is another here.

        ``program`` says what the program is still told, after the new name.
        """
        name = self.add(wanted, written)
        if name != wanted:
            self.note(path, f"called {name} here{program}", of_key=True)
        return name

    @contextlib.contextmanager
    def left_out_if_untranslatable(self, path: Path) -> Iterator[None]:
        """Note the parameter at a path where the body finds that it has no meaning here."""
        try:
            yield
        except Untranslatable as e:
            self.note(path, f"left out; {e}", of_key=True)

    @property
    def sorted_notes(self) -> list[Note]:
        """The notes in the order of the file."""
        return sorted(self.notes, key=lambda note: note.position)

    def text(self) -> str:
        """The config as YAML, its origin and the notes in comments at its head."""
        source = self.document.source
        head = [f"Translated from {source}, {self.tool}.", *self.description.splitlines()]
        notes = self.sorted_notes
        if notes:
            head += [f"Not the same as there ({plural(len(notes), 'note')}):"]
            head += [f"  {source}:{note}" for note in notes]
        values = {
            "name": possible_name(self.name),
            "trainable": {"command": self.command},
            "epochs": self.epochs,
            "metric": self.metric,
            "parameters": self.parameters,
            "search": self.search,
            "run": self.run,
        }
        kept = {key: value for key, value in values.items() if value not in (None, {})}
        return "".join(f"# {clean(line)}".rstrip() + "\n" for line in head) + as_yaml(kept)
