"""pachctl delete file."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.repo_first import blame_repo_first
from calf.cli.session import Session, project_option
from calf.model.errors import NotFound, WrongState
from calf.wire.messages import Message, pfs


@click.command("file")
@click.argument("file", metavar="REPO@BRANCH:PATH")
@click.option("-r", "--recursive", is_flag=True, help="A folder, with all that is in it.")
@project_option
@click.pass_obj
def command(session: Session, file: str, recursive: bool, project: str | None) -> None:
    """Delete a file from a branch, in a new commit or in the open one."""
    from calf.client.put import send

    target = refs.file(file, session.project(project))
    path = f"{target.path.rstrip('/')}/" if recursive else target.path
    requests = [
        pfs.ModifyFileRequest(set_commit=target.commit),
        pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path)),
    ]
    with blame_repo_first(session.client, target):
        if not recursive and _is_folder(session, target):
            raise click.UsageError(f"{target.path} is a directory; delete it with -r")
        send(session.client, iter(requests))


def _is_folder(session: Session, target: Message) -> bool:
    """Whether a folder stands there, of which nothing would be deleted."""
    if session.context.get("active_transaction"):  # in one the server refuses, whatever the file
        return False
    try:
        info = session.client.pfs.InspectFile(pfs.InspectFileRequest(file=target))
    except (NotFound, WrongState):
        return False
    return bool(info.file_type == pfs.DIR)
