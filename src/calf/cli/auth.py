"""pachctl auth: who is who and who may do what, on a Pachyderm where that is on."""

from __future__ import annotations

import sys

import click

from calf.cli.auth_roles import check_group, get_group, roles_for_permission, set_group
from calf.cli.parameters import SECONDS
from calf.cli.passing import Passed, passing_group
from calf.cli.session import Session
from calf.wire.messages import auth as api

_API = "auth_v2.API"
_OFF = (
    "calf knows no users: it serves this machine, or whoever has a token of `calf up --token-file`;"
    " keep yours with `pachctl auth use-auth-token`"
)

command = passing_group(
    "auth",
    "Log in, and ask about users, groups and roles.",
    [
        Passed("whoami", "Show who you are.", f"{_API}/WhoAmI"),
        Passed("get-config", "Show the configuration of auth.", f"{_API}/GetConfiguration"),
        Passed("set-config", "Set the configuration.", f"{_API}/SetConfiguration", document="configuration"),
        Passed("rotate-root-token", "Make a new root token.", f"{_API}/RotateRootToken"),
        Passed("deactivate", "Switch auth off.", f"{_API}/Deactivate"),
    ],
    _OFF,
)


@command.command("activate")
@click.option("--supply-root-token", is_flag=True, help="Read the root token from standard input.")
@click.pass_obj
def activate(session: Session, supply_root_token: bool) -> None:
    """Switch auth on, and become its first administrator."""
    token = _read() if supply_root_token else ""
    answer = session.client.auth.Activate(api.ActivateRequest(root_token=token))
    _keep_token(session, answer.pach_token)
    if not supply_root_token:
        click.echo(f"Pachyderm root token:\n{answer.pach_token}")


@command.command("login")
@click.option("-t", "--id-token", is_flag=True, help="Read an OIDC id token from standard input.")
@click.option("-b", "--no-browser", is_flag=True, help="Taken for scripts: the address is always printed.")
@click.pass_obj
def login(session: Session, id_token: bool, no_browser: bool) -> None:  # noqa: ARG001 - see its help
    """Log in; what you may do then goes along with every command."""
    if id_token:
        request = api.AuthenticateRequest(id_token=_read())
    else:
        asked = session.client.auth.GetOIDCLogin(api.GetOIDCLoginRequest())
        click.echo(f"You will momentarily be directed to your IdP. If not, open\n{asked.login_url}")
        request = api.AuthenticateRequest(oidc_state=asked.state)
    _keep_token(session, session.client.auth.Authenticate(request).pach_token)


@command.command("logout")
@click.pass_obj
def logout(session: Session) -> None:
    """Forget the token that the active context keeps."""
    _keep_token(session, "")


@command.command("use-auth-token")
@click.pass_obj
def use_auth_token(session: Session) -> None:
    """Keep a token, read from standard input, in the active context."""
    _keep_token(session, _read("Please paste your Pachyderm auth token:"))


@command.command("get-robot-token")
@click.argument("username")
@click.option("-q", "--quiet", is_flag=True, help="Print the token and nothing else.")
@click.option("--ttl", type=SECONDS, default=0.0, help="How long it is good for; default: for ever.")
@click.pass_obj
def get_robot_token(session: Session, username: str, quiet: bool, ttl: float) -> None:
    """Make a token for a program."""
    request = api.GetRobotTokenRequest(robot=username.removeprefix("robot:"), ttl=int(ttl))
    token = session.client.auth.GetRobotToken(request).token
    click.echo(token if quiet else f"Token: {token}")


@command.command("revoke")
@click.option("--token", help="This token.")
@click.option("--user", help="All tokens of this user.")
@click.pass_obj
def revoke(session: Session, token: str | None, user: str | None) -> None:
    """Make tokens invalid."""
    if bool(token) == bool(user):
        raise click.UsageError("give --token or --user")
    service = session.client.auth
    if token:
        answer = service.RevokeAuthToken(api.RevokeAuthTokenRequest(token=token))
    else:
        answer = service.RevokeAuthTokensForUser(api.RevokeAuthTokensForUserRequest(username=user))
    click.echo(f"{answer.number} auth tokens revoked")


@command.command("get-groups")
@click.argument("username", required=False)
@click.pass_obj
def get_groups(session: Session, username: str | None) -> None:
    """List the groups that you, or a user, belong to."""
    service = session.client.auth
    if username:
        answer = service.GetGroupsForPrincipal(api.GetGroupsForPrincipalRequest(principal=username))
    else:
        answer = service.GetGroups(api.GetGroupsRequest())
    for group in answer.groups:
        click.echo(group)


for _each in (check_group, get_group, set_group, roles_for_permission):
    command.add_command(_each)


def _read(prompt: str = "") -> str:
    if prompt and sys.stdin.isatty():
        click.echo(prompt, err=True)
    return sys.stdin.readline().strip()


def _keep_token(session: Session, token: str) -> None:
    from calf.client.config import save_config

    config = session.config
    name = session.environ.get("PACH_CONTEXT") or config.active
    if not name:
        raise click.UsageError("there is no active context; make one with `pachctl connect ADDRESS`")
    context = {key: value for key, value in config.context(name).items() if key != "session_token"}
    save_config(config.with_context(name, {**context, "session_token": token} if token else context))
