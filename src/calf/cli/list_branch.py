"""pachctl list branch."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.words import moment
from calf.wire.messages import Message, pfs


@click.command("branch")
@click.argument("repo")
@project_option
@output_options
@click.pass_obj
def command(session: Session, repo: str, project: str | None, output: Output) -> None:
    """List the branches of a repo."""
    request = pfs.ListBranchRequest(repo=refs.repo(repo, session.project(project)))
    infos = session.client.pfs.ListBranch(request)
    output.records(
        ("BRANCH", "HEAD", "TRIGGER", "CREATOR", "CREATED"),
        infos,
        lambda info: (
            info.branch.name,
            info.head.id or "-",
            _trigger(info.trigger),
            info.created_by or "-",
            moment(info.created_at, full=output.full_timestamps),
        ),
    )


def _trigger(trigger: Message) -> str:
    if not trigger.branch:
        return "-"
    conditions = [
        f"Size({trigger.size})" if trigger.size else "",
        f"Commits({trigger.commits})" if trigger.commits else "",
        f"Cron({trigger.cron_spec})" if trigger.cron_spec else "",
    ]
    joined = (" and " if trigger.all else " or ").join(filter(None, conditions))
    return f"{trigger.branch} on {joined}" if joined else trigger.branch
