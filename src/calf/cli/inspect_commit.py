"""pachctl inspect commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.commit_rows import show_commit
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.model.errors import NotFound, WrongState
from calf.views.source_words import source_of
from calf.wire.messages import Message, pfs, pps


@click.command("commit")
@click.argument("commit", metavar="REPO@COMMIT")
@project_option
@output_options
@click.pass_obj
def command(session: Session, commit: str, project: str | None, output: Output) -> None:
    """Show a commit: where it comes from, the job and image that made it, its size, what is wrong.

    \b
    pachctl inspect commit images@master^
    """
    target = refs.commit(commit, session.project(project))
    info = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=target))
    job = None if output.raw else _job(session, info)
    stated = job is not None and info.HasField("finished") and not info.error
    source = source_of(session.client, info.commit) if stated else ""
    good = ""
    if job is not None and info.error:
        from calf.client.last_good import last_good

        good = last_good(session.client, info)
    show_commit(info, output, job, source, good)


def _job(session: Session, info: Message) -> Message | None:
    """The job that made the commit; None for a commit that a user made."""
    repo = info.commit.repo
    pipeline = pps.Pipeline(name=repo.name, project=repo.project)
    try:
        return session.client.pps.InspectJob(
            pps.InspectJobRequest(job=pps.Job(pipeline=pipeline, id=info.commit.id))
        )
    except (NotFound, WrongState):  # Pachyderm's own code for a missing job is not the same everywhere
        return None
