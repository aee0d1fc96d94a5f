"""Asking before something is destroyed."""

from __future__ import annotations

import click


def confirm(question: str) -> None:
    """Go on only after a yes on standard input (`yes | pachctl ...` gives it); else the command is
    aborted."""
    click.confirm(question, abort=True, err=True)
