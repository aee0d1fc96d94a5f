from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.db.schema import MIGRATIONS, migrate
from calf.model.errors import Precondition


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "old.sqlite", isolation_level=None)
    yield connection
    connection.close()


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


FIRST = ("CREATE TABLE one (x)",)
BROKEN = ("CREATE TABLE two (x)", "CREATE TABLE one (x)")
MENDED = ("CREATE TABLE two (x)", "CREATE TABLE three (x)")


def test_a_step_that_fails_leaves_no_trace_and_is_taken_again(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(connection, [FIRST, BROKEN])
    assert tables(connection) == {"one"}
    migrate(connection, [FIRST, MENDED])
    assert tables(connection) == {"one", "two", "three"}


def test_a_step_is_taken_once(connection: sqlite3.Connection) -> None:
    migrate(connection, [FIRST])
    migrate(connection, [FIRST, MENDED])
    migrate(connection, [FIRST, MENDED])
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_folder_of_a_newer_calf_is_refused(connection: sqlite3.Connection) -> None:
    migrate(connection, [FIRST, MENDED])
    with pytest.raises(Precondition, match="schema 2, this calf knows up to 1"):
        migrate(connection, [FIRST])


def test_the_schema_makes_strict_tables(connection: sqlite3.Connection) -> None:
    migrate(connection, MIGRATIONS)
    loose = [
        name
        for name, strict in connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"
        )
        if not strict and not name.startswith("sqlite_")
    ]
    assert loose == []
