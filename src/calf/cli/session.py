"""What every command stands on: the environment, the configuration, the current project, the connection."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from calf.client.config import Config
    from calf.client.connection import Client
    from calf.client.terms import Terms

DEFAULT_PROJECT = "default"
AGENT = "calf-pachctl"


class Session:
    """Opened by the root command; connects on first use and closes at the end of the command."""

    def __init__(self, environ: Mapping[str, str] | None = None, home: Path | None = None) -> None:
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.timeout: float | None = None
        self._home = home
        self._client: Client | None = None
        self._bare = False
        self._warned: set[str] = set()

    @property
    def config(self) -> Config:
        """The configuration as it is on the disk."""
        from calf.client.config import find_config, load_config

        return load_config(find_config(self.environ, self._home or Path.home()))

    @property
    def context(self) -> Mapping[str, Any]:
        """The context in force; empty when there is none."""
        from calf.client.config import active_context

        if self._bare:
            return {}
        return active_context(self.config, self.environ)

    @property
    def client(self) -> Client:
        """The connection to the server in force, which was greeted first."""
        if self._client is None:
            from calf.cli.greeting import greet
            from calf.client.connection import connect

            self._client = connect(self.address, self._terms())
            greet(self._client, self)
        return self._client

    @property
    def address(self) -> str:
        """The server's address in force."""
        from calf.client.config import choose_address

        return self.environ["PACHD_ADDRESS"] if self._bare else choose_address(self.config, self.environ)

    def project(self, given: str | None) -> str:
        """The project in force: the one given, else the active context's, else `default`."""
        return given or str(self.context.get("project") or "") or DEFAULT_PROJECT

    def warn(self, text: str) -> None:
        """Say something on standard error, once in the life of this session."""
        if text not in self._warned:
            self._warned.add(text)
            click.echo(f"warning: {text}", err=True)

    def use_enterprise_context(self) -> None:
        """From now on, mean the enterprise server's context; the active one when there is none."""
        name = self.config.setting("active_enterprise_context")
        if name:
            self._use_context(str(name))

    def use_server(self, server: str) -> None:
        """From now on, mean the context of this name, or the server at this address.

        An address has nothing of any context: no server gets a token that was meant for another.
        """
        if server in self.config.contexts:
            self._use_context(server)
        else:
            self.environ = {**self.environ, "PACHD_ADDRESS": server}
            self._bare = True

    def _use_context(self, name: str) -> None:
        kept = {key: value for key, value in self.environ.items() if key != "PACHD_ADDRESS"}
        self.environ = {**kept, "PACH_CONTEXT": name}

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._client is not None:
            self._client.close()

    def _terms(self) -> Terms:
        from calf.client.config import certificates
        from calf.client.terms import Terms
        from calf.wire.limits import AUTHENTICATION_KEY

        context = self.context
        kept = {AUTHENTICATION_KEY: "session_token", "pach-transaction": "active_transaction"}
        metadata = tuple((key, str(context[name])) for key, name in kept.items() if context.get(name))
        return Terms(AGENT, metadata, self.timeout, certificates(context), self._note_at_once)

    def _note_at_once(self) -> None:
        """Say that the command is no part of the open transaction, before it is done."""
        words = click.get_current_context().command_path.partition(" ")[2]
        text = f"note: `{words}` is not part of transaction {self.context['active_transaction']}: it runs now"
        if text not in self._warned:
            self._warned.add(text)
            click.echo(text, err=True)


def project_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--project`."""
    return click.option("--project", metavar="NAME", help="The project; default: the current one.")(function)


def server_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--server`: the session is with that one."""

    def use(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
        if value:
            ctx.ensure_object(Session).use_server(value)

    text = "Which Pachyderm, calf or a cluster; default: that of the active context."
    option = click.option("--server", metavar="ADDRESS|CONTEXT", help=text, callback=use, expose_value=False)
    return option(function)


def all_projects_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `-A`."""
    return click.option("-A", "--all-projects", is_flag=True, help="In all projects.")(function)
