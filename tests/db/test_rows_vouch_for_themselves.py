"""Whatever a stranger changes in a row, of any table, the row or its list says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from calf.db import (
    cache,
    datum_lists,
    datums,
    defaults,
    filesets,
    jobs,
    ledger,
    metadata,
    moves,
    pipelines,
    projects,
    repos,
    sealed,
    secrets,
    settings,
    transactions,
)
from calf.db.database import Database
from calf.db.tx import Tx
from calf.model.pfs_infos import ProjectInfo
from calf.model.refs import Repo

COVERED = {"commits", "commit_provenance", "branches", "branch_provenance", "pipeline_versions", "jobs"}
"""By digests of their own (`test_fsck`, and `tests/pps`)."""
ELSEWHERE = {"mark", "datum_lists", "datums", "statements", "replays", "sqlite_sequence"}
"""By `mark.changed`, by the digests of lists, by signatures."""


def fill(tx: Tx) -> None:
    """A row in each table, most of them written twice."""
    settings.put(tx, "key", "value")
    settings.put(tx, "key", "other")
    ledger.append(tx, "kind", "key", 1)
    for text in ("", "words"):
        projects.put(tx, ProjectInfo("p", text, 1.0))
    number = repos.insert(tx, Repo("p", "r"), "", 2.0)
    repos.describe(tx, number, "words")
    tx.execute(
        "INSERT INTO branches (id, repo, name, \"trigger\", created, digest) VALUES (1, ?, 'b', '', 0, x'')",
        (number,),
    )
    for head in (7, 8):
        moves.record(tx, 1, moves.Move(head, "set", 3))
    tx.execute("INSERT INTO pipelines VALUES (1, 'p', 'l', 1, 1, '', 0, 4.0, x'')")
    pipelines.ROWS.seal(tx, "p", "l")
    defaults.put(tx, "", "{}", 5)
    secrets.insert(tx, secrets.Secret("s", "Opaque", 6, {"k": b"v"}))
    metadata.put(tx, "project", "p", {"a": "b"})
    filesets.insert(tx, filesets.FilesetRow("f", b"\1" * 32, (), 7, 8))
    filesets.renew(tx, "f", 9.0)
    cache.put(tx, "c", "t", b"v")
    transactions.insert(tx, "t", b"1")
    transactions.update(tx, "t", b"2")
    columns, marks = ", ".join(datums.RUNS.columns), ", ".join("?" * len(RUN))
    tx.insert(f"INSERT INTO runs ({columns}) VALUES ({marks})", RUN)
    datums.RUNS.seal(tx, 1)
    names, values = ", ".join(JOB), ", ".join(JOB.values())
    tx.execute(f"INSERT INTO jobs (seq, finished, digest, {names}) VALUES (1, 9.0, x'', {values})")
    tx.execute("INSERT INTO datums VALUES (1, x'00', x'01', 1, 1), (1, x'02', x'03', 2, NULL)")
    datum_lists.seal(tx, 1)


JOB = {
    column.split()[0]: "''" if "TEXT" in column else "0"
    for statement in jobs.SCHEMA[:1]
    for column in statement.partition("(")[2].splitlines()
    if " NOT NULL" in column and column.split()[0] not in ("finished", "digest")
}

RUN = ("p", "l", "j", b"d", b"h", 1, "", 0.1, 0.2, 0.3, 4, 5, "i", "[]", None)
OTHER = (
    "CASE typeof({0}) WHEN 'text' THEN {0} || 'x' WHEN 'blob' THEN x'05' WHEN 'null' THEN x'05'"
    " ELSE {0} + 1 END"
)


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[tuple[Database, sqlite3.Connection]]:
    database = Database.open(tmp_path / "metadata.sqlite")
    with database.write() as tx:
        fill(tx)
    with closing(sqlite3.connect(tmp_path / "metadata.sqlite", isolation_level=None)) as stranger:
        yield database, stranger
    database.close()


def said(database: Database) -> list[str]:
    with database.read() as tx:
        return list(sealed.changed(tx))


def test_every_column_of_every_row_is_vouched_for(filled: tuple[Database, sqlite3.Connection]) -> None:
    database, stranger = filled
    assert said(database) == []
    watched = [(table.table, (*table.columns, "digest")) for table in sealed.TABLES]
    watched += [
        ("ledger", ("seq",)),
        ("datums", ("datum", "hash", "state", "run")),
        ("datum_lists", ("digest",)),
        ("mark", ("number", "twin", "sequences", "schema")),
        ("sqlite_sequence", ("name", "seq")),
    ]
    for table, columns in watched:
        for column in columns:
            stranger.execute("BEGIN")
            changed = "2" if column == "run" else OTHER.format(column)
            row = f"(SELECT {column} FROM {table} ORDER BY 1 DESC LIMIT 1)"
            done = stranger.execute(f"UPDATE {table} SET {column} = {changed} WHERE {column} IS {row}")
            assert done.rowcount > 0, (table, column)
            assert list(sealed.changed(Tx(stranger))) != [], (table, column)
            stranger.execute("ROLLBACK")
    assert said(database) == []


def test_a_row_that_is_gone_from_a_list_is_missed(filled: tuple[Database, sqlite3.Connection]) -> None:
    database, stranger = filled
    stranger.execute("DELETE FROM datums WHERE datum = x'02'")
    assert "the list of datums of job /@ was changed" in said(database)[0]


def test_the_schema_is_vouched_for(filled: tuple[Database, sqlite3.Connection]) -> None:
    database, stranger = filled
    stranger.execute("DROP INDEX cache_by_tag")
    assert said(database) == ["the schema was changed behind the engine's back"]


def test_every_table_is_vouched_for_by_somebody(filled: tuple[Database, sqlite3.Connection]) -> None:
    _, stranger = filled
    tables = {name for (name,) in stranger.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables == {table.table for table in sealed.TABLES} | COVERED | ELSEWHERE
    for table in sealed.TABLES:
        columns = {
            name for (name,) in stranger.execute("SELECT name FROM pragma_table_info(?)", (table.table,))
        }
        assert columns == {*table.key, *table.columns, "digest"}
