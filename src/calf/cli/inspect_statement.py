"""pachctl inspect statement."""

from __future__ import annotations

import json

import click

from calf.cli import refs
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option

_INSTEAD = "`pachctl inspect commit` names what a commit was made from"


@click.command("statement")
@click.argument("commit", metavar="REPO@COMMIT")
@project_option
@click.pass_obj
def command(session: Session, commit: str, project: str | None) -> None:
    """Show what is signed about an output: its inputs, spec, image down to each file, source, processor.

    It is shown, not checked: `pachctl verify` does that.

    \b
    pachctl inspect statement model@master
    """
    from calf.views.statements import ask_for_statement

    target = refs.commit(commit, session.project(project))
    with only_ours("inspect statement", _INSTEAD):
        found = ask_for_statement(session.client, target).statement
    click.echo(json.dumps(found.document, indent=2, sort_keys=True, ensure_ascii=True))
