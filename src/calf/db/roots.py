"""Everything in the metadata that refers to stored objects: what a sweep must leave alone.

All of it stands here and nowhere else. A table that gets a root of a tree gets a line here, or what it refers
to is swept; a test walks the schema and asks about every column of bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from calf.db import sealed
from calf.db.tx import Tx

COLUMNS = (
    ("commits", "root"),
    ("runs", "output"),
    ("filesets", "root"),
)
"""Columns that hold the root of a tree, or nothing."""
OTHERS = (
    *((table.table, "digest") for table in sealed.TABLES),
    ("mark", "schema"),
    ("datum_lists", "digest"),
    ("branches", "digest"),
    ("commits", "digest"),
    ("pipeline_versions", "digest"),
    ("jobs", "digest"),
    ("runs", "datum"),
    ("runs", "hash"),
    ("datums", "datum"),
    ("datums", "hash"),
    ("cache", "value"),
    ("transactions", "record"),
    ("statements", "payload"),
    ("statements", "signature"),
    ("replays", "payload"),
    ("replays", "signature"),
)
"""Columns of bytes that hold something else; what a client put into the cache is its own business."""


_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


def all_(tx: Tx) -> Iterator[bytes]:
    """The root of every tree that a row refers to; some of them several times."""
    for table, column in COLUMNS:
        for (root,) in tx.execute(f"SELECT {column} FROM {table} WHERE {column} NOT NULL"):  # noqa: S608 - our own names
            yield root


def images(tx: Tx) -> set[str]:
    """The digest of every image that a version of a pipeline, a job, a datum or a statement names."""
    found: set[str] = {
        digest
        for (digest,) in tx.execute(
            "SELECT image_digest FROM pipeline_versions UNION SELECT image_digest FROM jobs"
            " UNION SELECT image FROM runs"
        )
    }
    for (payload,) in tx.execute("SELECT payload FROM statements"):
        found.update(match.decode() for match in _DIGEST.findall(payload))
    return found
