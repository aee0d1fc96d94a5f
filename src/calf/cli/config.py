"""pachctl config: contexts, each a server and a current project."""

from __future__ import annotations

import json

import click

from calf.cli.session import Session
from calf.cli.table import print_table


@click.group("config")
def command() -> None:
    """Read and change the clients' configuration ($PACH_CONFIG, else ~/.pachyderm/config.json)."""


@command.group("get")
def get_group() -> None:
    """Show a setting."""


@command.group("set")
def set_group() -> None:
    """Change a setting."""


@command.group("list")
def list_group() -> None:
    """List settings."""


@command.group("update")
def update_group() -> None:
    """Change part of a setting."""


@command.group("delete")
def delete_group() -> None:
    """Delete a setting."""


@get_group.command("active-context")
@click.pass_obj
def get_active(session: Session) -> None:
    """Show the name of the active context."""
    click.echo(session.environ.get("PACH_CONTEXT") or session.config.active)


@set_group.command("active-context")
@click.argument("name")
@click.pass_obj
def set_active(session: Session, name: str) -> None:
    """Make a context the active one."""
    from calf.client.config import save_config

    save_config(session.config.with_active(name))
    click.echo(f"Context '{name}' set as active")


@get_group.command("context")
@click.argument("name")
@click.pass_obj
def get_context(session: Session, name: str) -> None:
    """Show a context as JSON."""
    click.echo(json.dumps(session.config.context(name), indent=2))


@list_group.command("context")
@click.pass_obj
def list_context(session: Session) -> None:
    """List the contexts; the active one has a star."""
    config = session.config
    rows = (("*" if name == config.active else "", name) for name in sorted(config.contexts))
    print_table(("ACTIVE", "NAME"), rows)


@update_group.command("context")
@click.argument("name", required=False)
@click.option("--project", help="The current project.")
@click.option("--pachd-address", help="The server's address.")
@click.pass_obj
def update_context(
    session: Session, name: str | None, project: str | None, pachd_address: str | None
) -> None:
    """Change a context, by default the active one."""
    from calf.client.config import parse_address, save_config

    config = session.config
    name = name or config.active
    if not name:
        raise click.UsageError("there is no active context; make one with `pachctl connect ADDRESS`")
    changes = {"project": project} if project is not None else {}
    if pachd_address:
        changes["pachd_address"] = f"grpc://{parse_address(pachd_address)}"
    save_config(config.with_context(name, {**config.context(name), **changes}))


@delete_group.command("context")
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
