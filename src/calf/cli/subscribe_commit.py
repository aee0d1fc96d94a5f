"""pachctl subscribe commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.words import moment
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("branch", metavar="REPO[@BRANCH]")
@click.option("--from", "start", default="", metavar="COMMIT", help="Only commits after this one.")
@click.option("--all", "every", is_flag=True, help="Commits of every origin.")
@project_option
@output_options
@click.pass_obj
def command(
    session: Session, branch: str, start: str, every: bool, project: str | None, output: Output
) -> None:
    """Show the finished commits of a repo or branch, and then each one that follows, until interrupted."""
    where = session.project(project)
    name, _, on = branch.partition("@")
    request = pfs.SubscribeCommitRequest(
        repo=refs.repo(name, where), branch=on, all=every, state=pfs.FINISHED
    )
    if start:
        getattr(request, "from").CopyFrom(refs.commit(f"{name}@{start.rpartition('@')[2]}", where))
    for info in session.client.pfs.SubscribeCommit(request):
        if output.raw:
            output.documents([info])
        else:
            finished = moment(info.finished, full=output.full_timestamps)
            click.echo(f"{info.commit.repo.name}\t{info.commit.id}\t{finished}")
