"""What the engine has kept of replays: that a job came out the same again, or not, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from calf.model.errors import Unimplemented
from calf.model.statement.replays import DIFFERS
from calf.views.words import moment
from calf.wire.messages import Message, calf

if TYPE_CHECKING:
    from calf.client.connection import Client

_AT_ONCE = 1000
"""Commits of which a server answers one question."""


def kept_replays(client: Client, commits: Sequence[Message]) -> list[Message]:
    """The replays of the jobs that made some commits, without any the newest of all; of each newest first.

    The engine has checked that it signed them. A server that knows none, such as a real Pachyderm, has none.
    """
    found: list[Message] = []
    for first in range(0, len(commits) or 1, _AT_ONCE):
        request = calf.ReplaysRequest(commits=commits[first : first + _AT_ONCE])
        try:
            found += client.call("/calf_v1.Attestation/Replays", request).replays
        except Unimplemented:
            break
    return found


def replayed(client: Client, commit: Message, *, full: bool = False) -> str:
    """`reproduced 2 hours ago, signed by this engine`; empty where nobody replayed the job of a commit.

    What another replay came to is said as well, when one of the two differs.
    """
    newest, *others = kept_replays(client, [commit]) or [None]
    if newest is None:
        return ""
    told = f"{_told(newest, full=full)}, signed by this engine"
    other = next((each for each in others if (each.result == DIFFERS) != (newest.result == DIFFERS)), None)
    return f"{told}; {_told(other, full=full)}" if other else told


def _told(replay: Message, *, full: bool) -> str:
    when = moment(replay.signed, full=full)
    return f"{replay.result} {when[:1].lower()}{when[1:]}"  # within a sentence, also `less than a second`
