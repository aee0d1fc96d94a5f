"""The key that a data folder signs its statements with: made at the first start, for its owner only."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from calf.kit import atomic
from calf.model.errors import InvalidArgument
from calf.model.statement.signing import SEED_BYTES, Signer, read_signer


def key_file(home: Path) -> Path:
    """Where it lies. Danger: whoever reads it can sign as this folder; nothing replaces a lost one."""
    return home / "attest.key"


def load_or_make(home: Path) -> Signer:
    """The key of a folder, made now if there is none. Raises `InvalidArgument` for a file that holds none."""
    path = key_file(home)
    if not path.exists():
        atomic.write_file(path, Signer(os.urandom(SEED_BYTES)).pem().encode())
    try:
        return read_signer(path.read_text(encoding="ascii", errors="replace"))
    except InvalidArgument as error:
        raise InvalidArgument(
            f"{path} holds no key to sign with: {error.message}",
            "bring it back from a copy; or move it away: a new one is made, and what the old one signed does"
            " not hold any more",
        ) from None


def is_lost(home: Path) -> bool:
    """Whether statements were signed here and the key that did it is gone: the next start makes another."""
    metadata = home / "metadata.sqlite"
    if key_file(home).exists() or not metadata.exists():
        return False
    with closing(sqlite3.connect(f"{metadata.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute("SELECT 1 FROM statements LIMIT 1").fetchone() is not None
        except sqlite3.OperationalError:  # a folder from before there were statements
            return False
