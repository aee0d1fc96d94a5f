"""pachctl inspect project."""

from __future__ import annotations

import click

from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.model.errors import Unimplemented
from calf.views.words import moment, printable
from calf.wire.messages import Message, pfs


@click.command("project")
@click.argument("name")
@output_options
@click.pass_obj
def command(session: Session, name: str, output: Output) -> None:
    """Show a project, and the defaults of its pipelines.

    \b
    pachctl inspect project lab
    """
    info, defaults = _ask(session, pfs.Project(name=name))
    if output.raw:
        output.documents([info])
        return
    print_labels(
        [
            ("Name", info.project.name),
            ("Description", printable(info.description)),
            ("Created", moment(info.created_at, full=output.full_timestamps)),
            ("Defaults", printable(defaults)),
        ]
    )


def _ask(session: Session, project: Message) -> tuple[Message, str]:
    """The record and the project's defaults, which Pachyderm before 2.8 does not know."""
    try:
        answer = session.client.pfs.InspectProjectV2(pfs.InspectProjectV2Request(project=project))
    except Unimplemented:
        return session.client.pfs.InspectProject(pfs.InspectProjectRequest(project=project)), ""
    return answer.info, answer.defaults_json or "{}"
