"""pachctl auth check|get|set: what someone may do with a project, a repo or the cluster."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.go_flags import Words
from calf.cli.session import Session, project_option
from calf.wire.messages import Message
from calf.wire.messages import auth as api


@click.group("check", cls=Words)
def check_group() -> None:
    """Show the permissions that you, or a user, have."""


@click.group("get", cls=Words)
def get_group() -> None:
    """Show who has which roles."""


@click.group("set", cls=Words)
def set_group() -> None:
    """Set a user's roles."""


@click.command("roles-for-permission")
@click.argument("permission")
@click.pass_obj
def roles_for_permission(session: Session, permission: str) -> None:
    """List the roles that grant a permission, such as repoRead."""
    known = {name.replace("_", "").lower(): name for name, _number in api.Permission.items()}
    name = known.get(permission.replace("_", "").lower())
    if name is None:
        raise click.UsageError(f"unknown permission: {permission}")
    request = api.GetRolesForPermissionRequest(permission=api.Permission.Value(name))
    roles = session.client.auth.GetRolesForPermission(request).roles
    for role in sorted(role.name for role in roles):
        click.echo(role)


def _project(name: str, _project: str) -> Message:
    return api.Resource(type=api.PROJECT, name=name)


def _repo(name: str, project: str) -> Message:
    return api.Resource(type=api.REPO, name=f"{project}/{refs.repo(name, project).name}")


_NAMED = {"project": _project, "repo": _repo}


def _add(kind: str) -> None:
    """The three commands for a kind of resource that has a name."""

    @check_group.command(kind, help=f"Show the permissions on a {kind}.")
    @click.argument("name", metavar=kind.upper())
    @click.argument("user", required=False)
    @project_option
    @click.pass_obj
    def check(session: Session, name: str, user: str | None, project: str | None) -> None:
        _check(session, _NAMED[kind](name, session.project(project)), user)

    @get_group.command(kind, help=f"Show who has which roles on a {kind}.")
    @click.argument("name", metavar=kind.upper())
    @project_option
    @click.pass_obj
    def get(session: Session, name: str, project: str | None) -> None:
        _get(session, _NAMED[kind](name, session.project(project)))

    @set_group.command(kind, help=f"Set a user's roles on a {kind}; `none` takes all away.")
    @click.argument("name", metavar=kind.upper())
    @click.argument("roles", metavar="ROLE,...")
    @click.argument("user")
    @project_option
    @click.pass_obj
    def set_(session: Session, name: str, roles: str, user: str, project: str | None) -> None:
        _set(session, _NAMED[kind](name, session.project(project)), roles, user)


for _kind in _NAMED:
    _add(_kind)


@check_group.command("cluster")
@click.argument("user", required=False)
@click.pass_obj
def check_cluster(session: Session, user: str | None) -> None:
    """Show the permissions on the cluster."""
    _check(session, api.Resource(type=api.CLUSTER), user)


@get_group.command("cluster")
@click.pass_obj
def get_cluster(session: Session) -> None:
    """Show who has which roles on the cluster."""
    _get(session, api.Resource(type=api.CLUSTER))


@set_group.command("cluster")
@click.argument("roles", metavar="ROLE,...")
@click.argument("user")
@click.pass_obj
def set_cluster(session: Session, roles: str, user: str) -> None:
    """Set a user's roles on the cluster; `none` takes all away."""
    _set(session, api.Resource(type=api.CLUSTER), roles, user)


def _check(session: Session, resource: Message, user: str | None) -> None:
    service = session.client.auth
    if user:
        asked = api.GetPermissionsForPrincipalRequest(resource=resource, principal=user)
        answer = service.GetPermissionsForPrincipal(asked)
    else:
        answer = service.GetPermissions(api.GetPermissionsRequest(resource=resource))
    click.echo(f"Roles: {', '.join(answer.roles)}\nPermissions:")
    for each in answer.permissions:
        click.echo(f"  {api.Permission.Name(each)}")


def _get(session: Session, resource: Message) -> None:
    answer = session.client.auth.GetRoleBinding(api.GetRoleBindingRequest(resource=resource))
    for principal, roles in sorted(answer.binding.entries.items()):
        click.echo(f"{principal}: [{' '.join(sorted(name for name, on in roles.roles.items() if on))}]")


def _set(session: Session, resource: Message, roles: str, user: str) -> None:
    wanted = [] if roles == "none" else roles.split(",")
    session.client.auth.ModifyRoleBinding(
        api.ModifyRoleBindingRequest(resource=resource, principal=user, roles=wanted)
    )
