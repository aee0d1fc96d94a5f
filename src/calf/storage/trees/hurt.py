"""Which files of a tree cannot be read, when some objects are missing or damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from calf.model.errors import IntegrityError
from calf.storage.contents import Get
from calf.storage.trees.pages import Load, Page, loading
from calf.storage.trees.rows import Below, Owner, content


def hurt(
    get: Get, root: bytes | None, lost: Callable[[bytes], bool], whole: set[bytes]
) -> Iterator[tuple[str, bytes]]:
    """Paths with the objects that they lack; a folder's path ends in `/` and stands for all that is below it.

    `lost` says whether an object is missing or damaged; pages that cannot be read count as well. Pass one
    `whole` along to go through many trees: pages below which nothing is wrong are looked at once.
    """
    if root is not None:
        yield from _below(get, loading(get), root, "/", lost, whole)


def _below(
    get: Get, load: Load, page_id: bytes, folder: str, lost: Callable[[bytes], bool], whole: set[bytes]
) -> Iterator[tuple[str, bytes]]:
    if page_id in whole:
        return
    page = None if lost(page_id) else _readable(load, page_id)
    if page is None:
        yield folder, page_id
        return
    found = False
    for row in page.rows:
        if isinstance(row, Below):
            inside = folder if page.level else folder + row.key
            for each in _below(get, load, row.id, inside, lost, whole):
                found = True
                yield each
            continue
        for oid in (oid for owner in row.owners for oid in _lacking(get, owner, lost)):
            found = True
            yield folder + row.key, oid
    if not found:
        whole.add(page_id)


def _readable(load: Load, page_id: bytes) -> Page | None:
    try:
        return load(page_id)
    except IntegrityError:
        return None


def _lacking(get: Get, owner: Owner, lost: Callable[[bytes], bool]) -> list[bytes]:
    listed = owner.chunks[0] if isinstance(owner.chunks, list) else None
    try:
        if listed is None or not lost(listed):
            return [oid for oid in content(get, owner).chunks if lost(oid)]
    except IntegrityError:
        pass
    return [listed] if listed else []
