"""An empty listing of a project that is not there: a misspelt name must not look like an empty project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.cli.session import Session


def in_project(session: Session, given: str | None, infos: Iterable[Message]) -> Iterator[Message]:
    """The records as they come; when there are none, raises NotFound for a project that was given and is not
    there."""
    empty = True
    for info in infos:
        empty = False
        yield info
    if empty and given:
        session.client.pfs.InspectProject(pfs.InspectProjectRequest(project=pfs.Project(name=given)))
