"""Finds who can show a file: by its name and first bytes, else as text, else as bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.kinds import kind_of, suffix_of
from calf.web.files.previews.archives import show_archive
from calf.web.files.previews.documents import show_document
from calf.web.files.previews.dumps import show_bytes
from calf.web.files.previews.markdown import show_markdown
from calf.web.files.previews.notebook import show_notebook
from calf.web.files.previews.parquet import show_parquet
from calf.web.files.previews.picture import show_picture
from calf.web.files.previews.subject import Preview, Subject
from calf.web.files.previews.tables import show_table
from calf.web.files.previews.tensors import show_tensors
from calf.web.files.previews.texts import show_text
from calf.web.files.previews.trees import show_tree

_BY_KIND: Mapping[str, tuple[str, str, Preview]] = {
    "picture": ("picture", "Picture", show_picture),
    "json": ("tree", "Tree", show_tree),
    "markdown": ("markdown", "Rendered", show_markdown),
    "notebook": ("notebook", "Notebook", show_notebook),
    "page": ("document", "Page", show_document),
    "tensors": ("tensors", "Tensors", show_tensors),
    "archive": ("archive", "Contents", show_archive),
}
_TABLE = ("table", "Table", show_table)
_PARQUET = ("parquet", "Table", show_parquet)
_TEXT = ("text", "Text", show_text)
_BYTES = ("bytes", "Bytes", show_bytes)
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"PK\x03\x04", "archive"),
    (b"\x1f\x8b", "archive"),
)


def show_file(subject: Subject) -> Mapping[str, Any]:
    """What a page shows of a file: its preview, and in `views` the ways that there are to see it.

    `?view=` asks for one of them.
    """
    ways = list(_ways(subject))
    wanted = subject.ask.text("view")
    noted = ""
    for key, _words, preview in sorted(ways, key=lambda way: way[0] != wanted):
        try:
            shown = preview(subject)
        except Unreadable as error:
            noted = noted or str(error)
            continue
        return {
            "preview": shown,
            "note": noted if kind_of(subject.path) in (*_BY_KIND, "table") else "",
            "views": [
                {"words": words, "link": subject.page(view=name), "here": name == key}
                for name, words, _ in ways
            ],
        }
    raise AssertionError("bytes can always be shown")


def _ways(subject: Subject) -> Iterator[tuple[str, str, Preview]]:
    if not subject.size:
        yield _BYTES
        return
    kind = kind_of(subject.path)
    if kind not in _BY_KIND:
        kind = next((found for magic, found in _MAGIC if subject.head.startswith(magic)), kind)
    if kind == "table":
        yield _PARQUET if suffix_of(subject.path) == "parquet" else _TABLE
    elif kind in _BY_KIND:
        yield _BY_KIND[kind]
    if b"\0" not in subject.head:
        yield _TEXT
    yield _BYTES
