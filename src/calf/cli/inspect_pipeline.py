"""pachctl inspect pipeline."""

from __future__ import annotations

import json

import click

from calf.cli import refs
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.states import pipeline_state
from calf.cli.table import paint, print_labels
from calf.cli.words import moment, printable
from calf.kit import durations
from calf.wire.documents import to_document
from calf.wire.messages import Message, pps
from calf.wire.times import read_duration


@click.command("pipeline")
@click.argument("pipeline")
@project_option
@output_options
@click.pass_obj
def command(session: Session, pipeline: str, project: str | None, output: Output) -> None:
    """Show a pipeline; NAME^2 is what it was two versions ago."""
    target = refs.pipeline(pipeline, session.project(project))
    info = session.client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=target, details=True))
    if output.raw:
        output.documents([info])
        return
    print_labels(_labels(info, full=output.full_timestamps))


def _labels(info: Message, *, full: bool) -> list[tuple[str, str]]:
    details = info.details
    return [
        ("Name", info.pipeline.name),
        ("Project", info.pipeline.project.name),
        ("Version", str(info.version)),
        ("Description", printable(details.description)),
        ("Created", moment(details.created_at, full=full)),
        ("State", paint(pipeline_state(info.state))),
        ("Reason", printable(info.reason)),
        ("Workers Available", f"{details.workers_available}/{details.workers_requested}"),
        ("Stopped", "true" if info.stopped else "false"),
        ("Parallelism Spec", str(info.parallelism)),
        ("Image", f"{info.calf.image.name} ({info.calf.image.digest})" if info.calf.image.digest else ""),
        ("Datum Timeout", _seconds(details.datum_timeout)),
        ("Job Timeout", _seconds(details.job_timeout)),
        ("Input", _json(details.input)),
        ("Output Branch", details.output_branch),
        ("Transform", _json(details.transform)),
        ("Egress", _json(details.egress)),
        ("User Spec", _pretty(info.user_spec_json)),
        ("Effective Spec", _pretty(info.effective_spec_json)),
    ]


def _seconds(duration: Message) -> str:
    seconds = read_duration(duration)
    return durations.format(seconds) if seconds else ""


def _json(message: Message) -> str:
    document = to_document(message)
    return f"\n{json.dumps(document, indent=2, ensure_ascii=False)}" if document else ""


def _pretty(text: str) -> str:
    return f"\n{json.dumps(json.loads(text), indent=2, ensure_ascii=False)}" if text else ""
