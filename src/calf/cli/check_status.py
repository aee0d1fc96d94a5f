"""pachctl check status."""

from __future__ import annotations

from collections.abc import Iterator

import click

from calf.cli.output import Output, output_options
from calf.cli.session import Session, all_projects_option, project_option
from calf.cli.table import print_table
from calf.wire.messages import Message, pfs, pps


@click.command("status")
@all_projects_option
@project_option
@output_options
@click.pass_obj
def command(session: Session, all_projects: bool, project: str | None, output: Output) -> None:
    """Show what is wrong with the pipelines of a project: those that fail, crash or run for too long.

    \b
    pachctl check status
    pachctl check status -A
    """
    if all_projects:
        request = pps.CheckStatusRequest(all=True)
    else:
        request = pps.CheckStatusRequest(project=pfs.Project(name=session.project(project)))
    found = session.client.pps.CheckStatus(request)
    if output.raw:
        output.documents(found)
    else:
        print_table(("PROJECT", "PIPELINE", "ALERT"), (row for info in found for row in _rows(info)))


def _rows(info: Message) -> Iterator[tuple[str, str, str]]:
    project = info.project.name or info.pipeline.project.name
    for alert in info.alerts:
        yield project, info.pipeline.name, alert
