"""pachctl list task."""

from __future__ import annotations

from collections.abc import Sequence

import click

from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.views.states import LONGEST_REASON
from calf.views.words import first_of
from calf.wire.messages import Message, taskapi


@click.command("task")
@click.argument("group", required=False, metavar="[NAMESPACE[/GROUP]]")
@output_options
@click.pass_obj
def command(session: Session, group: str | None, output: Output) -> None:
    """List the tasks that workers share; here datums are handed out without tasks, so there are none."""
    namespace, _, inside = (group or "").partition("/")
    request = taskapi.ListTaskRequest(group=taskapi.Group(namespace=namespace, group=inside))
    output.records(
        ("ID", "NAMESPACE", "GROUP", "STATE", "REASON"), session.client.pps.ListTask(request), _row
    )


def _row(info: Message) -> Sequence[str]:
    state = str(taskapi.State.Name(info.state)).lower()
    return info.id, info.group.namespace, info.group.group, state, first_of(info.reason, LONGEST_REASON)
