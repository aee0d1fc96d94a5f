"""pachctl delete all."""

from __future__ import annotations

from contextlib import suppress

import click

from calf.cli.confirm import confirm
from calf.cli.session import Session
from calf.model.errors import Unimplemented
from calf.wire.messages import Message, auth, google, identity, pfs, pps, transaction


@click.command("all")
@click.pass_obj
def command(session: Session) -> None:
    """Delete everything: all pipelines, repos, projects and transactions.

    \b
    yes | pachctl delete all
    """
    client = session.client
    repos = [_name(info.repo) for info in client.pfs.ListRepo(pfs.ListRepoRequest(type="user"))]
    pipelines = [_name(info.pipeline) for info in client.pps.ListPipeline(pps.ListPipelineRequest())]
    click.echo(f"Repos: {', '.join(repos) or 'none'}\nPipelines: {', '.join(pipelines) or 'none'}", err=True)
    confirm(f"Delete everything on {session.address}: all projects, repos, commits, pipelines and jobs?")
    with suppress(Unimplemented):
        client.identity.DeleteAll(identity.DeleteAllRequest())
    with suppress(Unimplemented):
        client.auth.Deactivate(auth.DeactivateRequest())
    client.pps.DeleteAll(google.Empty())
    client.pfs.DeleteAll(google.Empty())
    client.transaction.DeleteAll(transaction.DeleteAllRequest())


def _name(thing: Message) -> str:
    """With its project: the same name may stand in several."""
    return f"{thing.project.name}/{thing.name}"
