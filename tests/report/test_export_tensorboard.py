"""TensorBoard's event files, read back by TensorBoard; skipped where that is not installed."""

from dataclasses import replace

import pytest
from exported_run import RUN, export, of_state

from hpsearch.errors import UsageError
from hpsearch.records import State

accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
api_pb2 = pytest.importorskip("tensorboard.plugins.hparams.api_pb2")
metadata = pytest.importorskip("tensorboard.plugins.hparams.metadata")


def accumulated(folder):
    events = accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    return events


def test_tensorboard_reads_the_curves_and_the_points(tmp_path):
    export("tensorboard", RUN, tmp_path / "logs")
    folders = sorted(p.name for p in (tmp_path / "logs" / "signs-6").iterdir() if p.is_dir())
    assert folders == [f"{r.trial.index:04d}" for r in RUN.results]
    done = of_state(State.DONE)
    events = accumulated(tmp_path / "logs" / "signs-6" / f"{done.trial.index:04d}")
    curve = events.Scalars("dev_error")
    assert [s.step for s in curve] == list(range(1, 31))
    assert [s.value for s in curve] == pytest.approx(done.curves["dev_error"], rel=1e-6)
    assert events.Scalars("value")[0].value == pytest.approx(done.value, rel=1e-6)
    content = events.summary_metadata[metadata.SESSION_START_INFO_TAG].plugin_data.content
    start = metadata.parse_session_start_info_plugin_data(content)
    assert start.hparams["alpha"].number_value == done.trial.hparams["alpha"]
    assert start.hparams["optimizer"].string_value == done.trial.hparams["optimizer"]
    assert set(start.hparams) == set(done.trial.hparams)

    failed = of_state(State.FAILED)
    events = accumulated(tmp_path / "logs" / "signs-6" / f"{failed.trial.index:04d}")
    content = events.summary_metadata[metadata.SESSION_END_INFO_TAG].plugin_data.content
    end = metadata.parse_session_end_info_plugin_data(content)
    assert end.status == api_pb2.STATUS_FAILURE
    assert not events.Tags()["scalars"]


def test_tensorboard_knows_the_experiment(tmp_path):
    export("tensorboard", replace(RUN, results=RUN.results[:3]), tmp_path)
    events = accumulated(tmp_path / "signs-6")
    content = events.summary_metadata[metadata.EXPERIMENT_TAG].plugin_data.content
    experiment = metadata.parse_experiment_plugin_data(content)
    infos = {info.name: info for info in experiment.hparam_infos}
    assert infos["alpha"].domain_interval.max_value == 1.0
    assert infos["alpha"].description == "log"
    assert infos["optimizer"].type == api_pb2.DATA_TYPE_STRING
    assert list(infos["batch_size"].domain_discrete) == [32, 64, 128, 256]
    tags = [info.name.tag for info in experiment.metric_infos]
    assert tags == ["value", "dev_error", "train_error"]
    with pytest.raises(UsageError, match="is there already"):
        export("tensorboard", RUN, tmp_path)
