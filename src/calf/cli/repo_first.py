"""Naming the right culprit: a misspelt repo is missing before its branch is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from calf.model.errors import NotFound
from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client


@contextmanager
def blame_repo_first(client: Client, *files: Message) -> Iterator[None]:
    """When something is not found, say so of the first repo of `files` that is not there, if one is not.

    Servers answer with the branch then, which sends people looking in the wrong place.
    """
    try:
        yield
    except NotFound:
        for file in files:
            client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=file.commit.repo))
        raise
