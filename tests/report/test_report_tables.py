"""Tables for other programs."""

import csv
import io
import json
from dataclasses import replace

from synthetic_runs import METRIC, made_up_run, result

from hpsearch.records import State
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.tables import as_csv, as_json, as_markdown
from hpsearch.space import Choice, Condition, Constant, Number, Space

SPACE = Space(
    (
        Choice("opt", values=("sgd", "adam")),
        Number("beta2", low=0.9, high=0.999, when=(Condition("opt", ("adam",)),)),
        Constant("batch_norm", value=True),
    )
)
RUN = RunView(
    "r",
    SPACE,
    METRIC,
    [
        result(
            0,
            None,
            {"opt": "adam", "beta2": 0.95, "batch_norm": True},
            SPACE,
            state=State.FAILED,
            error="a|b",
            epochs=0,
        ),
        result(1, 0.1 + 0.2, {"opt": "sgd", "batch_norm": True}, SPACE, seconds=1.23456),
    ],
)


def test_csv_worked_by_hand():
    assert as_csv(RUN) == (
        "trial,round,state,epochs,value,opt,beta2,batch_norm,seconds\n"
        "0,1,failed,0,,adam,0.95,true,0.0\n"
        "1,1,done,1,0.30000000000000004,sgd,,true,1.235\n"
    )


def test_without_timing_two_runs_compare_byte_for_byte():
    slower = replace(RUN, results=[replace(r, seconds=9.0) for r in RUN.results])
    assert as_csv(RUN) != as_csv(slower)
    for form in (as_csv, as_json, as_markdown):
        assert form(RUN, timing=False) == form(slower, timing=False)
        assert "seconds" not in form(RUN, timing=False)


def test_numbers_read_back_as_the_same_numbers():
    view = made_up_run(30)
    rows = list(csv.DictReader(io.StringIO(as_csv(view))))
    for row, result_ in zip(rows, view.results, strict=True):
        assert float(row["alpha"]) == result_.trial.hparams["alpha"]
        assert (float(row["value"]) if row["value"] else None) == result_.value


def test_json_is_one_object_with_a_schema():
    value = json.loads(as_json(RUN))
    assert value["schema"] == 1
    assert value["metric"] == {"name": "dev_error", "goal": "minimize", "pick": "best"}
    assert [t["trial"] for t in value["trials"]] == [0, 1]
    assert value["trials"][0]["hparams"] == {"opt": "adam", "beta2": 0.95, "batch_norm": True}


def test_markdown_escapes_what_would_be_markup():
    space = Space((Choice("a|b", values=("<script>", "[x](y)")),))
    view = RunView("r", space, METRIC, [result(0, 0.5, {"a|b": "<script>"}, space)])
    lines = as_markdown(view, timing=False).splitlines()
    assert lines == [
        "| trial | round | state | epochs | value | a\\|b |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 0 | 1 | done | 1 | 0.5 | &lt;script> |",
    ]


def test_no_trials_is_a_header():
    assert as_csv(made_up_run(0)).count("\n") == 1
    assert json.loads(as_json(made_up_run(0)))["trials"] == []
