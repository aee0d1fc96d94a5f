"""Commits sets of local files to repos, if and only if they differ from what each master holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from blake3 import blake3

from calf.client.connection import Client
from calf.client.get import get_file
from calf.client.put import send
from calf.client.put_requests import Manner, Source, put_requests
from calf.model.errors import NotFound
from calf.wire.messages import Message, pfs
from driver.repos import branch_head
from driver.sources import Files


@dataclass(frozen=True, slots=True)
class Difference:
    """What a commit would change: paths to put, and paths to delete."""

    put: tuple[str, ...]
    delete: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.put or self.delete)

    def __str__(self) -> str:
        """For the terminal."""
        words = [f"{len(self.put)} new or changed"] if self.put else []
        words += [f"{len(self.delete)} removed"] if self.delete else []
        return ", ".join(words) or "unchanged"


def compare_repo(client: Client, name: str, files: Files) -> Difference:
    """What it takes to make `name@master` hold exactly `files`; the repo need not be there yet."""
    return compare(files, stored_hashes(client, branch_head(name)))


def find_open(client: Client, name: str) -> Message | None:
    """The commit that an interrupted run left open on master, if there is one."""
    try:
        info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=branch_head(name)))
    except NotFound:
        return None
    return None if info.HasField("finished") else info.commit


def write(client: Client, commit: Message, difference: Difference, files: Files) -> None:
    """Put and delete in an open commit what differs."""
    send(client, _requests(commit, difference, files))


def read_json(client: Client, name: str, path: str) -> dict[str, Any] | None:
    """The JSON object at a path of `name@master`; None when there is no such file (or repo) yet."""
    try:
        text = b"".join(get_file(client, pfs.File(commit=branch_head(name), path=path)))
    except NotFound:
        return None
    return dict(json.loads(text))


def compare(files: Files, stored: dict[str, bytes]) -> Difference:
    """What differs between local files and the hashes (BLAKE3, as calf stores them) of a commit."""
    put = tuple(path for path in sorted(files) if stored.get(path) != _hash(files[path]))
    return Difference(put, tuple(sorted(set(stored) - set(files))))


def stored_hashes(client: Client, commit: Message) -> dict[str, bytes]:
    """The hash of every file of a commit by path; empty when the branch is not there yet."""
    walk = pfs.WalkFileRequest(file=pfs.File(commit=commit, path="/"))
    try:
        return {info.file.path: info.hash for info in client.pfs.WalkFile(walk) if info.file_type == pfs.FILE}
    except NotFound:
        return {}


def _requests(commit: Message, difference: Difference, files: Files) -> Iterator[Message]:
    sources = [Source(path, partial(open_file, files[path])) for path in difference.put]
    yield from put_requests(commit, sources, Manner(), lambda _size: None)
    for path in difference.delete:
        yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path))


def open_file(path: Path) -> BinaryIO:
    """Open for reading, as `Source` asks for."""
    return path.open("rb")


def _hash(path: Path) -> bytes:
    return blake3(path.read_bytes()).digest()
