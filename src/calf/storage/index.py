"""The location index: which pack holds an object. Rebuildable from the packs at any time, so never precious.

Its own small SQLite file, one connection behind one lock: a lookup takes microseconds.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calf.kit.atomic import no_space
from calf.model.errors import IntegrityError
from calf.storage.objects import Location

_VERSION = 1
_SCHEMA = """
CREATE TABLE packs (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE objects (
    id BLOB PRIMARY KEY, pack INTEGER NOT NULL,
    "offset" INTEGER NOT NULL, stored INTEGER NOT NULL, size INTEGER NOT NULL, codec INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_FIND = """
SELECT packs.name, "offset", stored, size, codec
FROM objects JOIN packs ON packs.id = objects.pack WHERE objects.id = ?
"""
_PAGE = 1000
_ASKED_AT_ONCE = 500
_CACHE_KIB = 65_536
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


class ObjectIndex:
    """Object id → pack and place in it; thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open it; a file that is missing, foreign or seen to be damaged is begun anew, and knows no pack."""
        self._path = path
        self._lock = threading.Lock()
        try:
            self._db = self._connect()
        except IntegrityError:
            self._remove()
            self._db = self._connect()

    def find(self, oid: bytes) -> tuple[bytes, Location] | None:
        """The name of the object's pack, and its place there."""
        row = self._row(_FIND, oid)
        return None if row is None else (row[0], Location(*row[1:]))

    def has(self, oid: bytes) -> bool:
        """Whether some pack holds the object."""
        return self._row("SELECT 1 FROM objects WHERE id = ?", oid) is not None

    def known(self, oids: Sequence[bytes]) -> set[bytes]:
        """Which of these objects some pack holds."""
        found: set[bytes] = set()
        for start in range(0, len(oids), _ASKED_AT_ONCE):
            some = oids[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            with self._locked():
                rows = self._db.execute(f"SELECT id FROM objects WHERE id IN ({marks})", some)  # noqa: S608 - marks only
                found.update(oid for (oid,) in rows)
        return found

    def knows(self, pack: bytes) -> bool:
        """Whether a pack of this name was recorded."""
        return self._row("SELECT 1 FROM packs WHERE name = ?", pack) is not None

    def packs(self) -> set[bytes]:
        """The names of all known packs."""
        with self._locked():
            return {name for (name,) in self._db.execute("SELECT name FROM packs")}

    def add(self, packs: Iterable[tuple[bytes, Iterable[tuple[bytes, Location]]]]) -> None:
        """Record packs in one transaction; an object that is known already stays where it is."""
        with self._locked(), self._db:
            self._db.execute("BEGIN")
            for name, rows in packs:
                self._add(name, rows)

    def objects(self) -> Iterator[bytes]:
        """All object ids in order; those that come while this runs may be missed."""
        last = b""
        while True:
            with self._locked():
                rows = self._db.execute(
                    "SELECT id FROM objects WHERE id > ? ORDER BY id LIMIT ?", (last, _PAGE)
                ).fetchall()
            if not rows:
                return
            for (last,) in rows:
                yield last

    def clear(self) -> None:
        """Forget everything."""
        with self._locked(), self._db:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM objects")
            self._db.execute("DELETE FROM packs")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _row(self, sql: str, key: bytes) -> tuple[Any, ...] | None:
        try:
            with self._lock:
                row: tuple[Any, ...] | None = self._db.execute(sql, (key,)).fetchone()
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error
        return row

    def _add(self, name: bytes, rows: Iterable[tuple[bytes, Location]]) -> None:
        pack = self._db.execute("INSERT INTO packs (name) VALUES (?)", (name,)).lastrowid
        self._db.executemany(
            "INSERT OR IGNORE INTO objects VALUES (?, ?, ?, ?, ?, ?)",
            ((oid, pack, *at) for oid, at in sorted(rows)),
        )

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            with self._locked():
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                (version,) = db.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT")
                elif version != _VERSION:
                    raise self._damaged(f"its version is {version}")
                db.execute(_FIND, (b"",)).fetchone()
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock, and say in our own words what SQLite finds wrong with the disk or the file."""
        try:
            with self._lock:
                yield
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.DatabaseError) -> Exception:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return no_space(self._path.parent, error)
        return self._damaged(error) if code in _DAMAGE else error

    def _damaged(self, why: object) -> IntegrityError:
        return IntegrityError(
            f"{self._path} is damaged: {why}",
            "stop the server, remove that file and start again: it is made anew from the packs",
        )

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
