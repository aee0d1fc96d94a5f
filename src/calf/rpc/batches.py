"""Our one addition to the API of changing files: more in a message, because a message costs more than a small
file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from calf.model.errors import InvalidArgument
from calf.rpc.call import Call, Handler, Handlers
from calf.rpc.pieces import Piece
from calf.wire.limits import SMALL_FILE
from calf.wire.messages import message_class

_SINGLE = "/pfs_v2.API/ModifyFile"
_RESPONSE = "calf_v1.ModifyFilesResponse"
BATCHED = "/calf_v1.Files/ModifyFiles"


@dataclass(frozen=True, slots=True)
class SmallFiles:
    """Among the requests of a ModifyFile: whole files, by path, each replacing what is there."""

    files: list[tuple[str, memoryview]]


@dataclass(frozen=True, slots=True)
class Handed:
    """Among the requests of a ModifyFile: a file that replaces what is at `path`; its bytes are those of the
    next open file in `descriptors`, which whoever takes it closes."""

    path: str
    descriptors: deque[int]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Among the requests of a ModifyFile: what is below `path` is as it is in `commit`, or else all fails."""

    path: str
    commit: Any


More = SmallFiles | Handed | Unchanged | Piece
"""What comes beside requests of ModifyFile: what a batch can hold, and what is taken out of a long one."""


def with_batches(handlers: Handlers) -> Handlers:
    """The handlers, and, where they can modify files, the batched form of it, which means the same."""
    if _SINGLE not in handlers:
        return handlers
    return {**handlers, BATCHED: _flatten(handlers[_SINGLE])}


def _flatten(modify: Handler) -> Handler:
    def modify_files(batches: Iterator[Any], call: Call) -> Any:
        answer = modify((request for batch in batches for request in _requests(batch, call)), call)
        return answer if isinstance(answer, message_class(_RESPONSE)) else message_class(_RESPONSE)()

    return modify_files


def _requests(batch: Any, call: Call) -> Iterator[Any]:
    yield from batch.requests
    if batch.HasField("unchanged"):
        yield Unchanged(batch.unchanged.path, batch.unchanged.commit)
    if batch.files.paths:
        yield SmallFiles(list(_take_apart(batch.files)))
    if batch.handed:
        if not call.handed:
            raise InvalidArgument(
                "no open file came along", "only a client on the same machine can hand one over"
            )
        yield Handed(batch.handed, call.handed)


def _take_apart(files: Any) -> Iterator[tuple[str, memoryview]]:
    data, start = memoryview(files.data), 0
    if len(files.paths) != len(files.sizes) or sum(files.sizes) != len(data):
        raise InvalidArgument("the paths, sizes and bytes of small files do not belong together")
    for path, size in zip(files.paths, files.sizes, strict=True):
        if not 0 <= size <= SMALL_FILE:
            raise InvalidArgument(f"a small file has at most {SMALL_FILE} bytes, not {size}")
        yield path, data[start : start + size]
        start += size
