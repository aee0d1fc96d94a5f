"""pachctl kube-events and loki: what Kubernetes and its log store have to say."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from calf.cli.parameters import SECONDS
from calf.cli.session import Session
from calf.cli.table import print_table
from calf.wire.messages import Message, google, pps

# Where each column may stand in an event.
_KEYS = (("lastTimestamp", "time"), ("type",), ("reason",), ("involvedObject", "object"), ("message", "msg"))
_INSTEAD = "nothing; without Kubernetes there are `pachctl logs` and, for the server, `pachctl debug dump`"
_since = click.option("--since", type=SECONDS, default="24h", show_default=True, help="Not older.")


@click.command("kube-events")
@_since
@click.option("--raw", is_flag=True, help="Print the events as they came.")
@click.pass_obj
def kube_events(session: Session, since: float, raw: bool) -> None:
    """Show what Kubernetes did with Pachyderm's pods."""
    messages = [each.message for each in session.client.pps.GetKubeEvents(_request(since))]
    if not messages:
        click.echo(_INSTEAD, err=True)
    if raw:
        for message in messages:
            click.echo(message)
    else:
        print_table(("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"), _rows(messages))


def _rows(messages: list[str]) -> Iterator[tuple[str, ...]]:
    for message in messages:
        try:
            event = json.loads(message)
        except ValueError:
            yield ("", "", "", "", message)
            continue
        yield tuple(next((str(event[key]) for key in keys if event.get(key)), "") for keys in _KEYS)


@click.command("loki")
@click.argument("query")
@_since
@click.pass_obj
def loki(session: Session, query: str, since: float) -> None:
    """Search the cluster's log store."""
    messages = [each.message for each in session.client.pps.QueryLoki(_request(since, query))]
    for message in messages:
        click.echo(message)
    if not messages:
        click.echo(_INSTEAD, err=True)


def _request(since: float, query: str = "") -> Message:
    return pps.LokiRequest(since=google.Duration(seconds=int(since)), query=query)
