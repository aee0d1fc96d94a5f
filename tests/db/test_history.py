"""Whether the rows of a file are an earlier state of another's, also where the ledger does not reach back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from calf.db import ledger
from calf.db.database import Database
from calf.db.history import find_lost
from calf.db.snapshot import write_snapshot
from calf.model.errors import IntegrityError


def advance(file: Path, *events: str) -> None:
    database = Database.open(file)
    for event in events:
        with database.write() as tx:
            ledger.append(tx, "commit-finished", event, 1.0)
    database.close()


def forget(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM ledger WHERE seq < (SELECT max(seq) FROM ledger)")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A file of metadata and a copy of it."""
    file = tmp_path / "metadata.sqlite"
    advance(file, "a", "b")
    write_snapshot(file, tmp_path / "copy.sqlite")
    return file, tmp_path / "copy.sqlite"


def test_what_went_on_loses_nothing_of_what_it_was(files: tuple[Path, Path]) -> None:
    file, copy = files
    assert find_lost(copy, file) == ""
    advance(file, "c", "d")
    assert find_lost(copy, file) == ""
    assert find_lost(file, copy) == "2 transactions more"


def test_two_that_went_apart_lose_to_each_other(files: tuple[Path, Path]) -> None:
    file, copy = files
    advance(copy, "c")
    advance(file, "x", "y", "z")
    assert "gone on" in find_lost(copy, file)


def test_a_ledger_that_begins_later_is_silent(files: tuple[Path, Path]) -> None:
    file, copy = files
    advance(file, "c", "d")
    forget(file)
    assert find_lost(copy, file) == ""
    for name, set_id in ((file, "ours"), (copy, "theirs")):
        with closing(sqlite3.connect(name)) as connection, connection:
            connection.execute(
                "INSERT INTO commits (id, repo, set_id, origin, description, started, finishing, finished,"
                " error, written, digest) VALUES (5, 1, ?, 1, '', 0, 0, 0, '', 0, x'')",
                (set_id,),
            )
    assert "gone on" in find_lost(copy, file)


def test_damaged_rows_are_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    file, copy = files
    shutil.copyfile(file, tmp_path / "bad")
    (tmp_path / "bad").write_bytes(b"not a database at all" * 500)
    with pytest.raises(IntegrityError, match="damaged"):
        find_lost(tmp_path / "bad", copy)
