"""Everything that refers to stored objects is known to the sweep."""

from __future__ import annotations

from pathlib import Path

from calf.db import roots
from calf.db.database import Database


def test_every_column_of_bytes_is_a_root_or_known_to_be_none(tmp_path: Path) -> None:
    """A new column of bytes goes to `roots.COLUMNS` if it refers to an object, else to `OTHERS`."""
    database = Database.open(tmp_path / "metadata.sqlite")
    with database.read() as tx:
        tables = [name for (name,) in tx.all("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {
            (table, column)
            for table in tables
            for (column,) in tx.all("SELECT name FROM pragma_table_info(?) WHERE type = 'BLOB'", (table,))
        }
    database.close()
    assert found == {*roots.COLUMNS, *roots.OTHERS}
