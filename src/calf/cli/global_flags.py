"""The flags that every command takes, wherever they stand: `pachctl list repo --no-color`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from calf.cli.parameters import SECONDS
from calf.cli.session import Session


def add_global_flags(command: click.Command, *, hidden: bool = True) -> None:
    """Add `-v`, `--no-color` and `--rpc-timeout` to a command and to those below it, once."""
    if any(parameter.name == "verbose" for parameter in command.params):
        return
    command.params.extend(_flags(hidden=hidden))
    for below in getattr(command, "commands", {}).values():
        add_global_flags(below)


def _flags(*, hidden: bool) -> Iterator[click.Option]:
    yield click.Option(
        ["-v", "--verbose"],
        is_flag=True,
        expose_value=False,
        hidden=hidden,
        help="Show the traceback of an unexpected failure.",
    )
    yield click.Option(
        ["--no-color"],
        is_flag=True,
        expose_value=False,
        hidden=hidden,
        callback=_without_colour,
        help="Print no colours (also: NO_COLOR=1).",
    )
    yield click.Option(
        ["--rpc-timeout"],
        type=SECONDS,
        expose_value=False,
        hidden=hidden,
        callback=_with_timeout,
        help="Give up when the server takes longer than this to answer, such as 30s.",
    )


def _without_colour(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    each: click.Context | None = ctx if value else None
    while each is not None:
        each.color = False
        each = each.parent


def _with_timeout(ctx: click.Context, _parameter: click.Parameter, value: float | None) -> None:
    if value is not None:
        ctx.ensure_object(Session).timeout = value
