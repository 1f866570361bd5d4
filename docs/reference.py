"""Write what the documents say of the code from the code: keys, commands, rooms.

docs/config.md and docs/commands.md are written whole. In docs/architecture.md and CONTRIBUTING.md
the lines between two marks are.

    python docs/reference.py

tests/test_generated_documents.py says when that is due.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT))  # the table of rooms is in the test that holds the code to it

from hpsearch.cli.commands import COMMANDS
from hpsearch.cli.main import hpsearch
from hpsearch.config import json_schema
from hpsearch.config.schema_file import SCHEMA_FILE
from hpsearch.network.hyperparameters import HYPERPARAMETERS, Hyperparameter
from hpsearch.portable import to_json
from tests.test_layers import LAYERS, LIBRARIES, layers_as_listed

WIDTH = 96

CONFIG_HEAD = """# Every key of a config

Written by `python docs/reference.py` from the schema that `hpsearch schema` prints; an editor with
a YAML language server completes and checks a config by it. A value that is not allowed is refused
with its line and column. `--set key=value` overrides any key: `--set search.max_trials=200`.

Paths are relative to the config's folder.
"""

PLACEHOLDERS = """## What a command is told

In `trainable: {command: "..."}` a word in braces stands for a value; double braces, `{{` and `}}`,
stand for themselves.

| placeholder | is |
| --- | --- |
| `{alpha}` | the value of the parameter `alpha`; so for each parameter |
| `{seed}` | the trial's own seed, a whole number that the config's `seed` and the trial determine |
| `{epochs}` | how many epochs the trial may train |
| `{trial}` | the trial's number, from 0 |
| `{nesterov:flag}` | `--nesterov` when the value is true; nothing when it is false or inactive |
| `{ema:--use-ema}` | so, with a text of its own |

An option whose only field is inactive in a trial, empty or null goes with it: of `--mom {mom}` and
`--mom={mom}` nothing is left.

The same stand in the command's environment:

| variable | is |
| --- | --- |
| `HPSEARCH_HPARAMS` | a JSON object of all hyperparameters |
| `HPSEARCH_SEED` | as `{seed}` |
| `HPSEARCH_EPOCHS` | as `{epochs}` |
| `HPSEARCH_TRIAL` | as `{trial}` |

A Python function or class gets `seed`, `epochs` and `trial` as arguments if it names them.

## What hpsearch itself reads from the environment

| variable | means |
| --- | --- |
| `HPSEARCH_RUNS` | the folder that holds the runs, as `--runs`; default: `runs` |
| `HPSEARCH_DEBUG` | anything but empty: a traceback with every error, as `--debug` |
| `NO_COLOR` | anything but empty: no colours |
| `CI` | anything but empty: plain lines in place of the live screen |
"""

COMMANDS_HEAD = """# Every command

Written by `python docs/reference.py`: what `hpsearch COMMAND --help` prints.

Exit codes: 0 done; 1 nothing succeeded, or a run-time error; 2 wrong usage or config; 130
interrupted, with everything saved.
"""


def config_page() -> str:
    """docs/config.md."""
    schema = json_schema()
    own = schema["properties"]
    top = {key: value for key, value in own.items() if key != "parameters"}
    parts = [CONFIG_HEAD, "## The top level\n", *_table(top, required=schema["required"])]
    parts.append("\n`parameters`, which has to be there, is a mapping from names to parameters.\n")
    for key in ("data", "metric", "search", "run"):
        block = _block_of(own[key])
        parts += [f"## `{key}`\n", f"{_cell(block['description'])}\n"]
        parts += [*_table(block["properties"], required=block["required"]), ""]
    parts += _inner_block("search.confirm", own["search"]["properties"]["confirm"])
    parts += ["## A parameter\n", "A plain value fixes it. Otherwise it is a mapping:\n"]
    for kind in schema["$defs"]["parameter"]["anyOf"]:
        if "properties" in kind:
            parts += [f"### {kind['title']}\n"]
            properties = kind["properties"] | {"when": schema["$defs"]["when"]}
            parts += [*_table(properties, required=kind["required"]), ""]
    parts += ["## The built-in network's hyperparameters\n"]
    parts += ["A name of another tool's, such as `learning_rate`, is answered with the one here.\n"]
    parts += [*_hyperparameters(HYPERPARAMETERS), "", PLACEHOLDERS]
    return "\n".join(parts)


def _inner_block(name: str, schema: Mapping[str, Any]) -> list[str]:
    """A block within a block."""
    block = _block_of(schema)
    table = _table(block["properties"], required=block["required"])
    return [f"### `{name}`\n", f"{_cell(block['description'])}\n", *table, ""]


def commands_page() -> str:
    """docs/commands.md."""
    group = click.Context(hpsearch, info_name="hpsearch", help_option_names=["-h", "--help"])
    parts = [COMMANDS_HEAD, *_help("hpsearch", hpsearch, None)]
    for name, command in COMMANDS.items():
        parts += _help(f"hpsearch {name}", command, group)
    return "\n".join(parts)


def _help(title: str, command: click.Command, parent: click.Context | None) -> list[str]:
    """What ``--help`` prints under a heading, and so for the commands of a group."""
    name = title.rsplit(maxsplit=1)[-1]
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    level = "##" if parent is None or parent.parent is None else "###"
    lines = [
        f"{level} {title}\n",
        "```",
        *(x.rstrip() for x in command.get_help(context).split("\n")),
    ]
    lines += ["```", ""]
    if isinstance(command, click.Group) and parent is not None:
        for inner, nested in command.commands.items():
            lines += _help(f"{title} {inner}", nested, context)
    return lines


def _block_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The long form of a key that also has a short one."""
    if "properties" in schema:
        return schema
    return next(kind for kind in schema["anyOf"] if "properties" in kind)


def _table(properties: Mapping[str, Any], required: list[str]) -> Iterator[str]:
    yield "| key | is | default | means |"
    yield "| --- | --- | --- | --- |"
    for key, schema in properties.items():
        default = _default(schema, key in required)
        yield f"| `{key}` | {_kind(schema)} | {default} | {_cell(schema.get('description', ''))} |"


def _default(schema: Mapping[str, Any], is_required: bool) -> str:
    if is_required:
        return "has to be given"
    if schema.get("default") in (None, []):
        return ""
    return f"`{_yaml(schema['default'])}`"


def _kind(schema: Mapping[str, Any]) -> str:
    """The type, words and bounds of a value, in a few words."""
    if "enum" in schema:
        return ", ".join(f"`{_yaml(word)}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{_yaml(schema['const'])}`"
    if "anyOf" in schema:
        kinds = [_kind(kind) for kind in schema["anyOf"] if kind.get("type") != "null"]

        return " or ".join(dict.fromkeys(kind for kind in kinds if kind)) + _bounds(schema)
    kind = schema.get("type", "")
    names = {
        "integer": "a whole number",
        "number": "a number",
        "string": "text",
        "boolean": "true or false",
        "array": "a list",
        "object": "a mapping",
    }
    if isinstance(kind, list):
        return " or ".join(names[k] for k in kind if k != "null")
    return names.get(kind, "") + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if key in schema]
    return f" {', '.join(found)}" if found else ""


def _hyperparameters(table: Mapping[str, Hyperparameter]) -> Iterator[str]:
    yield "| name | is | default | between epochs | means |"
    yield "| --- | --- | --- | --- | --- |"
    for name, known in table.items():
        changes = "may change" if known.adjustable else "is fixed"
        default = f"`{_yaml(known.default)}`"
        yield f"| `{name}` | {_values(known)} | {default} | {changes} | {_cell(known.doc)} |"


def _values(known: Hyperparameter) -> str:
    if known.choices:
        return ", ".join(f"`{choice}`" for choice in known.choices)
    words = {"int": "a whole number", "float": "a number", "bool": "true or false"}[known.kind]
    ends = [
        (known.low, ">" if known.low_open else "≥"),
        (known.high, "<" if known.high_open else "≤"),
    ]
    bounds = [f"{sign} {end:g}" for end, sign in ends if end is not None]
    return f"{words} {', '.join(bounds)}".rstrip()


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("``", "`").replace("|", "\\|")


def rooms() -> str:
    """The table of rooms, highest first: for docs/architecture.md."""
    lines = ["| floor | room | what is in it | knows alone |", "| --- | --- | --- | --- |"]
    for room, level in sorted(_rooms().items(), key=lambda item: (-item[1], item[0])):
        known = [name for name, homes in LIBRARIES.items() if room in homes and len(homes) < 4]
        libraries = ", ".join(sorted(known))
        lines.append(f"| {level} | `{room}` | {_cell(_first_line(room))} | {libraries} |")
    return "\n".join(lines) + "\n"


def _rooms() -> dict[str, int]:
    return {room: level for room, level in LAYERS.items() if not room.startswith("__")}


def _first_line(room: str) -> str:
    """The first sentence of what a room says of itself."""
    path = ROOT / "hpsearch" / room.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].rstrip(".")


def marked(text: str, lines: str) -> str:
    """The text with new lines between its two marks."""
    begin, end = "<!-- written by docs/reference.py -->\n", "<!-- end -->\n"
    before, _, rest = text.partition(begin)
    return before + begin + lines + end + rest.partition(end)[2]


def in_part(file: Path, lines: Callable[[], str]) -> Callable[[], str]:
    """A page of which only the lines between the marks are written."""
    return lambda: marked(file.read_text(encoding="utf-8"), lines())


PAGES: dict[Path, Callable[[], str]] = {
    SCHEMA_FILE: lambda: to_json(json_schema(), indent=2) + "\n",
    DOCS / "config.md": config_page,
    DOCS / "commands.md": commands_page,
    DOCS / "architecture.md": in_part(DOCS / "architecture.md", rooms),
    ROOT / "CONTRIBUTING.md": in_part(ROOT / "CONTRIBUTING.md", layers_as_listed),
}


if __name__ == "__main__":
    for file, page in PAGES.items():
        file.write_text(page(), encoding="utf-8")
