"""What clients may ask of the storage itself: a small cache, a count of what is stored, running tasks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.db import cache
from calf.model.errors import InvalidArgument, NotFound
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.wire.messages import Message, google
from calf.wire.messages import pfs as api


def handlers(pfs: Pfs) -> Handlers:
    """PutCache, GetCache, ClearCache, CheckStorage, ListTask."""
    return {
        "/pfs_v2.API/PutCache": partial(put_cache, pfs),
        "/pfs_v2.API/GetCache": partial(get_cache, pfs),
        "/pfs_v2.API/ClearCache": partial(clear_cache, pfs),
        "/pfs_v2.API/CheckStorage": partial(check_storage, pfs),
        "/pfs_v2.API/ListTask": list_task,
    }


def put_cache(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Keep a value until its tag is cleared."""
    if not request.key:
        raise InvalidArgument("a cache entry needs a key")
    with pfs.db.write() as tx:
        cache.put(tx, request.key, request.tag, request.value.SerializeToString())
    return google.Empty()


def get_cache(pfs: Pfs, request: Message, _call: Call) -> Message:
    """A value that was put."""
    with pfs.read() as tx:
        value = cache.get(tx, request.key)
    if value is None:
        raise NotFound(f'key "{request.key}" not found in cache')
    return api.GetCacheResponse(value=google.Any.FromString(value))


def clear_cache(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Drop the values whose tag begins so, all of them for an empty one."""
    with pfs.db.write() as tx:
        cache.clear(tx, request.tag_prefix)
    return google.Empty()


def check_storage(pfs: Pfs, request: Message, call: Call) -> Message:
    """Count the stored objects between two ids, and, if asked to, read each and compare it with its id."""
    count = 0
    for object_id in pfs.store.objects():
        call.cancel.check()
        if object_id < request.chunk_begin or (request.chunk_end and object_id >= request.chunk_end):
            continue
        if request.read_chunk_data:
            pfs.store.verify(object_id)
        count += 1
    return api.CheckStorageResponse(chunk_object_count=count)


def list_task(_request: Message, _call: Call) -> Iterator[Message]:
    """None: work on files is done inside of the request that asks for it."""
    return iter(())
