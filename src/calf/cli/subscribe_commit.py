"""pachctl subscribe commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.commit_rows import ORIGINS, show_commits
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.model.errors import NotFound
from calf.wire.messages import Message, pfs


@click.command("commit")
@click.argument("branch", metavar="REPO[@BRANCH]")
@click.option("--from", "start", default="", metavar="COMMIT", help="Only commits after this one.")
@click.option("--new", is_flag=True, help="Only commits that come from now on.")
@click.option("--all", "every", is_flag=True, help="Commits of every origin.")
@click.option("--origin", type=click.Choice(ORIGINS, case_sensitive=False), help="Only this origin.")
@project_option
@output_options
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    branch: str,
    start: str,
    new: bool,
    every: bool,
    origin: str | None,
    project: str | None,
    output: Output,
) -> None:
    """Show the finished commits of a repo or branch, and then each one that follows, until interrupted.

    \b
    pachctl subscribe commit images@master --new
    """
    if new and start:
        raise click.UsageError("give --new or --from, not both")
    if every and origin:
        raise click.UsageError("give --all or --origin, not both")
    where = session.project(project)
    name, _, on = branch.partition("@")
    request = pfs.SubscribeCommitRequest(
        repo=refs.repo(name, where),
        branch=on,
        all=every,
        state=pfs.FINISHED,
        origin_kind=pfs.OriginKind.Value(origin.upper()) if origin else None,
    )
    if start:
        getattr(request, "from").CopyFrom(refs.commit(f"{name}@{start.rpartition('@')[2]}", where))
    elif new:
        _start_at_head(session, request)
    show_commits(session.client.pfs.SubscribeCommit(request), output, streamed=True)


def _start_at_head(session: Session, request: Message) -> None:
    """Begin after the newest commit that is there."""
    head = pfs.Branch(repo=request.repo, name=request.branch or "master")
    try:
        info = session.client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=head))
    except NotFound:
        return
    getattr(request, "from").CopyFrom(info.head)
