"""pachctl create branch."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("branch")
@click.argument("branch", metavar="REPO@BRANCH")
@click.option(
    "-p",
    "--provenance",
    multiple=True,
    metavar="REPO@BRANCH",
    help="A branch that it is computed from; repeatable.",
)
@click.option("--head", metavar="REPO@COMMIT", help="The commit that it points at.")
@click.option("-t", "--trigger", default="", metavar="BRANCH", help="The branch that it follows.")
@click.option("--trigger-size", default="", help="Follow after so many new bytes, such as 1K.")
@click.option("--trigger-commits", default=0, help="Follow after so many new commits.")
@click.option(
    "--trigger-rate-limit", default="", metavar="CRON", help="Follow at most once between these times."
)
@click.option("--trigger-cron", default="", help="Follow at these times.")
@click.option("--trigger-all", is_flag=True, help="Follow only when all conditions hold.")
@project_option
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    branch: str,
    provenance: tuple[str, ...],
    head: str | None,
    trigger: str,
    trigger_size: str,
    trigger_commits: int,
    trigger_rate_limit: str,
    trigger_cron: str,
    trigger_all: bool,
    project: str | None,
) -> None:
    """Create a branch REPO@BRANCH, or say anew where it points and what it is computed from.

    \b
    pachctl create branch images@master --head images@master^
    pachctl create branch edges@dev -p images@dev
    """
    where = session.project(project)
    target = refs.branch(branch, where)
    request = pfs.CreateBranchRequest(
        branch=target,
        provenance=[refs.branch(each, where) for each in provenance],
        head=refs.commit(head if "@" in head else f"{target.repo.name}@{head}", where) if head else None,
    )
    if trigger:
        request.trigger.CopyFrom(
            pfs.Trigger(
                branch=trigger,
                size=trigger_size,
                commits=trigger_commits,
                rate_limit_spec=trigger_rate_limit,
                cron_spec=trigger_cron,
                all=trigger_all,
            )
        )
    session.client.pfs.CreateBranch(request)
