"""Finds who can compare two files: by their name, else as text, else by size and hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.comparing.anything import compare_bytes
from calf.web.files.comparing.documents import compare_documents
from calf.web.files.comparing.pictures import compare_pictures
from calf.web.files.comparing.sides import Comparison, Sides
from calf.web.files.comparing.tables import compare_tables
from calf.web.files.comparing.texts import compare_texts
from calf.web.files.kinds import kind_of

_BY_KIND: Mapping[str, tuple[str, Comparison]] = {
    "picture": ("Pictures", compare_pictures),
    "table": ("Rows", compare_tables),
    "json": ("Keys", compare_documents),
}


def compare(sides: Sides) -> Mapping[str, Any]:
    """What a page shows as `comparison`, and in `views` the ways that there are; `?view=` asks for one."""
    kind = kind_of(sides.path)
    ways: list[tuple[str, Comparison]] = [("Text", compare_texts), ("Bytes", compare_bytes)]
    if kind in _BY_KIND:
        ways.insert(0, _BY_KIND[kind])
    if kind in ("picture", "tensors", "archive"):
        ways.pop(-2)  # they are no texts
    wanted = sides.ask.text("view")
    for words, comparison in sorted(ways, key=lambda way: way[0].lower() != wanted):
        try:
            found = comparison(sides)
        except Unreadable:
            continue
        return {"comparison": found, "views": [{"words": name, "here": name == words} for name, _ in ways]}
    raise AssertionError("bytes can always be compared")
