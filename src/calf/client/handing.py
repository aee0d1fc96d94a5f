"""Putting files of this machine into its server: small ones many in a message, large ones as open files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from calf.client.local_door import Sent
from calf.client.put_requests import (
    Manner,
    Progress,
    Source,
    batches,
    open_descriptor,
    open_regular,
    source_requests,
)
from calf.wire.limits import SMALL_FILE
from calf.wire.messages import Message, calf, pfs

_BATCH = 1024 * 1024
_MANY = 1024


def hand_over(
    commit: Message,
    sources: Iterable[Source],
    manner: Manner,
    progress: Progress,
    unchanged: Message | None = None,
) -> Iterator[Sent]:
    """The requests of a put that replaces files; as those of `put_requests`, in order.

    A file is read as far as it goes, as by any other way; one that has shrunk or grown since it was
    found is what it is then. `unchanged` is what need not be sent.
    """
    first = pfs.ModifyFileRequest(set_commit=commit)
    yield calf.ModifyFilesRequest(requests=[first], unchanged=unchanged), None
    paths: list[str] = []
    datas: list[bytes] = []
    size = 0
    for source in sources:
        data = _read_small(source.file) if source.file else None
        if data is not None:
            paths.append(source.path)
            datas.append(data)
            size += len(data)
        if paths and (data is None or size >= _BATCH or len(paths) >= _MANY):
            yield calf.ModifyFilesRequest(files=_together(paths, datas)), None
            progress(size)
            paths, datas, size = [], [], 0
        if data is None:
            yield from _alone(source, manner, progress)
    if paths:
        yield calf.ModifyFilesRequest(files=_together(paths, datas)), None
        progress(size)


def _read_small(name: str) -> bytes | None:
    """The whole of a small file; None for a larger one, or one that does not know its size."""
    descriptor, size = open_descriptor(name)
    try:
        if size > SMALL_FILE:
            return None
        data = os.read(descriptor, size + 1)
        return data if len(data) <= size else None
    finally:
        os.close(descriptor)


def _together(paths: list[str], datas: list[bytes]) -> Message:
    return calf.SmallFiles(paths=paths, sizes=list(map(len, datas)), data=b"".join(datas))


def _alone(source: Source, manner: Manner, progress: Progress) -> Iterator[Sent]:
    if not source.file:
        yield from ((batch, None) for batch in batches(source_requests(source, manner, progress)))
        return
    with open_regular(source.file) as file:
        yield calf.ModifyFilesRequest(handed=source.path), file.fileno()
        progress(os.fstat(file.fileno()).st_size)
