"""pachctl wait commit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from calf.cli import refs
from calf.cli.commit_rows import exit_code, show_commit, show_commits
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.waiting import key_of, telling, what_is_open
from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client


@click.command("commit")
@click.argument("commit", metavar="ID | REPO@COMMIT")
@project_option
@output_options
@click.pass_obj
def command(session: Session, commit: str, project: str | None, output: Output) -> int:
    """Wait until a commit, or every commit of a set, is finished, and show it.

    \b
    pachctl wait commit edges@master
    pachctl wait commit ID

    Exits with 0 when all is well, 6 when one was finished with an error, as the output of a failed job is.
    """
    if "@" in commit:
        target = refs.commit(commit, session.project(project))
        request = pfs.InspectCommitRequest(commit=target, wait=pfs.FINISHED)
        with telling(partial(_look, session.client, target)):
            info = session.client.pfs.InspectCommit(request)
        show_commit(info, output)
        return exit_code([info])
    whole = pfs.InspectCommitSetRequest(
        commit_set=pfs.CommitSet(id=refs.set_id(commit, "ID or REPO@COMMIT")), wait=True
    )
    with telling(partial(what_is_open, session.client, commit)):
        infos = list(session.client.pfs.InspectCommitSet(whole))
    show_commits(infos, output)
    return exit_code(info for info in infos if info.commit.id == commit)


def _look(client: Client, target: Message) -> list[str]:
    info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=target))
    return what_is_open(client, info.commit.id, key_of(info.commit.repo))
