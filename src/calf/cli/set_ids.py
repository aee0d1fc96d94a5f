"""Commands that take the ID of a whole set, and what to write instead of a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from calf.cli import refs
from calf.wire.messages import pfs

if TYPE_CHECKING:
    from calf.cli.session import Session


def only_set_id(session: Session, text: str, command: str, project: str | None) -> None:
    """Refuse `REPO@BRANCH` with the ID that it stands for: what happens then happens in every repo."""
    if "@" not in text:
        return
    target = refs.commit(text, session.project(project))
    info = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=target))
    found = info.commit.id
    raise click.UsageError(
        f"`{command}` wants an ID, of a change in all repos; {text} is {found}: `pachctl {command} {found}`"
    )
