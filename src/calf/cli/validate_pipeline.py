"""pachctl validate pipeline."""

from __future__ import annotations

import click

from calf.cli.session import Session, project_option
from calf.cli.spec_files import read_specs
from calf.cli.spec_text import SpecSource, spec_options


@click.command("pipeline")
@spec_options
@project_option
@click.pass_obj
def command(session: Session, source: SpecSource, project: str | None) -> None:
    """Check a spec file without a server: its form, fields and globs, not whether repos exist."""
    for spec in read_specs(session, source, session.project(project)):
        click.echo(f"{spec.name}: valid")
