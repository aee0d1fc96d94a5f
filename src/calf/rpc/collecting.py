"""`calf gc` over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.model.ports import LogStore
from calf.pfs.engine import Pfs
from calf.pfs.sweeping import Reached
from calf.pps.collecting import Freed, Line, collect
from calf.rpc.call import Call, Handlers
from calf.wire.messages import Message, calf


def handlers(pfs: Pfs, logs: LogStore) -> Handlers:
    """The one method."""
    return {"/calf_v1.Storage/Collect": partial(collect_all, pfs, logs)}


def collect_all(pfs: Pfs, logs: LogStore, request: Message, call: Call) -> Iterator[Message]:
    """What goes, what stays and why, and how far it is; ends early, and whole, when the client goes away."""
    return map(write, collect(pfs, logs, call.cancel, dry_run=request.dry_run))


def write(news: Reached | Line | Freed) -> Message:
    """A message for each piece of news."""
    if isinstance(news, Reached):
        reached = calf.Reached(objects=news.objects, trees=news.trees, of=news.of)
        return calf.CollectResponse(reached=reached)
    if isinstance(news, Line):
        line = calf.CollectLine(
            what=news.what,
            why=news.why,
            goes=news.goes,
            items=news.items,
            objects=news.objects,
            garbage=news.garbage,
            size_bytes=news.size,
            freed_bytes=news.freed,
        )
        return calf.CollectResponse(line=line)
    swept = news.swept
    freed = calf.Freed(
        size_bytes=swept.size + news.log_bytes,
        packs=swept.packs,
        made=swept.made,
        objects=swept.objects,
        kept=swept.kept,
        logs=news.logs,
    )
    return calf.CollectResponse(freed=freed)
