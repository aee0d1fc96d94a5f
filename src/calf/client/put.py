"""Putting files: one stream, one commit; how they travel depends on the server and on where it is."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from calf.client.connection import Client
from calf.client.handing import hand_over
from calf.client.looks import keep, load, look_at
from calf.client.put_requests import Manner, Progress, Source, batches, put_requests
from calf.model.errors import NotFound, Precondition
from calf.wire.messages import Message, calf, pfs

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


@dataclass(frozen=True, slots=True)
class Folder:
    """A local folder that is put, with all that is in it: `sources` are its files, and go below `path`.

    `name` says which folder it is, whatever it is called; looks are kept below `cache`.
    """

    name: str
    path: str
    sources: Iterable[Source]
    cache: Path


def put_folder(
    client: Client,
    commit: Message,
    folder: Folder,
    now: int,
    progress: Progress = lambda _size: None,
) -> None:
    """As `put_files`; files that look as they did when this client put them there last are not read again.

    `now` is the time in nanoseconds. The server makes sure that they are in the commit as they were then;
    where somebody else has changed anything there since, all is put.
    """
    sources = list(folder.sources)
    if not client.hands_files:
        put_files(client, commit, sources, progress=progress)
        return
    repo = commit.repo
    key = [
        client.target,
        repo.project.name,
        repo.name,
        commit.branch.name or commit.id,
        folder.path,
        folder.name,
    ]
    looks = look_at([source.path for source in sources], [source.file for source in sources], now)
    before = load(folder.cache, key)
    done = None
    if before is not None:
        same = calf.Unchanged(path=folder.path or "/", commit=pfs.Commit(repo=repo, id=before.commit))
        changed = [sources[number] for number in before.changed(looks)]
        with suppress(NotFound, Precondition):  # it is not, or nobody knows any more
            done = client.send(_BATCHED, hand_over(commit, changed, _PLAIN, progress, same))
    if done is None:
        done = client.send(_BATCHED, hand_over(commit, sources, _PLAIN, progress))
    if done.commit.id:
        keep(folder.cache, key, replace(looks, commit=done.commit.id), now)


def _send(client: Client, requests: Iterable[Message], *, compress: bool) -> None:
    if client.serves_batches():
        client.send(_BATCHED, ((batch, None) for batch in batches(requests)), compress=compress)
    else:
        client.send(_SINGLE, ((request, None) for request in requests), compress=compress)
