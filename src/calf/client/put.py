"""Putting files: one stream, one commit; how they travel depends on the server and on where it is."""

from __future__ import annotations

from collections.abc import Iterable

from calf.client.connection import Client
from calf.client.handing import hand_over
from calf.client.put_requests import Manner, Progress, Source, batches, put_requests
from calf.wire.messages import Message

_SINGLE, _BATCHED = "/pfs_v2.API/ModifyFile", "/calf_v1.Files/ModifyFiles"
_PLAIN = Manner()


def send(client: Client, requests: Iterable[Message]) -> None:
    """Send the requests of one modification, batched where the server takes batches. Raises CalfError."""
    _send(client, requests, compress=False)


def put_files(
    client: Client,
    commit: Message,
    sources: Iterable[Source],
    manner: Manner = _PLAIN,
    progress: Progress = lambda _size: None,
) -> None:
    """Put all `sources` into `commit`; a branch makes one new commit.

    All or nothing: an error of a source or of the server leaves the repo as it was. Raises CalfError, and
    whatever reading a source raises.
    """
    if client.hands_files and not manner.append:
        client.send(_BATCHED, hand_over(commit, sources, manner, progress))
        return
    _send(client, put_requests(commit, sources, manner, progress), compress=manner.compress)


def _send(client: Client, requests: Iterable[Message], *, compress: bool) -> None:
    if client.serves_batches():
        client.send(_BATCHED, ((batch, None) for batch in batches(requests)), compress=compress)
    else:
        client.send(_SINGLE, ((request, None) for request in requests), compress=compress)
