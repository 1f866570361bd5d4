"""The table of commands. Their modules import only click until they run, so help is instant."""

from __future__ import annotations

import click

from hpsearch.cli.ask import ask
from hpsearch.cli.audit import audit
from hpsearch.cli.babysit import babysit
from hpsearch.cli.check import check
from hpsearch.cli.compare import compare
from hpsearch.cli.completion import completion
from hpsearch.cli.confirm import confirm
from hpsearch.cli.export import export
from hpsearch.cli.import_config import import_config
from hpsearch.cli.init import init
from hpsearch.cli.list import list_runs
from hpsearch.cli.predict import predict
from hpsearch.cli.preview import preview
from hpsearch.cli.replay import replay
from hpsearch.cli.report import report
from hpsearch.cli.retest import retest
from hpsearch.cli.run import run
from hpsearch.cli.schema import schema
from hpsearch.cli.tell import tell
from hpsearch.cli.watch import watch

_ALL = (
    init,
    import_config,
    preview,
    run,
    watch,
    babysit,
    report,
    compare,
    list_runs,
    confirm,
    retest,
    audit,
    replay,
    predict,
    export,
    check,
    ask,
    tell,
    schema,
    completion,
)

COMMANDS: dict[str, click.Command] = {str(command.name): command for command in _ALL}
