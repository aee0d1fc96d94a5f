"""pachctl shell: command after command, with completion."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from functools import partial

import click

from calf.kit import exit_codes


@click.command("shell")
@click.pass_context
def command(ctx: click.Context) -> int:
    """Take one command after another, without the word pachctl; the tab key completes. `exit` leaves.

    \b
    pachctl shell
    > list repo
    > exit
    """
    from calf.cli.main import main

    ask = _asker(ctx.find_root().command)
    code = exit_codes.OK
    while (line := ask()) is not None:
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            click.echo(f"error: {error}", err=True)
            continue
        if words[:1] == ["pachctl"]:
            del words[0]
        if words[:1] == ["exit"]:
            break
        if words:
            code = main(words)
    return code


def _asker(root: click.Command) -> Callable[[], str | None]:
    """What reads the next line; None at the end. Only a terminal gets a prompt and completion."""
    if not sys.stdin.isatty():
        return lambda: sys.stdin.readline() or None
    import readline

    readline.set_completer_delims(" ")
    readline.set_completer(partial(_candidate, root))
    readline.parse_and_bind("tab: complete")
    click.echo("Type a command without `pachctl`; the tab key completes, `exit` leaves.")
    return _ask_terminal


def _ask_terminal() -> str | None:
    try:
        return input("> ")
    except EOFError:
        click.echo()
        return None


def _candidate(root: click.Command, text: str, number: int) -> str | None:
    import readline

    before = readline.get_line_buffer()[: readline.get_begidx()].split()
    if before[:1] == ["pachctl"]:
        del before[0]
    found = _candidates(root, before, text)
    return found[number] if number < len(found) else None


def _candidates(root: click.Command, before: Sequence[str], text: str) -> list[str]:
    from calf.cli.candidates import complete

    values = [item.value for item in complete(root, before, text)]
    return [value if value[-1:] in "@:/" else f"{value} " for value in values]
