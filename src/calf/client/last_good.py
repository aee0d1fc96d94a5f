"""The last good commit before one with an error: the one that was meant, mostly."""

from __future__ import annotations

from calf.client.connection import Client
from calf.wire.messages import Message, pfs


def last_good(client: Client, info: Message) -> str:
    """The newest of the commits before this one that is finished and has no error, as `REPO@ID`.

    Empty where there is none. It asks the server once, and takes no more of the answer than it needs.
    """
    request = pfs.ListCommitRequest(repo=info.commit.repo, to=info.commit)
    before = (each for each in client.pfs.ListCommit(request) if each.HasField("finished") and not each.error)
    return next((name_of(each.commit) for each in before), "")


def name_of(commit: Message) -> str:
    """`REPO@ID`, with the type of a system repo."""
    repo = commit.repo
    return f"{repo.name}{'' if repo.type in ('', 'user') else f'.{repo.type}'}@{commit.id}"
