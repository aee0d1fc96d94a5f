from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub.errors import OutOfRangeError
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from stagekit.canonical import tree_digests
from stagekit.errors import StageError
from stagekit.tensorboard.convert import convert
from stagekit.tensorboard.events import FILE
from tests.stagekit.tensorboard.left_by_tune import TABLES, write_tables


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    convert(write_tables(tmp_path / "tune"), tmp_path / "logs")
    return tmp_path / "logs"


def events(logs: Path, run: str) -> list[Event]:
    """What TensorBoard's own reader, which checks every record's checksum, finds in the file of a run."""
    reader, found = PyRecordReader_New(str(logs / run / FILE)), []
    with suppress(OutOfRangeError):
        while True:
            reader.GetNext()
            found.append(Event.FromString(reader.record()))
    return found


def points(logs: Path, run: str) -> set[tuple[str, int, float]]:
    found = [(event.step, value) for event in events(logs, run) for value in event.summary.value]
    return {(it.tag, step, it.simple_value) for step, it in found if it.HasField("simple_value")}


def test_there_is_a_run_for_each_trial_and_one_for_the_model(tmp_path: Path) -> None:
    runs = convert(write_tables(tmp_path / "tune"), tmp_path / "logs")
    assert runs == ("trials/000", "trials/001", "model")
    assert all(events(tmp_path / "logs", run)[0].file_version == "brain.Event:2" for run in runs)


def test_a_trial_has_its_curve_and_its_best_epoch_as_score(logs: Path) -> None:
    assert points(logs, "trials/000") == {
        ("validation/mean_iou", 1, 0.5),
        ("validation/mean_iou", 2, 0.375),
        ("score", 2, 0.5),
    }
    assert points(logs, "trials/001") == {("validation/mean_iou", 1, 0.25), ("score", 1, 0.25)}


def test_the_model_has_every_figure_that_there_is_of_every_epoch(logs: Path) -> None:
    found = points(logs, "model")
    assert len(found) == 9
    assert {it for it in found if it[1] == 2} == {
        ("learning_rate", 2, 0.125),
        ("training/loss", 2, 1.25),
        ("validation/loss", 2, 0.875),
        ("validation/mean_iou", 2, 0.375),
        ("validation/iou_pet", 2, 0.625),
    }


def test_a_trial_says_what_it_was_tried_with(logs: Path) -> None:
    (value,) = events(logs, "trials/001")[1].summary.value
    assert value.metadata.plugin_data.plugin_name == "hparams"
    session = HParamsPluginData.FromString(value.metadata.plugin_data.content).session_start_info
    assert session.hparams["state"].string_value == "pruned"
    numbers = {name: it.number_value for name, it in session.hparams.items() if name != "state"}
    assert numbers == {"learning_rate": 0.01, "dice_weight": 0.5}


def test_the_model_says_why_it_goes_on(logs: Path) -> None:
    (value,) = events(logs, "model")[1].summary.value
    assert value.tag == "choice"
    assert value.metadata.plugin_data.plugin_name == "text"
    assert b"**baseline**: no trial beat the baseline's 0.5000." in value.tensor.string_val[0]


def test_the_same_tables_give_the_same_bytes(logs: Path, tmp_path: Path) -> None:
    convert(write_tables(tmp_path / "again"), tmp_path / "other")
    assert len(tree_digests(logs)) == 3
    assert tree_digests(tmp_path / "other") == tree_digests(logs)
    assert {event.wall_time for event in events(logs, "model")} == {0.0}


def test_the_output_of_an_older_tune_is_refused(tmp_path: Path) -> None:
    tune = write_tables(tmp_path / "tune")
    (tune / "trial_epochs.csv").unlink()
    with pytest.raises(StageError, match=r"trial_epochs\.csv is missing.*tune has to run again"):
        convert(tune, tmp_path / "logs")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("trials", TABLES["trials.csv"].replace("0.25", "much")),
        ("trials", TABLES["trials.csv"].replace("epochs", "epoch")),
        ("trials", TABLES["trials.csv"].replace(",0.01,0.5", "")),
        ("trial_epochs", TABLES["trial_epochs.csv"].replace("epoch,", "")),
        ("history", TABLES["history.csv"].replace("epoch", "")),
        ("history", TABLES["history.csv"].replace("1.5", "a lot")),
        ("history", TABLES["history.csv"].replace("0.625,0", "0.625,0,7")),
        ("best", "[]"),
        ("best", "{"),
        ("best", '{"source": "search"}'),
    ],
)
def test_what_tune_does_not_write_is_refused_by_name(tmp_path: Path, name: str, content: str) -> None:
    tune = write_tables(tmp_path / "tune", **{name: content})
    with pytest.raises(StageError, match=name):
        convert(tune, tmp_path / "logs")
