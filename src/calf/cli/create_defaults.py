"""pachctl create defaults."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.cli.set_defaults import DefaultsChange, change_options, read_document, set_defaults


@click.command("defaults")
@click.option(
    "-f", "--file", "source", default="-", metavar="FILE", help="JSON or YAML; default: standard input."
)
@change_options
@click.pass_obj
def command(session: Session, source: str, change: DefaultsChange) -> None:
    """Set what pipeline specs of a project, or with --cluster of all, take where they say nothing.

    \b
    echo '{"createPipelineRequest": {"datumTries": 5}}' | pachctl create defaults --cluster
    """
    set_defaults(session, read_document(source), change)
