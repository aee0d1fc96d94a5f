from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from calf.db import settings
from calf.db.database import Database
from calf.model.errors import IntegrityError, NoSpace, Precondition


def test_a_commit_is_synced_before_it_is_acknowledged(db: Database) -> None:
    with db.write() as tx:
        assert tx.value("PRAGMA synchronous") == 2
        assert tx.value("PRAGMA journal_mode") == "wal"
        assert tx.value("PRAGMA foreign_keys") == 1


def test_a_place_without_write_ahead_log_is_refused() -> None:
    with pytest.raises(Precondition, match="journal_mode = memory"):
        Database.open(Path(":memory:"))


def test_a_full_disk_commits_nothing(db: Database) -> None:
    with db.write() as tx:
        tx.execute(f"PRAGMA max_page_count = {tx.value('PRAGMA page_count') + 2}")

    def write_too_much() -> None:
        with db.write() as tx:
            settings.put(tx, "small", "1")
            settings.put(tx, "large", "x" * 100_000)

    with pytest.raises(NoSpace, match="nothing was committed"):
        write_too_much()
    with db.read() as tx:
        assert settings.get(tx, "small") is None


def test_a_damaged_file_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "metadata.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(IntegrityError, match="damaged"):
        Database.open(path)


def test_a_reader_in_another_process_sees_only_whole_transactions(db: Database, tmp_path: Path) -> None:
    with db.write() as tx:
        settings.put(tx, "a", "1")
        other = sqlite3.connect(tmp_path / "metadata.sqlite")
        assert other.execute("SELECT count(*) FROM settings").fetchone() == (0,)
    assert other.execute("SELECT count(*) FROM settings").fetchone() == (1,)
    other.close()


def test_a_file_that_was_moved_away_takes_no_more_commits(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    db = Database.open(tmp_path / "home/metadata.sqlite")
    (tmp_path / "home").rename(tmp_path / "elsewhere")

    def write() -> None:
        with db.write() as tx:
            settings.put(tx, "lost", "1")

    with pytest.raises(IntegrityError, match="removed or replaced under the running server: nothing was"):
        write()
    (tmp_path / "elsewhere").rename(tmp_path / "home")
    write()
    db.close()
