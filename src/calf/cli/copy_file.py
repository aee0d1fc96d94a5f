"""pachctl copy file."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.landed import complain_of_error
from calf.cli.repo_first import blame_repo_first
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("file")
@click.argument("source", metavar="REPO@COMMIT:PATH")
@click.argument("target", metavar="REPO@BRANCH:PATH")
@click.option("-a", "--append", is_flag=True, help="Append to what is there instead of replacing it.")
@click.option("--src-project", metavar="NAME", help="The project to copy from.")
@click.option("--dest-project", metavar="NAME", help="The project to copy into.")
@project_option
@click.pass_obj
def command(
    session: Session,
    source: str,
    target: str,
    append: bool,
    src_project: str | None,
    dest_project: str | None,
    project: str | None,
) -> None:
    """Copy a file or folder between commits, repos and projects; no bytes are copied."""
    from calf.client.put import send

    src = refs.file(source, session.project(src_project or project))
    dst = refs.file(target, session.project(dest_project or project))
    copy = pfs.CopyFile(dst=dst.path, src=src, append=append)
    requests = [pfs.ModifyFileRequest(set_commit=dst.commit), pfs.ModifyFileRequest(copy_file=copy)]
    with blame_repo_first(session.client, src, dst):
        send(session.client, iter(requests))
    complain_of_error(session.client, dst.commit)
