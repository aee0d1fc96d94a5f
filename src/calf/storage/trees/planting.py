"""Making a new directory of one owner's files: as `apply` to an empty tree, without the steps in between."""

from __future__ import annotations

from collections.abc import Mapping

from calf.model.content import Content
from calf.storage.contents import Get, Put
from calf.storage.trees.builder import Builder, Pages
from calf.storage.trees.pages import loading
from calf.storage.trees.read import root_row
from calf.storage.trees.rows import Below, FileRow, Row, owner

Planted = Below
"""A directory that is stored, as `PutTree` takes it; its `id` is its root."""


def plant(
    get: Get, put: Put, tag: str, files: Mapping[str, Content], folders: Mapping[str, Planted] | None = None
) -> Planted | None:
    """A directory with these files, by path (relative and clean, `a/b`), beside finished `folders`, by name.

    None when there is nothing in it. Its root is what `apply` would give.
    """
    return _plant(Pages(get, put), tag, files, folders or {})


def planted(get: Get, root: bytes) -> Planted:
    """A stored tree, to be planted elsewhere."""
    return root_row(loading(get), root)


def _plant(
    pages: Pages, tag: str, files: Mapping[str, Content], folders: Mapping[str, Planted]
) -> Planted | None:
    rows: dict[str, Row] = {f"{name}/": below._replace(key=f"{name}/") for name, below in folders.items()}
    deeper: dict[str, dict[str, Content]] = {}
    for path, content in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            deeper.setdefault(name, {})[rest] = content
        else:
            rows[name] = FileRow(name, False, [owner(pages.put, tag, content)])
    for name, below in deeper.items():
        directory = _plant(pages, tag, below, {})
        assert directory is not None, "it has files"
        rows[f"{name}/"] = directory._replace(key=f"{name}/")
    builder = Builder(pages)
    for key in sorted(rows):
        row = rows[key]
        if isinstance(row, FileRow) and f"{key}/" in rows:
            row = row._replace(collides=True)
        builder.add(row)
    return builder.finish()
