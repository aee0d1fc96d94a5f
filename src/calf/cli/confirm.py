"""Asking before something is destroyed."""

from __future__ import annotations

import sys

import click

from calf.kit import exit_codes


def confirm(question: str) -> None:
    """Go on only after a yes on standard input (`yes | pachctl ...` gives it); else end, with nothing
    done."""
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        agreed = False
    if not agreed:
        click.echo("Nothing was deleted.", err=True)
        raise click.exceptions.Exit(exit_codes.FAILURE)


def confirm_at_terminal(question: str) -> None:
    """The same for one thing that was named, but only people are asked.

    Pachyderm asks nobody here, so a script neither answers nor loses a line of its standard input.
    """
    if sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty():
        confirm(question)
