"""A metadata file that is not built as SQLite builds them is seen at a look."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from calf.db.soundness import find_damage


def test_a_damaged_page_is_seen_and_a_sound_file_passes(tmp_path: Path) -> None:
    file = tmp_path / "metadata.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("word " * 50,)] * 100)
    assert find_damage(file) == ""
    data = bytearray(file.read_bytes())
    data[4096] ^= 0xFF  # what kind of page the second is
    file.write_bytes(data)
    assert find_damage(file) != ""
