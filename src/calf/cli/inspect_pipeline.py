"""pachctl inspect pipeline."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.colours import paint_pipeline
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.views.labels import image_words, json_block, message_block, seconds
from calf.views.states import pipeline_state
from calf.views.words import moment, paragraph, printable
from calf.wire.messages import Message, pps

_ALWAYS = {"Description", "Reason", "Datum Timeout", "Job Timeout", "Recent Error"}
"""What Pachyderm shows with and without a value."""


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
    print_labels(_labels(info, full=output.full_timestamps), _ALWAYS)


def _labels(info: Message, *, full: bool) -> list[tuple[str, str]]:
    details = info.details
    return [
        ("Name", info.pipeline.name),
        ("Project", info.pipeline.project.name),
        ("Version", str(info.version)),
        ("Description", printable(details.description)),
        ("Created", moment(details.created_at, full=full)),
        ("State", paint_pipeline(pipeline_state(info.state))),
        ("Reason", paragraph(info.reason)),
        ("Workers Available", f"{details.workers_available}/{details.workers_requested}"),
        ("Stopped", "true" if info.stopped else "false"),
        ("Parallelism Spec", str(info.parallelism)),
        ("Image", image_words(info.calf.image)),
        ("Resource Requests", message_block(details.resource_requests)),
        ("Resource Limits", message_block(details.resource_limits)),
        ("Datum Timeout", seconds(details.datum_timeout)),
        ("Job Timeout", seconds(details.job_timeout)),
        ("Input", message_block(details.input)),
        ("Output Branch", details.output_branch),
        ("Transform", message_block(details.transform)),
        ("Egress", message_block(details.egress)),
        ("Recent Error", printable(details.recent_error)),
        ("User Spec", json_block(info.user_spec_json)),
        ("Effective Spec", json_block(info.effective_spec_json)),
    ]
