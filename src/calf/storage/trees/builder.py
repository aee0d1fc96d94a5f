"""Making a directory's pages out of its rows, so that equal rows give equal pages however they came about.

Where a page ends is decided by the last key in it alone: a key has a rank, drawn from its hash; one key in
64 has rank 1 or more, one in 64² rank 2 or more. A page of level L ends after a key of rank above L, or
with the directory. So an edit moves only boundaries at its own keys, and pages between them can be taken
over unread.
"""

from __future__ import annotations

from functools import lru_cache

from blake3 import blake3

from calf.storage.contents import Get, Put
from calf.storage.trees.pages import Page, describe, loading
from calf.storage.trees.rows import Below, Row, encode

_BITS = 6
_KEEP = 2048


@lru_cache(maxsize=4096)  # many folders hold files of the same few names
def rank(key: str) -> int:
    """How many levels of pages end after this key."""
    number = int.from_bytes(blake3(key.encode()).digest(8), "little")
    return ((number & -number).bit_length() - 1) // _BITS if number else 0


class Pages:
    """Loads and stores pages; what was handled lately is kept decoded. `get` must give what `put` stored."""

    def __init__(self, get: Get, put: Put) -> None:
        self.put = put
        self._load = loading(get)
        self._recent: dict[bytes, Page] = {}

    def load(self, page_id: bytes) -> Page:
        """The page of this id."""
        return self._recent.get(page_id) or self._keep(page_id, self._load(page_id))

    def store(self, page: Page) -> Below:
        """Store a page; returns the row that stands for it in its parent."""
        page_id = self.put(encode(page.level, page.rows))
        self._keep(page_id, page)
        return describe(page, page_id, page.rows[-1].key)

    def _keep(self, page_id: bytes, page: Page) -> Page:
        if len(self._recent) >= _KEEP:
            self._recent.clear()
        self._recent[page_id] = page
        return page


class Builder:
    """Takes a directory's rows in order of keys; `finish` gives its root page."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._waiting: list[list[Row]] = [[]]

    def add(self, row: Row, level: int = 0) -> None:
        """Append a row; or, with a level above 0, a whole page of the level below, if `fits` said so."""
        while level >= len(self._waiting):
            self._waiting.append([])
        self._waiting[level].append(row)
        if rank(row.key) > level:
            self._close(level)

    def fits(self, level: int) -> bool:
        """Whether a row of this level can come next: nothing of the levels below is unfinished."""
        return not any(self._waiting[:level])

    def finish(self) -> Below | None:
        """The root page: of the lowest level that has a single page. None for an empty directory."""
        level = 0
        if self._waiting[0] and len(self._waiting) == 1:
            return self._pages.store(Page(0, self._waiting[0]))
        while any(self._waiting[level:]):
            rows, top = self._waiting[level], not any(self._waiting[level + 1 :])
            if top and level and len(rows) == 1:
                return self._lowest(rows[0])
            if rows:
                self._close(level)
            level += 1
        return None

    def _close(self, level: int) -> None:
        page = Page(level, self._waiting[level])
        self._waiting[level] = []
        self.add(self._pages.store(page), level + 1)

    def _lowest(self, row: Row) -> Below:
        while True:
            assert isinstance(row, Below)
            page = self._pages.load(row.id)
            if page.level == 0 or len(page.rows) > 1:
                return row
            row = page.rows[0]
