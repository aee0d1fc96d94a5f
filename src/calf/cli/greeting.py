"""What a client says first: who it is and which server it means; what the server warns of goes to standard
error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from calf.model.errors import Precondition, Unimplemented
from calf.views.words import printable
from calf.wire.limits import API_VERSION
from calf.wire.messages import Message, admin, google, pfs, version

if TYPE_CHECKING:
    from calf.cli.session import Session
    from calf.client.connection import Client


def greet(client: Client, session: Session) -> None:
    """Show what the server warns of; refuse a server that is not the one that the context was made for.

    Raises Precondition then, and for a server of another major version.
    """
    request = admin.InspectClusterRequest(
        client_version=client_version(),
        current_project=pfs.Project(name=session.project(None)),
    )
    try:
        cluster = client.admin.InspectCluster(request)
    except Unimplemented:
        _check_major(client.version.GetVersion(google.Empty()))
        return
    for warning in cluster.warnings:
        click.echo(f"WARNING: {printable(warning)}", err=True)
    if not session.environ.get("PACHD_ADDRESS"):
        _check_deployment(session, cluster.deployment_id)


def client_version() -> Message:
    """The version that this client says it has."""
    major, minor, micro = API_VERSION
    return version.Version(major=major, minor=minor, micro=micro, additional="-calf")


def _check_major(server: Message) -> None:
    if server.major != API_VERSION[0]:
        raise Precondition(
            f"the server is Pachyderm {server.major}.{server.minor}.{server.micro}",
            f"this pachctl speaks {API_VERSION[0]}.x only",
        )


def _check_deployment(session: Session, found: str) -> None:
    """Remember the server's deployment at the first connection, and compare it at every other."""
    from calf.client.config import save_config

    config = session.config
    name = session.environ.get("PACH_CONTEXT") or config.active
    known = session.context.get("cluster_deployment_id")
    if not name or not found or known == found:
        return
    if known:
        raise Precondition(
            f'connected to the wrong cluster (context cluster deployment ID = "{known}" '
            f'vs reported = "{found}")',
            "if the server was made anew on purpose: "
            f"`pachctl config update context {name} --remove-cluster-deployment-id`",
        )
    save_config(config.with_context(name, {**config.context(name), "cluster_deployment_id": found}))
