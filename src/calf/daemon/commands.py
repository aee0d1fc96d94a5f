"""The commands of `calf` by name: its own, and two of pachctl's, whose modules are loaded only when used."""

from __future__ import annotations

from typing import Any

import click

CARRYING = {"export": "export_commit", "import": "import_commit"}
"""Those of pachctl's that carry commits between any two Pachyderms, and their modules."""


class Commands(click.Group):
    """A group that says where the command is that somebody may have meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, sorted."""
        return sorted([*super().list_commands(ctx), *CARRYING])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name."""
        if name not in CARRYING:
            return super().get_command(ctx, name)
        from calf.cli.groups import load_command

        return load_command(CARRYING[name])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does it; for an unknown word, the error has pachctl's command, or the nearest of ours."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(_unknown(args[0], self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


def _unknown(word: str, ours: list[str]) -> str:
    from calf.cli.commands import ALIASES, SINGLES, VERBS
    from calf.cli.groups import unknown

    if word in SINGLES or word in VERBS or word in ALIASES:
        return f"there is no command `calf {word}`; `pachctl {word}` is one"
    return unknown(f"calf {word}", word, ours)
