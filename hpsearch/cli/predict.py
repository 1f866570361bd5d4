"""``hpsearch predict``: what the best network of a run says of new rows."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from hpsearch.cli.options import debug_option, named_run_argument, runs_option
from hpsearch.cli.output import give_text, say, warn
from hpsearch.errors import UsageError


@click.command()
@named_run_argument
@click.argument("data", type=click.Path())
@click.option("--proba", is_flag=True, help="Add each class's probability, a column each.")
@click.option(
    "--score",
    is_flag=True,
    help="Print metrics, of labels also a confusion matrix; DATA has the answers.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the predictions to a file in place of stdout.",
)
@runs_option
@debug_option
def predict(run: str, data: str, proba: bool, score: bool, output: Path | None, root: Path) -> None:
    """Label rows of DATA, or predict a number, by RUN's best network.

    DATA is a file like the one the run was trained on; its columns are found by name, and those
    that the network does not know are passed over. The predictions are CSV, one line a row, in
    the order of the rows. With --score the metrics take their place on stdout.

    \b
    Example:
      hpsearch predict letters new.csv --output labelled.csv
      hpsearch predict letters test.csv --score
    """
    from hpsearch.predict.predict import NumberPredictions
    from hpsearch.predict.predict import predict as predict_rows
    from hpsearch.report.text.scores import confusion_lines, score_lines
    from hpsearch.store.rundir import find_run

    if proba and score and output is None:
        raise click.UsageError(
            "--score prints metrics in place of --proba's columns; add --output "
            "FILE for them, or leave one out"
        )
    folder = find_run(root, run)
    logging.getLogger("hpsearch").addHandler(_Warnings())
    prediction = predict_rows(folder, data, score=score)
    matrix: list[str] = []
    if isinstance(prediction, NumberPredictions):
        if proba:
            raise UsageError(f"{run} predicts a number, which has no classes; leave out --proba")
        table = prediction.to_csv()
    else:
        table = prediction.to_csv(proba=proba)
        if prediction.confusion is not None:
            matrix = ["", *confusion_lines(prediction.classes, prediction.confusion)]
    if output is not None:
        give_text(table, output)
    if prediction.scores is not None:
        say("\n".join([*score_lines(prediction.scores), *matrix]))
    elif output is None:
        give_text(table, None)


class _Warnings(logging.Handler):
    """Shows what the library logs as warnings."""

    def emit(self, record: logging.LogRecord) -> None:
        warn(record.getMessage())
