"""pachctl list commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import click

from calf.cli import refs
from calf.cli.blocks import block_bar
from calf.cli.commit_rows import ORIGINS, show_commits
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.model.names import is_id
from calf.views.words import moment
from calf.wire.messages import Message, pfs
from calf.wire.times import read_time


@click.command("commit")
@click.argument("what", required=False, metavar="[ID | REPO[@BRANCH]]")
@click.option("-f", "--from", "start", default="", metavar="COMMIT", help="Only commits after this one.")
@click.option("-n", "--number", default=0, help="At most so many.")
@click.option("--all", "every", is_flag=True, help="Commits of every origin.")
@click.option("-x", "--expand", is_flag=True, help="Show the commits of each set.")
@click.option(
    "--origin",
    default="",
    metavar="|".join(ORIGINS),
    type=click.Choice(["", *ORIGINS], case_sensitive=False),
    help="Only this origin.",
)
@project_option
@output_options
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    what: str | None,
    start: str,
    number: int,
    every: bool,
    expand: bool,
    origin: str,
    project: str | None,
    output: Output,
) -> None:
    """List commits: the sets of a project, those of one set, or those of a repo or branch.

    \b
    pachctl list commit                  every change, newest first
    pachctl list commit ID               all that one change led to, in every repo
    pachctl list commit images@master    the history of a branch
    """
    where = session.project(project)
    if what and not is_id(what):
        show_commits(
            session.client.pfs.ListCommit(_request(what, where, start, number, every, origin)), output
        )
    elif what:
        infos = session.client.pfs.InspectCommitSet(
            pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=what))
        )
        show_commits(infos, output)
    else:
        sets = session.client.pfs.ListCommitSet(pfs.ListCommitSetRequest(project=pfs.Project(name=where)))
        limited = _first(sets, number)
        if expand:
            show_commits((info for each in limited for info in each.commits), output)
        else:
            headers = ("ID", "SUBCOMMITS", "PROGRESS", "CREATED", "MODIFIED")
            output.records(headers, limited, partial(_set_row, full=output.full_timestamps))


def _request(what: str, project: str, start: str, number: int, every: bool, origin: str) -> Message:
    name, at, rest = what.partition("@")
    request = pfs.ListCommitRequest(repo=refs.repo(name, project), number=number, all=every)
    if origin:
        request.origin_kind = pfs.OriginKind.Value(origin.upper())
    if at:
        request.to.CopyFrom(refs.commit(f"{name}@{rest}", project))
    if start:
        getattr(request, "from").CopyFrom(refs.commit(f"{name}@{start.rpartition('@')[2]}", project))
    return request


def _first(sets: Iterator[Message], number: int) -> Iterator[Message]:
    for count, each in enumerate(sets):
        if number and count == number:
            return
        yield each


def _set_row(whole: Message, *, full: bool) -> Sequence[str]:
    return (
        whole.commit_set.id,
        str(len(whole.commits)),
        _progress(whole.commits),
        moment(min((info.started for info in whole.commits), key=read_time), full=full),
        moment(max((_changed(info) for info in whole.commits), key=read_time), full=full),
    )


def _progress(commits: Sequence[Message]) -> str:
    bad = sum(1 for info in commits if info.error)
    good = sum(1 for info in commits if info.HasField("finished") and not info.error)
    return block_bar(good, len(commits) - good - bad, bad)


def _changed(info: Message) -> Message:
    return info.finished if info.HasField("finished") else info.started
