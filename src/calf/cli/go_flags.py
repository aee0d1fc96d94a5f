"""Flags with values, as Go's programs take them: `--progress=false`, `-r=true`, `-n=5`.

Scripts that were written for Pachyderm's own pachctl use them. Click knows no value of a flag, so they are
rewritten before it reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

_TRUE = frozenset(("1", "t", "T", "true", "True", "TRUE"))
_FALSE = frozenset(("0", "f", "F", "false", "False", "FALSE"))


class Words(click.Group):
    """A group whose commands take flags with values."""

    group_class = type

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does it."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is None or isinstance(command, click.Group):
            return name, command, rest
        return name, command, without_go_flags(command, rest)


def without_go_flags(command: click.Command, args: Sequence[str]) -> list[str]:
    """The arguments in click's own form; a flag that is off is left out. Raises a usage error."""
    options = {
        name: option
        for option in command.params
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
    }
    return list(_rewritten(options, args))


def _rewritten(options: Mapping[str, click.Option], args: Sequence[str]) -> Iterator[str]:
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            yield arg
            break
        name, equals, value = arg.partition("=")
        if not equals:
            yield arg
            if _takes_next(options, arg):
                yield from (each for each in [next(rest, None)] if each is not None)
        elif arg.startswith("--"):
            option = options.get(name)
            yield from [arg] if option is None or not option.is_flag else _switched(option, name, value)
        else:
            yield from _short(options, arg, name, value)
    yield from rest


def _takes_next(options: Mapping[str, click.Option], arg: str) -> bool:
    """Whether the value of this argument is the next one: `--number 5`, `-xn 5`."""
    if arg.startswith("--") or arg in options:
        return arg in options and not options[arg].is_flag
    found = list(_letters(options, arg))
    return bool(found) and len(found) == len(arg) - 1 and not found[-1].is_flag


def _letters(options: Mapping[str, click.Option], arg: str) -> Iterator[click.Option]:
    """The options of `-abc`, up to the first that takes the rest as its value."""
    for letter in arg[1:] if arg.startswith("-") else "":
        option = options.get(f"-{letter}")
        if option is None:
            return
        yield option
        if not option.is_flag:
            return


def _short(options: Mapping[str, click.Option], arg: str, name: str, value: str) -> Iterator[str]:
    """`-r=false`, `-xr=true`, `-n=5`; anything else is as it was."""
    found = list(_letters(options, name))
    if len(name) < 2 or len(found) != len(name) - 1:
        yield arg
    elif found[-1].is_flag:
        if len(name) > 2:
            yield name[:-1]
        yield from _switched(found[-1], f"-{name[-1]}", value)
    else:
        yield from (name, value)


def _switched(option: click.Option, name: str, value: str) -> Iterator[str]:
    """The flag alone when it is on, what switches it off, or nothing, when it is not."""
    if value in _TRUE:
        yield name
    elif value not in _FALSE:
        raise click.UsageError(f"{name} is true or false, not {value!r}")
    elif option.secondary_opts:
        yield option.secondary_opts[0]
