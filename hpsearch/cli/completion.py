"""``hpsearch completion``: the script that teaches a shell to complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from hpsearch.cli.options import debug_option
from hpsearch.cli.output import say

SHELLS = {
    "bash": 'eval "$(hpsearch completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(hpsearch completion zsh)"    in ~/.zshrc',
    "fish": "hpsearch completion fish | source     in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\nTo switch it on, put this line\n  " + "\n  ".join(SHELLS.values()))
@click.argument("shell", type=click.Choice(list(SHELLS)))
@debug_option
def completion(shell: str) -> None:
    """Print the completion script for a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    say(kind(root, {}, "hpsearch", "_HPSEARCH_COMPLETE").source())
