"""pachctl delete defaults."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.cli.set_defaults import DefaultsChange, change_options, set_defaults


@click.command("defaults")
@change_options
@click.pass_obj
def command(session: Session, change: DefaultsChange) -> None:
    """Delete the defaults of a project, or with --cluster those of all."""
    set_defaults(session, {}, change)
