"""pachctl import, and calf import."""

from __future__ import annotations

from pathlib import Path

import click

from calf.cli import refs
from calf.cli.landed import complain_of_error
from calf.cli.progress import progress_bar
from calf.cli.session import Session, project_option, server_option
from calf.kit import exit_codes
from calf.model.errors import NotFound, WrongState
from calf.views.words import many
from calf.wire.messages import Message, pfs


@click.command("import")
@click.argument("file", metavar="FILE.tar", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("target", metavar="REPO@BRANCH")
@click.option("--read-back/--no-read-back", default=True, help="Read the commit again, and compare.")
@click.option("--progress/--no-progress", default=True, help="Show a bar on a terminal.")
@server_option
@project_option
@click.pass_obj
def command(
    session: Session, file: Path, target: str, read_back: bool, progress: bool, project: str | None
) -> None:
    """Take what `export` wrote as one commit, which then holds exactly the files of the archive.

    Their digests are compared on the way: where one differs, nothing is committed. What the commit was called
    and made from stays in the archive, since this server cannot know it to be true. The repo has to be there.

    \b
    calf import model.tar model@master
    calf import model.tar model@master --server grpcs://pachyderm.example:443
    """
    from calf.cli.importing import Archive

    _check_order(file, target)
    branch = refs.branch(target, session.project(project))
    client = session.client
    client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=branch.repo))
    before = _head(session, branch)
    into = pfs.Commit(repo=branch.repo, branch=branch)
    try:
        with Archive(file) as archive:
            with progress_bar("import", lambda: file.stat().st_size, wanted=progress) as advance:
                total = archive.put(client, into, advance)
            complain_of_error(client, into)
            made = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=into))
            if read_back and not _is_next(made, before):
                session.warn(f"somebody else wrote to {target} meanwhile, so nothing was read back")
            elif read_back:
                with progress_bar("read back", lambda: total.size, wanted=progress) as advance:
                    archive.compare(client, pfs.Commit(repo=branch.repo, id=made.commit.id), advance)
    except KeyboardInterrupt:
        click.echo(f"error: interrupted; `pachctl inspect branch {target}` shows what is there", err=True)
        raise click.exceptions.Exit(exit_codes.INTERRUPTED) from None
    name = f"{branch.repo.name}@{made.commit.id}"
    click.echo(f"{name}: {many(total.files, 'file')}, {many(total.size, 'byte')}, as exported", err=True)


def _check_order(file: Path, target: str) -> None:
    if file.exists():
        return
    if Path(target).is_file():
        raise click.UsageError(f"the file comes first, then where it goes: import {target} {file}")
    raise click.UsageError(f"there is no file {file}")


def _head(session: Session, branch: Message) -> str:
    """The id of the commit to build on; empty for none. An open one would be changed, not followed."""
    try:
        info = session.client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=branch))
    except NotFound:
        return ""
    commit = pfs.Commit(repo=branch.repo, id=info.head.id)
    head = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))
    if not head.HasField("finished"):
        name = f"{branch.repo.name}@{head.commit.id}"
        raise WrongState(f"commit {name} is still open", f"`pachctl finish commit {name}` first")
    return str(head.commit.id)


def _is_next(made: Message, before: str) -> bool:
    return bool(made.commit.id != before and made.parent_commit.id == before)
