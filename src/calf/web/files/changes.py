"""Which files differ between two commits: added, removed, changed; a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calf.views.words import printable
from calf.web.files.places import file_in
from calf.web.pages import Ask
from calf.wire.messages import Message, pfs

COUNTED = 1000
"""So many changes are counted, if no page needs more; it says so when there are more."""
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Changes:
    """`rows` of a page; `more` is the path of the last of them when others follow. `counts` are of all
    changes when `complete`, else of the first ones."""

    rows: list[Mapping[str, Any]]
    more: str
    counts: Mapping[str, int]
    complete: bool

    def data(self) -> dict[str, Any]:
        """As pages show it."""
        return {
            "changes": self.rows,
            "more": self.more,
            "counts": dict(self.counts),
            "complete": self.complete,
        }


def find_changes(
    ask: Ask, old: Message | None, new: Message, rows: int, after: str = "", most: int = COUNTED
) -> Changes:
    """What is different in the commit `new` from `old`, from its parent when None.

    Of many changes `most` are counted, or as many as there are up to the end of the page.
    """
    shown: list[Mapping[str, Any]] = []
    counts = {"added": 0, "removed": 0, "changed": 0}
    more, complete, begun = "", False, not after
    found = _differences(ask, old, new)
    try:
        for change in found:
            counts[change["how"]] += 1
            if begun and len(shown) <= rows:
                shown.append(change)
            begun = begun or change["path"] == after  # the order is the server's
            total = sum(counts.values())
            if (total >= most and len(shown) > rows) or total >= _MOST:
                break
        else:
            complete = True
    finally:
        found.close()
    if len(shown) > rows:
        shown.pop()
        more = shown[-1]["path"] if shown else after
    return Changes(shown, more, counts, complete)


def _differences(ask: Ask, old: Message | None, new: Message) -> Any:
    request = pfs.DiffFileRequest(new_file=file_in(new, "/"))
    if old is not None:
        request.old_file.CopyFrom(file_in(old, "/"))
    return _files(ask.client.pfs.DiffFile(request))


def _files(pairs: Iterator[Message]) -> Iterator[Mapping[str, Any]]:
    for pair in pairs:
        new = pair.new_file if _is_file(pair, "new_file") else None
        old = pair.old_file if _is_file(pair, "old_file") else None
        info = new or old
        if info is None:
            continue
        yield {
            "path": info.file.path,
            "shown": printable(info.file.path),
            "how": "changed" if new and old else "added" if new else "removed",
            "size": new.size_bytes if new else 0,
            "before": old.size_bytes if old else 0,
        }


def _is_file(pair: Message, side: str) -> bool:
    return bool(pair.HasField(side) and getattr(pair, side).file_type != pfs.DIR)
