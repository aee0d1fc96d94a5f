"""Changing files: a client's stream becomes operations, which are done together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby

from calf.model.content import DEFAULT_TAG
from calf.model.errors import InvalidArgument
from calf.pfs import files
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile, CopyFile, DeleteFile, FetchFile, Op
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_commit_ref, read_file
from calf.wire.messages import Message, google


def handlers(pfs: Pfs) -> Handlers:
    """ModifyFile."""
    return {"/pfs_v2.API/ModifyFile": partial(modify_file, pfs)}


def modify_file(pfs: Pfs, requests: Iterator[Message], call: Call) -> Message:
    """The first message names the commit, the others say what to do, in order."""
    first = next(requests, None)
    if first is None or first.WhichOneof("body") != "set_commit":
        raise InvalidArgument("first message must be a commit")
    files.modify(pfs, read_commit_ref(first.set_commit), read_ops(requests), call.cancel, call.spout)
    return google.Empty()


def read_ops(requests: Iterable[Message]) -> Iterator[Op]:
    """The operations; messages with bytes for one path that follow each other are one.

    Use each operation up before asking for the next: its bytes are read from `requests` as it goes.
    """
    for _, group in groupby(requests, _same_file):
        yield _read_op(group)


def _read_op(group: Iterator[Message]) -> Op:
    request = next(group)
    match request.WhichOneof("body"):
        case "add_file":
            return _add(request.add_file, group)
        case "delete_file":
            return DeleteFile(request.delete_file.path, request.delete_file.datum or DEFAULT_TAG)
        case "copy_file":
            return _copy(request.copy_file)
        case "set_commit":
            raise InvalidArgument("cannot set commit: it was set by the first message")
        case _:
            raise InvalidArgument("a message says neither add, delete nor copy file")


def _same_file(request: Message) -> object:
    """Equal for messages that add to the same file, different for all others."""
    if request.WhichOneof("body") == "add_file" and not request.add_file.HasField("url"):
        return request.add_file.path, request.add_file.datum
    return object()


def _add(first: Message, more: Iterable[Message]) -> AddFile | FetchFile:
    tag = first.datum or DEFAULT_TAG
    if first.HasField("url"):
        url = first.url
        return FetchFile(first.path, url.URL, tag, url.recursive, url.concurrency)

    def pieces() -> Iterator[bytes]:
        yield first.raw.value
        for request in more:
            yield request.add_file.raw.value

    return AddFile(first.path, pieces(), tag)


def _copy(request: Message) -> CopyFile:
    source, path, tag = read_file(request.src)
    return CopyFile(request.dst, source, path, request.datum or DEFAULT_TAG, tag, request.append)
