"""pachctl config get|set|list|update|delete context."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from calf.cli.certificates import server_cas_path
from calf.cli.session import Session
from calf.cli.table import print_table
from calf.model.errors import AlreadyExists, InvalidArgument


@click.command("context")
@click.argument("name")
@click.pass_obj
def get_context(session: Session, name: str) -> None:
    """Show a context as JSON."""
    click.echo(json.dumps(session.config.context(name), indent=2))


@click.command("context")
@click.argument("name")
@click.option("--overwrite", is_flag=True, help="Replace a context of this name.")
@server_cas_path
@click.pass_obj
def set_context(session: Session, name: str, overwrite: bool, server_cas_path: str | None) -> None:
    """Set a context to the JSON object on standard input, in the form that `get context` prints.

    \b
    echo '{"pachd_address": "grpc://localhost:30650"}' | pachctl config set context mine
    """
    from calf.client.config import save_config

    config = session.config
    if name in config.contexts and not overwrite:
        raise AlreadyExists(f'context "{name}" already exists', "replace it with --overwrite")
    trusted = {"server_cas": server_cas_path} if server_cas_path else {}
    save_config(config.with_context(name, {**_read_context(), **trusted}))


def _read_context() -> Mapping[str, Any]:
    try:
        context = json.loads(sys.stdin.read() or "{}")
    except ValueError as error:
        raise InvalidArgument(f"standard input is not valid JSON: {error}") from error
    if not isinstance(context, dict):
        raise InvalidArgument("standard input holds no JSON object")
    return context


@click.command("context")
@click.pass_obj
def list_context(session: Session) -> None:
    """List the contexts; the active one has a star, that of an enterprise server an E."""
    config = session.config
    enterprise = config.setting("active_enterprise_context")
    rows = (
        (("E" if name == enterprise else "") + ("*" if name == config.active else ""), name)
        for name in sorted(config.contexts)
    )
    print_table(("ACTIVE", "NAME"), rows)


@click.command("context")
@click.argument("name", required=False)
@click.option("--project", help="The current project.")
@click.option("--pachd-address", help="The server's address.")
@click.option("--server-cas", help="Roots that a grpcs:// server is trusted by: PEM in base64.")
@server_cas_path
@click.option("--cluster-name", help="A name for the cluster, for people.")
@click.option("--auth-info", help="kubectl's user, for other clients.")
@click.option("--namespace", help="Kubernetes' namespace, for other clients.")
@click.option(
    "--remove-cluster-deployment-id",
    is_flag=True,
    help="Forget which server this context was made for: the next one that answers is it.",
)
@click.pass_obj
def update_context(
    session: Session,
    /,
    name: str | None,
    remove_cluster_deployment_id: bool,
    server_cas_path: str | None,
    **changes: str | None,
) -> None:
    """Change a context, by default the active one.

    \b
    pachctl config update context --project lab
    pachctl config update context mine --pachd-address localhost:30651
    """
    from calf.client.config import qualify, save_config

    config = session.config
    if not name:
        name = session.environ.get("PACH_CONTEXT") or config.active
        if not name:
            raise click.UsageError("there is no active context; make one with `pachctl connect ADDRESS`")
        click.echo(f'editing the currently active context "{name}"')
    changes["server_cas"] = server_cas_path or changes["server_cas"]
    given = {key: value for key, value in changes.items() if value is not None}
    if "pachd_address" in given:
        given["pachd_address"] = qualify(given["pachd_address"])
    context = {**config.context(name), **given}
    if remove_cluster_deployment_id:
        context.pop("cluster_deployment_id", None)
    save_config(config.with_context(name, context))


@click.command("context")
@click.argument("name")
@click.pass_obj
def delete_context(session: Session, name: str) -> None:
    """Delete a context that is not active."""
    from calf.client.config import save_config

    config = session.config
    config.context(name)
    if name == config.active:
        raise click.UsageError("cannot delete an active context; make another one active first")
    save_config(config.with_context(name, None))
