"""From what is to be put to the requests that say so."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, NamedTuple

from calf.model.errors import InvalidArgument
from calf.wire.messages import Message, calf, google, pfs

PIECE = 1024 * 1024
_BATCH = 1024 * 1024
# What a request costs besides its bytes; keeps batches of empty files within bounds.
_OVERHEAD = 64

Progress = Callable[[int], None]
"""Told how many bytes were handed over since the last time."""


class Source(NamedTuple):
    """A file to put at `path`: bytes from `open`, or those of the regular file at `file`, or, when `url` is
    given, fetched by the server."""

    path: str
    open: Callable[[], BinaryIO] | None = None
    url: str = ""
    recursive: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to put: appending or replacing, compressed on the way, `parallelism` files of a URL at once."""

    append: bool = False
    compress: bool = False
    parallelism: int = 0


def put_requests(
    commit: Message, sources: Iterable[Source], manner: Manner, progress: Progress
) -> Iterator[Message]:
    """The requests of a put, in order."""
    yield pfs.ModifyFileRequest(set_commit=commit)
    for source in sources:
        yield from source_requests(source, manner, progress)


def source_requests(source: Source, manner: Manner, progress: Progress) -> Iterator[Message]:
    """The requests for one source."""
    if not manner.append and source.path != "/":
        yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=source.path))
    if source.url:
        url = pfs.AddFile.URLSource(
            URL=source.url, recursive=source.recursive, concurrency=manner.parallelism
        )
        yield pfs.ModifyFileRequest(add_file=pfs.AddFile(path=source.path, url=url))
    else:
        yield from _pieces(source.path, source.open or partial(open_regular, source.file), progress)


def _pieces(path: str, opener: Callable[[], BinaryIO], progress: Progress) -> Iterator[Message]:
    with opener() as file:
        piece = None
        while piece is None or len(piece) == PIECE:
            piece = file.read(PIECE)
            raw = google.BytesValue(value=piece)
            yield pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, raw=raw))
            progress(len(piece))


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


def open_descriptor(path: str) -> tuple[int, int]:
    """Open a regular file, or a link to one, for reading: nothing else, which could block for ever.

    Gives the descriptor, and the size.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise InvalidArgument(f"{path} is not a regular file", "put only files and folders")
    return descriptor, found.st_size


def open_regular(path: str) -> BinaryIO:
    """As `open_descriptor`, as a file."""
    return os.fdopen(open_descriptor(path)[0], "rb")
