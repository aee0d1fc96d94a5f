"""The grammar `pachctl VERB NOUN ARGS`: verbs and nouns found by name, their modules loaded only when
used."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from calf.cli.candidates import name_things
from calf.cli.commands import ALIASES, FOR_CLUSTERS, NOUN_ALIASES, RETIRED, SINGLES, VERBS
from calf.cli.global_flags import add_global_flags
from calf.cli.go_flags import Words
from calf.kit import exit_codes
from calf.kit.nearest import nearest


def load_command(module: str) -> click.Command:
    """What a module of `calf.cli` defines as `command`, or under the name after a colon.

    It has the flags that every command takes, and its parameters know what they name.
    """
    file, _, name = module.partition(":")
    command: click.Command = getattr(import_module(f"calf.cli.{file}"), name or "command")
    add_global_flags(command)
    name_things(command)
    return command


class Verb(Words):
    """A verb, whose commands are nouns; plurals mean the same."""

    def __init__(self, name: str, help_text: str, nouns: dict[str, str]) -> None:
        super().__init__(name, help=help_text, context_settings=_SETTINGS)
        self._nouns = nouns

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The nouns, in the order of the table."""
        return list(self._nouns)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command for a noun or its plural."""
        noun = self._noun(name)
        return load_command(self._nouns[noun]) if noun else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Nouns from the table alone, and the options."""
        return [
            *_items(dict.fromkeys(self._nouns, ""), incomplete),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def _noun(self, word: str) -> str:
        """The noun that a word stands for, whatever its number and case; empty for none."""
        word = word.lower()
        meant = {word, singular(word), NOUN_ALIASES.get(singular(word), "")}
        return next((noun for noun in self._nouns if noun.lower() in meant), "")

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does it, with a suggestion for a misspelt noun."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(unknown(f"{ctx.command_path} {args[0]}", args[0], self._nouns), ctx)
        return super().resolve_command(ctx, args)


class Root(Words):
    """All verbs, and the commands that need no noun."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Verbs and single commands, sorted."""
        return sorted([*VERBS, *SINGLES])

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """A verb as a group, or a single command."""
        name = ALIASES.get(name, name)
        if name in VERBS:
            help_text, nouns = VERBS[name]
            return Verb(name, help_text, nouns)
        return load_command(SINGLES[name][1]) if name in SINGLES else None

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table alone: no command is loaded for it."""
        texts = sorted(_texts().items())
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, text in texts if name not in FOR_CLUSTERS])
        with formatter.section("Commands for a Pachyderm on Kubernetes"):
            formatter.write_dl([(name, text) for name, text in texts if name in FOR_CLUSTERS])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands from the table alone, and the options."""
        return [*_items(_texts(), incomplete), *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it, but when the reader of our output goes away, the exit code says so."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(exit_codes.BROKEN_PIPE) from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does it, with a suggestion for a misspelt verb."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(_unknown_verb(ctx.command_path, args[0]), ctx)
        return super().resolve_command(ctx, args)


_SETTINGS = {"help_option_names": ["-h", "--help"]}


def _texts() -> dict[str, str]:
    """What each command does."""
    return {name: text for name, (text, _) in (*VERBS.items(), *SINGLES.items())}


def _items(texts: dict[str, str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=text) for name, text in texts.items() if name.startswith(incomplete)]


def singular(word: str) -> str:
    """The singular of a plural noun of the grammar."""
    if word.endswith("ches"):
        return word.removesuffix("es")
    return word.removesuffix("s")


def _unknown_verb(path: str, word: str) -> str:
    """The text for a word that is no verb: what became of it, or what it may have meant."""
    if word in RETIRED:
        return f"there is no command `{path} {word}`; {RETIRED[word]}"
    verb, _, noun = word.partition("-")
    if verb in VERBS and singular(noun) in VERBS[verb][1]:
        return f"there is no command `{path} {word}`; write `{path} {verb} {noun}`"
    return unknown(f"{path} {word}", word, [*VERBS, *SINGLES, *ALIASES])


def unknown(command: str, word: str, known: Iterable[str]) -> str:
    """The text for a word that is no command, with the nearest one that is."""
    close = nearest(singular(word), known, cutoff=0.5)
    return f"there is no command `{command}`" + (f"; did you mean `{close}`?" if close else "")
