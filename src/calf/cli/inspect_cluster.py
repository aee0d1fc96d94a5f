"""pachctl inspect cluster."""

from __future__ import annotations

import click

from calf.cli.greeting import client_version
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.wire.messages import admin


@click.command("cluster")
@output_options
@click.pass_obj
def command(session: Session, output: Output) -> None:
    """Show the server's address and id."""
    request = admin.InspectClusterRequest(client_version=client_version())
    info = session.client.admin.InspectCluster(request)
    if output.raw:
        output.documents([info])
    else:
        print_labels([("Address", session.address), ("ID", info.id), ("Deployment ID", info.deployment_id)])
