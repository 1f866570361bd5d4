"""Reading what is trained: the trainable."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from hpsearch.config import recorded
from hpsearch.config.blocks import check_keys
from hpsearch.config.estimators import read_estimator
from hpsearch.config.formulas import is_formula
from hpsearch.config.model import TrainableConfig
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.wording import describe
from hpsearch.portable import split_command
from hpsearch.text import nearest

TRAINABLE_FORMS = (
    "write network, package.module:object, path/file.py:object, {command: …} or {sklearn: …}"
)

FOLDERS = {"cwd": "folder", "dir": "folder", "directory": "folder", "path": "folder"}

FLAG = re.compile(r"--?[A-Za-z][\w.-]*")

COMMAND_FIELDS = ("seed", "epochs", "trial")
"""What a command line can name in braces besides the parameters."""


def read_trainable(raw: Any, problems: Problems) -> TrainableConfig | None:
    """The trainable; ``None`` if it cannot be told what is meant."""
    path: Path = ("trainable",)
    if isinstance(raw, dict):
        read = read_estimator if "sklearn" in raw else _read_mapping
        return read(raw, problems)
    if not isinstance(raw, str):
        if is_readable(raw):
            problems.add(path, f"must be text, not {describe(raw)}; {TRAINABLE_FORMS}")
        return None
    if raw in ("network", "told"):
        return TrainableConfig(kind="told" if raw == "told" else "network")
    return _in_folder(_object(raw, problems, path), {}, problems)


def _read_mapping(raw: Mapping[str, Any], problems: Problems) -> TrainableConfig | None:
    """A command or an object, with its folder."""
    path: Path = ("trainable",)
    check_keys(raw, ("command", "object", "folder", "sklearn"), path, problems, FOLDERS)
    command, reference = raw.get("command"), raw.get("object")
    if isinstance(command, str) and command.strip():
        return _in_folder(_command(command, problems), raw, problems)
    if isinstance(reference, str) and "command" not in raw:
        return _in_folder(_object(reference, problems, (*path, "object")), raw, problems)
    if is_readable(raw) and ("command" in raw or not raw):
        text = f"must be a command line, not {describe(command)}; for example python train.py"
        problems.add((*path, "command"), text)
    return None


def _in_folder(
    trainable: TrainableConfig | None, raw: Mapping[str, Any], problems: Problems
) -> TrainableConfig | None:
    """The trainable with its folder: as it is said, or else the config's own.

    A run that was recorded before there were folders has none.
    """
    folder, at = raw.get("folder", ""), ("trainable", "folder")
    if not isinstance(folder, str):
        problems.add(at, f"must be a folder, not {describe(folder)}; for example folder: src")
        return None
    of_file = trainable is not None and ".py:" in trainable.reference
    if trainable is None or (trainable.kind == "object" and of_file):
        return trainable
    if "folder" not in raw and FilePath(problems.document.source).name == recorded.FILE:
        return trainable
    return replace(trainable, folder=problems.document.absolute(at, folder))


def _command(command: str, problems: Problems) -> TrainableConfig | None:
    path: Path = ("trainable", "command")
    try:
        split_command(command)
    except ValueError:
        problems.add(path, "a quote in it is not closed; close it, or write \\ before it")
        return None
    try:
        list(string.Formatter().parse(command))
    except ValueError:
        problems.add(path, "a brace in it stands alone; write {name}, or {{ and }} for braces")
        return None
    return TrainableConfig(kind="command", reference=command)


def flag_text(field: str, form: str) -> str | None:
    """What ``{field:form}`` puts on a command line when it is true; ``None`` if it is no flag.

    >>> flag_text("nesterov", "flag"), flag_text("ema", "--use-ema"), flag_text("lr", ".2e")
    ('--nesterov', '--use-ema', None)
    """
    if form == "flag":
        return f"--{field}"
    return form if FLAG.fullmatch(form) else None


def check_command(command: str, names: Mapping[str, Any], problems: Problems) -> None:
    """Report what stands in braces and is not a parameter, and flags that are not true or false."""
    for _, field, form, _ in string.Formatter().parse(command):
        if field is None:
            continue
        if field in names and flag_text(field, form or "") and not _is_flag(names[field], names):
            text = f"{{{field}:{form}}} is a flag; write {field}: {{values: [true, false]}}"
            problems.add(("trainable", "command"), text)
        if field not in names and field not in COMMAND_FIELDS:
            near = nearest(field, [*names, *COMMAND_FIELDS])
            advice = f"did you mean {{{near}}}?" if near else "declare it, or double the braces"
            problems.add(("trainable", "command"), f"{{{field}}} is not a parameter; {advice}")


def _is_flag(declared: Any, names: Mapping[str, Any]) -> bool:
    """Whether a parameter is declared as true, false, a choice between the two, or derived."""
    if isinstance(declared, dict):
        declared = declared.get("values", declared.get("value"))
        if isinstance(declared, str) and is_formula(declared, names):
            return True
    values = declared if isinstance(declared, list) else [declared]
    return all(isinstance(value, bool) for value in values)


def _object(text: str, problems: Problems, path: Path) -> TrainableConfig | None:
    place, colon, name = text.rpartition(":")
    is_file = place.endswith(".py")
    if not colon:
        if text.endswith(".py"):
            advice = f"add the object in it, for example {text}:objective"
        elif nearest(text, ["network"]):
            advice = "did you mean network?"
        else:
            advice = TRAINABLE_FORMS
        problems.add(path, f"{describe(text)} names nothing that can be trained; {advice}")
        return None
    if not all(part.isidentifier() for part in name.split(".")):
        problems.add(path, f"{describe(name)} is not the name of an object; {TRAINABLE_FORMS}")
        return None
    if is_file:
        file = problems.document.absolute(path, place)
        return TrainableConfig(kind="object", reference=f"{file}:{name}")
    if not all(part.isidentifier() for part in place.split(".")):
        problems.add(
            path, f"{describe(place)} is neither a module nor a .py file; {TRAINABLE_FORMS}"
        )
        return None
    return TrainableConfig(kind="object", reference=text)
