"""What became of the commit that a command made and finished by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calf.model.errors import WrongState
from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client


def complain_of_error(client: Client, commit: Message) -> None:
    """Raise WrongState when the commit that files went into was finished with an error.

    `commit` is what they were put into. One that was open before is not finished yet, and tells at its own
    finish; so nothing is waited for.
    """
    if commit.id:
        return
    info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))
    if not (info.HasField("finished") and info.error):
        return
    from calf.client.last_good import last_good

    repo, branch = info.commit.repo.name, commit.branch.name
    name = f"{repo}@{info.commit.id}"
    good = last_good(client, info)
    before = f": {good} is what was before" if good else ""
    head = f", but this commit is now the head of {repo}@{branch}{before}" if branch else ""
    cure = (
        "put it under a path that does not collide"
        if "collision" in info.error
        else f"`pachctl inspect commit {name}` shows it"
    )
    raise WrongState(
        f"{name}: commit finished with an error: {info.error}",
        f"what was put is in no later commit{head}; {cure}",
    )
