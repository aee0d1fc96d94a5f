"""pachctl find commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.output import render
from calf.cli.parameters import SECONDS
from calf.cli.session import Session, project_option
from calf.model.errors import TimedOut
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("file", metavar="REPO@COMMIT:PATH")
@click.option("--limit", default=0, help="Show at most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print the API's own records, one a line.")
@click.option("--timeout", type=SECONDS, help="Search at most so long, such as 30s.")
@project_option
@click.pass_obj
def command(
    session: Session, file: str, limit: int, as_json: bool, timeout: float | None, project: str | None
) -> None:
    """Show the commits that added, changed or deleted a file, newest first.

    \b
    pachctl find commit images@master:/cat.png
    pachctl find commit images@master:/cat.png --limit 100
    """
    target = refs.file(file, session.project(project))
    request = pfs.FindCommitsRequest(start=target.commit, file_path=target.path, limit=limit)
    session.timeout = timeout or session.timeout
    try:
        for found in session.client.pfs.FindCommits(request):
            if as_json:
                click.echo(render(found, "json"), nl=False)
            elif found.HasField("found_commit"):
                click.echo(found.found_commit.id)
            else:
                last = found.last_searched_commit.id
                click.echo(f"searched {found.commits_searched} commits; the last was {last}", err=True)
    except TimedOut as error:
        if session.timeout is None:
            raise
        said = f"the search took longer than {session.timeout:g} s"
        raise TimedOut(said, "give --limit, or more time") from error
