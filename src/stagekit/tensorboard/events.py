"""Event files as TensorBoard reads them, without TensorFlow and without a clock.

The same runs give the same bytes: the time of every event is 0 and the name of every file the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionStartInfo
from tensorboard.plugins.text import metadata as text
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

FILE = "events.out.tfevents.0"
"""TensorBoard knows a file of events by the word `tfevents`."""
_FORMAT = "brain.Event:2"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A point of a chart. Points of one tag share a chart, with a line for each run."""

    tag: str
    step: int
    value: float


@dataclass(frozen=True, slots=True)
class Run:
    """A line in TensorBoard's list of runs; its name may have folders.

    `hyperparameters` put it into the table of trials; `notes` are Markdown by tag.
    """

    name: str
    scalars: tuple[Scalar, ...]
    hyperparameters: Mapping[str, float | str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def write_run(logs: Path, run: Run) -> None:
    """Write the one event file of a run, into a folder of its name."""
    folder = logs / run.name
    folder.mkdir(parents=True)
    with (folder / FILE).open("xb") as stream:
        records = RecordWriter(stream)
        for event in _events(run):
            records.write(event.SerializeToString(deterministic=True))


def _events(run: Run) -> Iterator[Event]:
    yield Event(file_version=_FORMAT)
    if run.hyperparameters:
        yield _event(0, _session(run.hyperparameters))
    for tag, words in run.notes.items():
        note = Summary.Value(
            tag=tag, tensor=make_tensor_proto(words), metadata=text.create_summary_metadata(None, None)
        )
        yield _event(0, note)
    for point in run.scalars:
        yield _event(point.step, Summary.Value(tag=point.tag, simple_value=point.value))


def _event(step: int, value: Summary.Value) -> Event:
    return Event(step=step, summary=Summary(value=[value]))


def _session(values: Mapping[str, float | str]) -> Summary.Value:
    """What the table of trials is made from."""
    session = SessionStartInfo()
    for name, value in values.items():
        if isinstance(value, str):
            session.hparams[name].string_value = value
        else:
            session.hparams[name].number_value = value
    content = HParamsPluginData(version=hparams.PLUGIN_DATA_VERSION, session_start_info=session)
    plugin = SummaryMetadata.PluginData(
        plugin_name=hparams.PLUGIN_NAME, content=content.SerializeToString(deterministic=True)
    )
    return Summary.Value(
        tag=hparams.SESSION_START_INFO_TAG,
        tensor=hparams.NULL_TENSOR,
        metadata=SummaryMetadata(plugin_data=plugin),
    )
