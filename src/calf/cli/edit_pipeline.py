"""pachctl edit pipeline."""

from __future__ import annotations

import json
import tempfile

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.cli.spec_files import parse_specs
from calf.cli.submit_spec import UNCHANGED, submit
from calf.model.errors import CalfError
from calf.wire.messages import pps


@click.command("pipeline")
@click.argument("pipeline")
@click.option("--reprocess", is_flag=True, help="Run every datum anew.")
@click.option("--editor", help="The editor; default: $EDITOR.")
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(["json", "yaml"]),
    default="json",
    help="How to show the spec.",
)
@project_option
@click.pass_obj
def command(
    session: Session, pipeline: str, reprocess: bool, editor: str | None, form: str, project: str | None
) -> None:
    """Edit the spec of a pipeline, and update it when it was changed."""
    where = session.project(project)
    request = pps.InspectPipelineRequest(pipeline=refs.pipeline(pipeline, where), details=True)
    document = json.loads(session.client.pps.InspectPipeline(request).user_spec_json)
    before = _render(document, form)
    after = click.edit(before, editor=editor, extension=f".{form}")
    if after is None or after == before:
        click.echo(UNCHANGED)
        return
    try:
        for spec in parse_specs(after, f"{pipeline}.{form}", where):
            submit(session, spec, pps.CreatePipelineV2Request(update=True, reprocess=reprocess))
    except CalfError as error:
        error.hint = "; ".join(
            [*filter(None, [error.hint]), f"what you wrote is kept in {_keep(after, form)}"]
        )
        raise


def _keep(text: str, form: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=f".{form}", prefix="spec-", delete=False) as file:
        file.write(text)
    return file.name


def _render(document: object, form: str) -> str:
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    import yaml

    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
