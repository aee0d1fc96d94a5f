"""Changing files: a client's stream becomes operations, which are done together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from calf.model.content import DEFAULT_TAG
from calf.model.errors import InvalidArgument
from calf.pfs import files
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile, CopyFile, DeleteFile, FetchFile, Op, PutFiles
from calf.rpc.batches import BATCHED, Handed, More, SmallFiles, Unchanged
from calf.rpc.call import Call, Handlers
from calf.rpc.handed import read_handed
from calf.rpc.pieces import Piece
from calf.wire.convert_refs import read_commit_ref, read_file, write_commit
from calf.wire.messages import Message, calf, google

_ENOUGH = 4 << 20
_MANY = 1024


def handlers(pfs: Pfs) -> Handlers:
    """ModifyFile."""
    return {"/pfs_v2.API/ModifyFile": partial(modify_file, pfs)}


def modify_file(pfs: Pfs, requests: Iterator[Message], call: Call) -> Message:
    """The first message names the commit, the others say what to do, in order."""
    first = next(requests, None)
    if first is None or isinstance(first, More) or first.WhichOneof("body") != "set_commit":
        raise InvalidArgument("first message must be a commit")
    ref = read_commit_ref(first.set_commit)
    done = files.modify_and_tell(pfs, ref, read_ops(requests), call.cancel, call.spout)
    if call.method != BATCHED:
        return google.Empty()
    return calf.ModifyFilesResponse(commit=write_commit(done.commit) if done.own else None)


def read_ops(requests: Iterable[Message | More]) -> Iterator[Op]:
    """The operations; messages with bytes for one path that follow each other are one, and so are small files
    that are replaced one after another.

    Use each operation up before asking for the next: its bytes are read from `requests` as it goes.
    """
    ahead = _Ahead(requests)
    crowd = _Crowd()
    while (request := ahead.take()) is not None:
        pieces: list[bytes | memoryview] = []
        if _gather(request, ahead, pieces):
            yield from crowd.add(request.delete_file, b"".join(pieces))
            continue
        yield from crowd.leave()
        if isinstance(request, SmallFiles):
            yield PutFiles(request.files)
        elif isinstance(request, Unchanged):
            yield files.Unchanged(request.path, read_commit_ref(request.commit))
        elif isinstance(request, Piece):
            rest = ahead.bytes_for(request.path, request.datum)
            yield AddFile(request.path, chain([request.value], rest), request.datum or DEFAULT_TAG)
        elif isinstance(request, Handed):
            yield DeleteFile(request.path)
            yield AddFile(request.path, read_handed(request.descriptors))
        else:
            yield from _read_op(request, ahead, pieces)
    yield from crowd.leave()


class _Ahead:
    """The requests, of which the next can be looked at before it is taken."""

    def __init__(self, requests: Iterable[Any]) -> None:
        self._rest = iter(requests)
        self._next: Any = None

    def peek(self) -> Any:
        """The next request, which stays; None at the end."""
        if self._next is None:
            self._next = next(self._rest, None)
        return self._next

    def take(self) -> Any:
        """The next request; None at the end."""
        request, self._next = self.peek(), None
        return request

    def bytes_for(self, path: str, tag: str) -> Iterator[bytes | memoryview]:
        """The bytes of the requests that come now and add to one file; others stay."""
        while (value := _bytes_added(self.peek(), path, tag)) is not None:
            self.take()
            yield value


class _Crowd:
    """Small files of one owner that replace what is there."""

    def __init__(self) -> None:
        self._files: list[tuple[str, bytes | memoryview]] = []
        self._size = 0
        self._tag = ""

    def add(self, file: Message, data: bytes) -> Iterator[Op]:
        """Take in a file; gives what has to be done before."""
        tag = file.datum or DEFAULT_TAG
        if tag != self._tag or self._size + len(data) > _ENOUGH or len(self._files) >= _MANY:
            yield from self.leave()
        self._tag = tag
        self._files.append((file.path, data))
        self._size += len(data)

    def leave(self) -> Iterator[Op]:
        """What was taken in."""
        if self._files:
            yield PutFiles(self._files, self._tag)
            self._files, self._size = [], 0


def _gather(request: Any, ahead: _Ahead, pieces: list[bytes | memoryview]) -> bool:
    """Whether the request and those that follow replace a small file, whose bytes are in `pieces` then.

    For a large one the first of its bytes are.
    """
    if isinstance(request, More) or request.WhichOneof("body") != "delete_file":
        return False
    path, tag = request.delete_file.path, request.delete_file.datum
    if path.endswith("/") or not path:
        return False
    size, found = 0, False
    for piece in ahead.bytes_for(path, tag):
        found = True
        pieces.append(piece)
        size += len(piece)
        if size > files.SMALL:
            return False
    return found


def _read_op(request: Message, ahead: _Ahead, pieces: list[bytes | memoryview]) -> Iterator[Op]:
    match request.WhichOneof("body"):
        case "add_file":
            yield _add(request.add_file, ahead)
        case "delete_file":
            file = request.delete_file
            yield DeleteFile(file.path, file.datum or DEFAULT_TAG)
            if pieces:
                rest = ahead.bytes_for(file.path, file.datum)
                yield AddFile(file.path, chain(pieces, rest), file.datum or DEFAULT_TAG)
        case "copy_file":
            yield _copy(request.copy_file)
        case "set_commit":
            raise InvalidArgument("cannot set commit: it was set by the first message")
        case _:
            raise InvalidArgument("a message says neither add, delete nor copy file")


def _bytes_added(request: Any, path: str, tag: str) -> bytes | memoryview | None:
    """The bytes that a request adds to this file; None when it does something else."""
    if isinstance(request, Piece):
        return request.value if (request.path, request.datum) == (path, tag) else None
    if request is None or isinstance(request, More):
        return None
    add = request.add_file  # an empty one when it is another request, and adds to no path
    adds = path and add.path == path and add.datum == tag and not add.HasField("url")
    return add.raw.value if adds else None


def _add(first: Message, ahead: _Ahead) -> AddFile | FetchFile:
    tag = first.datum or DEFAULT_TAG
    if first.HasField("url"):
        url = first.url
        return FetchFile(first.path, url.URL, tag, url.recursive, url.concurrency)
    return AddFile(first.path, chain([first.raw.value], ahead.bytes_for(first.path, first.datum)), tag)


def _copy(request: Message) -> CopyFile:
    source, path, tag = read_file(request.src)
    return CopyFile(request.dst, source, path, request.datum or DEFAULT_TAG, tag, request.append)
