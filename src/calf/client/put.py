"""Putting files: one stream, one commit, in pieces, and many small files in few messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import grpc

from calf.client.connection import Client
from calf.client.errors import read_error
from calf.client.pipe import Pipe
from calf.wire.messages import Message, calf, google, pfs

PIECE = 1024 * 1024
_BATCH = 1024 * 1024
# What a request costs besides its bytes; keeps batches of empty files within bounds.
_OVERHEAD = 64

Progress = Callable[[int], None]
"""Told how many bytes were handed over since the last time."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to put at `path`: bytes from `open`, or, when `url` is given, fetched by the server."""

    path: str
    open: Callable[[], BinaryIO] | None = None
    url: str = ""
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How to put: appending or replacing, compressed on the way, `parallelism` files of a URL at once."""

    append: bool = False
    compress: bool = False
    parallelism: int = 0


_PLAIN = Manner()


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
    send(client, put_requests(commit, sources, manner, progress), compress=manner.compress)


def put_requests(
    commit: Message, sources: Iterable[Source], manner: Manner, progress: Progress
) -> Iterator[Message]:
    """The requests of a put, in order."""
    yield pfs.ModifyFileRequest(set_commit=commit)
    for source in sources:
        if not manner.append and source.path != "/":
            yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=source.path))
        if source.url:
            url = pfs.AddFile.URLSource(
                URL=source.url, recursive=source.recursive, concurrency=manner.parallelism
            )
            yield pfs.ModifyFileRequest(add_file=pfs.AddFile(path=source.path, url=url))
        elif source.open is not None:
            yield from _pieces(source.path, source.open, progress)


def _pieces(path: str, opener: Callable[[], BinaryIO], progress: Progress) -> Iterator[Message]:
    with opener() as file:
        piece = None
        while piece is None or len(piece) == PIECE:
            piece = file.read(PIECE)
            raw = google.BytesValue(value=piece)
            yield pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, raw=raw))
            progress(len(piece))


def send(client: Client, requests: Iterator[Message], *, compress: bool = False) -> None:
    """Send the requests of one modification, batched where the server takes batches.

    When making a request fails, the call is cancelled, so that nothing of it is kept, and the exception goes
    on.
    """
    batched = client.serves_batches()
    pipe = Pipe()
    path = "/calf_v1.Files/ModifyFiles" if batched else "/pfs_v2.API/ModifyFile"
    future = client.start(path, iter(pipe), compress=compress)
    future.add_done_callback(lambda _future: pipe.close())
    try:
        for message in batches(requests) if batched else requests:
            if not pipe.put(message):
                break
        pipe.finish()
        future.result()
    except grpc.RpcError as error:
        raise read_error(error, client.target) from error
    except BaseException:
        future.cancel()
        raise


def batches(requests: Iterable[Message]) -> Iterator[Message]:
    """The requests in messages of about a mebibyte."""
    batch, size = [], 0
    for request in requests:
        batch.append(request)
        size += _OVERHEAD + len(request.add_file.raw.value)
        if size >= _BATCH:
            yield calf.ModifyFilesRequest(requests=batch)
            batch, size = [], 0
    if batch:
        yield calf.ModifyFilesRequest(requests=batch)
