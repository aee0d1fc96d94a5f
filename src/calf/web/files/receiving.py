"""Files from a browser, put into a branch as one commit.

They come in one stream: a line of JSON that lists them, `{"message": …, "files": [{"path", "size"}, …]}`,
then their bytes, one file after the other. They go on as they come: never more than a piece is held here.
They go to a file set, which belongs to no commit; only when all of it is there, a commit is opened, takes it
and is finished. So whoever goes away in the middle has changed nothing, and nobody waits for an open commit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from calf.client.connection import Client
from calf.client.local_door import Sent
from calf.kit.paths import check_put_path
from calf.model.errors import CalfError, InvalidArgument
from calf.wire.messages import Message, google, pfs

MOST_LIST = 32 * 1024 * 1024
"""Bytes of the list: some hundred thousand files."""
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Coming:
    """What is announced: the commit's message, and paths with sizes in bytes."""

    message: str
    files: tuple[tuple[str, int], ...]


class Incoming:
    """Bytes that come in pieces, to be taken in others; `take` gives the next piece, empty at the end."""

    def __init__(self, take: Callable[[], bytes]) -> None:
        self._take = take
        self._rest = b""

    def line(self, most: int) -> bytes:
        """All up to the end of the line. Raises `InvalidArgument` when there is none."""
        line = b""
        while b"\n" not in self._rest:
            line += self._rest
            self._rest = self._take()
            if not self._rest or len(line) > most:
                raise InvalidArgument("an upload begins with the list of its files, on one line")
        end, _, self._rest = self._rest.partition(b"\n")
        return line + end

    def pieces(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes; at least one piece. Raises `InvalidArgument` when they do not come."""
        first = True
        while size or first:
            first = False
            if size and not self._rest:
                self._rest = self._take()
                if not self._rest:
                    raise InvalidArgument("the upload broke off", "nothing of it was put: begin again")
            length = min(size, _PIECE)
            piece, self._rest = self._rest[:length], self._rest[length:]
            size -= len(piece)
            yield piece

    def end(self) -> None:
        """Raise `InvalidArgument` if there is more than was announced."""
        if self._rest or self._take():
            raise InvalidArgument("the upload is longer than its list of files says")


def receive(client: Client, branch: Message, incoming: Incoming) -> Message:
    """Put what comes; gives the finished commit. Raises `CalfError`: then nothing was put."""
    coming = read_list(incoming.line(MOST_LIST))
    made = client.send("/pfs_v2.API/CreateFileSet", _requests(coming, incoming))
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch, description=coming.message))
    try:
        client.pfs.AddFileSet(pfs.AddFileSetRequest(commit=commit, file_set_id=made.file_set_id))
        client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit, description=coming.message))
    except CalfError:
        with suppress(CalfError):  # what went wrong before is what matters
            drop = pfs.DropCommitSetRequest(commit_set=pfs.CommitSet(id=commit.id))
            client.pfs.DropCommitSet(drop)
        raise
    return commit


def read_list(line: bytes) -> Coming:
    """What is announced. Raises `InvalidArgument`, also for a path that no file may have."""
    try:
        said = json.loads(line)
        files = tuple((_path(each["path"]), _size(each["size"])) for each in said["files"])
        message = str(said.get("message", ""))
        message.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InvalidArgument("the list of files is none") from None
    if not files:
        raise InvalidArgument("there is no file in this upload", "choose some")
    if len({path for path, _ in files}) < len(files):
        raise InvalidArgument("two files of this upload have the same path", "rename one")
    return Coming(message, files)


def _path(path: Any) -> str:
    if not isinstance(path, str):
        raise TypeError("a path is a text")
    return check_put_path(path)


def _size(size: Any) -> int:
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise TypeError("a size is a number")
    return size


def _requests(coming: Coming, incoming: Incoming) -> Iterator[Sent]:
    for path, size in coming.files:
        yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path)), None
        for piece in incoming.pieces(size):
            raw = google.BytesValue(value=piece)
            yield pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, raw=raw)), None
    incoming.end()
