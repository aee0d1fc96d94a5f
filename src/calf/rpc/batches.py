"""Our one addition to the API: ModifyFile's requests in batches, because a message costs more than a small
file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from calf.rpc.call import Call, Handler, Handlers

_SINGLE = "/pfs_v2.API/ModifyFile"
_BATCHED = "/calf_v1.Files/ModifyFiles"


def with_batches(handlers: Handlers) -> Handlers:
    """The handlers, and, where they can modify files, the batched form of it, which means the same."""
    if _SINGLE not in handlers:
        return handlers
    return {**handlers, _BATCHED: _flatten(handlers[_SINGLE])}


def _flatten(modify: Handler) -> Handler:
    def modify_files(batches: Iterator[Any], call: Call) -> Any:
        return modify(chain.from_iterable(batch.requests for batch in batches), call)

    return modify_files
