"""pachctl config: contexts, each a server and a current project, and the few settings beside them."""

from __future__ import annotations

import json

import click

from calf.cli.config_contexts import delete_context, get_context, list_context, set_context, update_context
from calf.cli.go_flags import Words
from calf.cli.session import Session


@click.group("config", cls=Words)
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


@get_group.command("active-enterprise-context")
@click.pass_obj
def get_active_enterprise(session: Session) -> None:
    """Show the name of the context of the enterprise server; the active one when there is none."""
    config = session.config
    click.echo(config.setting("active_enterprise_context") or config.active)


@set_group.command("active-enterprise-context")
@click.argument("name")
@click.pass_obj
def set_active_enterprise(session: Session, name: str) -> None:
    """Choose the context of the enterprise server, which only a Pachyderm cluster has."""
    from calf.client.config import save_config

    config = session.config
    config.context(name)
    save_config(config.with_setting("active_enterprise_context", name))


@get_group.command("metrics")
@click.pass_obj
def get_metrics(session: Session) -> None:
    """Show whether other clients may report how they are used; this one never does."""
    click.echo(json.dumps(bool(session.config.setting("metrics"))))


@set_group.command("metrics")
@click.argument("allowed", type=click.Choice(["true", "false"]))
@click.pass_obj
def set_metrics(session: Session, allowed: str) -> None:
    """Say whether other clients may report how they are used; this one never does."""
    from calf.client.config import save_config

    save_config(session.config.with_setting("metrics", allowed == "true"))


@command.command("import-kube")
@click.argument("name")
@click.option("-k", "--kubernetes", help="The context of kubectl.")
@click.option("-n", "--namespace", help="The namespace in the cluster.")
def import_kube(name: str, **_options: str | None) -> None:
    """Say how to reach a Pachyderm on Kubernetes: this pachctl does not read kubectl's configuration."""
    from calf.model.errors import Unimplemented

    raise Unimplemented(
        "this pachctl does not read kubectl's configuration",
        f"forward a port, and connect to it: `kubectl port-forward service/pachd 30650:30650`, then "
        f"`pachctl connect localhost:30650 --alias {name}`",
    )


get_group.add_command(get_context)
set_group.add_command(set_context)
list_group.add_command(list_context)
update_group.add_command(update_context)
delete_group.add_command(delete_context)
