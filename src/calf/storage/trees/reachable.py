"""Which objects a tree needs."""

from __future__ import annotations

from collections.abc import Iterator

from calf.storage.contents import Get
from calf.storage.trees.pages import loading
from calf.storage.trees.rows import Below, content


def reachable(get: Get, root: bytes | None, seen: set[bytes]) -> Iterator[bytes]:
    """The ids of all objects of a tree that are not in `seen` yet, pages and chunks; adds them to `seen`.

    Pass one `seen` along to go through many trees: what they share is visited once. Raises `IntegrityError`
    at a page that cannot be read; whether the chunks are there is for the caller to ask.
    """
    load = loading(get)
    waiting = [] if root is None else [root]
    while waiting:
        page_id = waiting.pop()
        if page_id in seen:
            continue
        seen.add(page_id)
        yield page_id
        for row in load(page_id).rows:
            if isinstance(row, Below):
                waiting.append(row.id)
                continue
            for owner in row.owners:
                lists = owner.chunks if isinstance(owner.chunks, list) else []
                for object_id in (*lists, *content(get, owner).chunks):
                    if object_id not in seen:
                        seen.add(object_id)
                        yield object_id
