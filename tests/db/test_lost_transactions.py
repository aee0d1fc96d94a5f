"""What was acknowledged and is gone is missed at the next start, though SQLite says nothing of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from calf.db import database as door
from calf.db import mark, settings
from calf.db.database import Database
from calf.db.schema import MIGRATIONS
from calf.model.errors import IntegrityError

NAMES = ("metadata.sqlite", "metadata.sqlite-wal", "metadata.sqlite-mark")


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """What a server that was killed after three transactions has left."""
    (tmp_path / "live").mkdir()
    (tmp_path / "left").mkdir()
    database = Database.open(tmp_path / "live/metadata.sqlite")
    for number in range(3):
        with database.write() as tx:
            settings.put(tx, "number", str(number))
    for name in NAMES:
        shutil.copy(tmp_path / "live" / name, tmp_path / "left" / name)
    database.close()
    return tmp_path / "left"


def number(home: Path) -> str | None:
    database = Database.open(home / "metadata.sqlite")
    try:
        with database.read() as tx:
            return settings.get(tx, "number")
    finally:
        database.close()


def flip(file: Path, offset: int) -> None:
    data = bytearray(file.read_bytes())
    data[offset] ^= 1
    file.write_bytes(data)


def test_what_a_killed_server_has_left_is_whole(killed: Path) -> None:
    assert number(killed) == "2"
    assert number(killed) == "2"


def test_a_damaged_log_is_missed_and_nothing_is_lost_without_a_word(killed: Path) -> None:
    flip(killed / "metadata.sqlite-wal", -5000)
    with pytest.raises(IntegrityError, match=r"have lost the last 1 of 3 transactions") as error:
        number(killed)
    assert "metadata.sqlite-mark" in str(error.value.hint)
    (killed / "metadata.sqlite-mark").unlink()
    assert number(killed) == "1"


def test_a_new_schema_makes_up_for_no_lost_transaction(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flip(killed / "metadata.sqlite-wal", -5000)
    monkeypatch.setattr(door, "MIGRATIONS", (*MIGRATIONS, (mark.note_schema,)))
    with pytest.raises(IntegrityError, match=r"have lost the last 1 of"):
        number(killed)


def test_an_older_copy_of_the_rows_is_no_substitute(killed: Path) -> None:
    for name in NAMES[:2]:
        (killed / name).unlink()
    with pytest.raises(IntegrityError, match="an older copy was put in their place"):
        number(killed)


def test_a_damaged_mark_is_named(killed: Path) -> None:
    for offset in range((killed / "metadata.sqlite-mark").stat().st_size):
        flip(killed / "metadata.sqlite-mark", offset)
        with pytest.raises(IntegrityError, match=r"metadata.sqlite-mark is damaged|have lost"):
            number(killed)
        flip(killed / "metadata.sqlite-mark", offset)
    assert number(killed) == "2"


def test_rows_that_have_lost_their_number_are_damaged(killed: Path) -> None:
    with closing(sqlite3.connect(killed / "metadata.sqlite", isolation_level=None)) as connection:
        connection.execute("DELETE FROM mark")
    with pytest.raises(IntegrityError, match="the number of transactions is lost"):
        number(killed)


def test_a_mark_that_a_power_cut_took_is_no_damage(killed: Path) -> None:
    (killed / "metadata.sqlite-mark").write_bytes(b"\0" * 47)
    assert number(killed) == "2"
    (killed / "metadata.sqlite-mark").write_bytes(b"")
    assert number(killed) == "2"


def test_a_transaction_that_was_undone_is_not_counted(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "metadata.sqlite")
    mark = tmp_path / "metadata.sqlite-mark"
    with database.write() as tx:
        settings.put(tx, "number", "1")
    before = mark.read_bytes()
    with pytest.raises(ZeroDivisionError), database.write() as tx:
        settings.put(tx, "number", str(1 / 0))
    with database.write():
        pass
    assert mark.read_bytes() == before
    database.close()
