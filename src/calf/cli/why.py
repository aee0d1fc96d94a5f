"""pachctl why."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.only_ours import only_ours
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.wire.messages import Message, calf_pps, pfs

_ENDLESS = 1_000_000
_INSTEAD = (
    "`pachctl inspect file` names the datum, and `pachctl inspect datum PIPELINE@JOB DATUM` what it read"
)


@click.command("why")
@click.argument("file", metavar="REPO@COMMIT:/PATH")
@click.option("--all", "every", is_flag=True, help="Go on to the inputs, to where all of it came from.")
@click.option("--depth", default=0, metavar="N", help="Go on to the inputs, so many steps.")
@click.option("--lines", default=10, show_default=True, metavar="N", help="Lines of the log to show.")
@project_option
@output_options
@click.pass_obj
def command(
    session: Session, file: str, every: bool, depth: int, lines: int, project: str | None, output: Output
) -> None:
    """Say what made a file: the datum and what it read, the image, the parameters, the job and its log.

    \b
    pachctl why edges@master:/cat.png
    pachctl why report@master:/index.html --all
    """
    from calf.cli.lineage import Lineage

    target = refs.file(file, session.project(project))
    with only_ours("why", _INSTEAD):
        if output.raw:
            output.documents(session.client.call("/calf_pps_v1.API/Why", calf_pps.WhyRequest(file=target)))
        else:
            Lineage(session.client, lines).show(target, _ENDLESS if every else depth)
            _warn_of_old_data(session, target.commit)


def _warn_of_old_data(session: Session, commit: Message) -> None:
    """Of a commit with an error it is said that all this is about what was there before."""
    from calf.cli.commit_rows import stale
    from calf.client.last_good import last_good

    info = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))
    if info.error:
        said = stale(info, last_good(session.client, info))
        session.warn(f"{info.commit.repo.name}@{info.commit.id}: {info.error}; {said}")
