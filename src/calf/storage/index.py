"""The location index: which pack holds an object. Rebuildable from the packs at any time, so never precious.

Its own small SQLite file, one connection behind one lock: a lookup takes microseconds.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from calf.kit.atomic import cannot_open, disk_failed, no_space
from calf.model.errors import IntegrityError
from calf.storage.objects import ID_SIZE, Location

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
_FIND_ALL = """
SELECT objects.id, packs.name, "offset", stored, size, codec
FROM objects JOIN packs ON packs.id = objects.pack WHERE objects.id
"""
_LYING = "SELECT objects.id FROM objects JOIN packs ON packs.id = objects.pack WHERE packs.name = ?"
_PAGE = 1000
_ASKED_AT_ONCE = 500
_CACHE_KIB = 65_536
_FAILED = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


class Moved(NamedTuple):
    """Objects that were read from the pack `source`, and where they lie in `target`."""

    source: bytes
    target: bytes
    rows: Sequence[tuple[bytes, Location]]


class ObjectIndex:
    """Object id → pack and place in it; thread-safe.

    Danger: an answer that an object is here must come from the database, under the lock: `forget` relies on
    it, as every operation that builds upon such an answer does (`calf.storage.holds`).
    """

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
        return None if row is None else self._place(row)

    def find_all(self, oids: Sequence[bytes]) -> dict[bytes, tuple[bytes, Location]]:
        """`find` of many at once; those that no pack holds are left out."""
        rows = self._of_many(_FIND_ALL, oids)
        return {oid: self._place(row) for oid, *row in rows}

    def has(self, oid: bytes) -> bool:
        """Whether some pack holds the object."""
        return self._row("SELECT 1 FROM objects WHERE id = ?", oid) is not None

    def known(self, oids: Sequence[bytes]) -> set[bytes]:
        """Which of these objects some pack holds."""
        return {oid for (oid,) in self._of_many("SELECT id FROM objects WHERE id", oids)}

    def knows(self, pack: bytes) -> bool:
        """Whether a pack of this name was recorded."""
        return self._row("SELECT 1 FROM packs WHERE name = ?", pack) is not None

    def packs(self) -> set[bytes]:
        """The names of all known packs."""
        with self._locked():
            found = {name for (name,) in self._db.execute("SELECT name FROM packs")}
        if not all(isinstance(name, bytes) and len(name) == ID_SIZE for name in found):
            raise self._damaged("the name of a pack is none")
        return found

    def add(self, packs: Iterable[tuple[bytes, Iterable[tuple[bytes, Location]]]]) -> None:
        """Record packs in one transaction; an object that is known already stays where it is.

        A pack that is known already gets the rows back that it has lost to `forget`.
        """
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
            for (oid,) in rows:
                yield (last := self._after(last, oid))

    def rows(self) -> Iterator[tuple[bytes, bytes, int]]:
        """Id, pack and stored bytes of all objects, by id; what changes while this runs may be missed."""
        last = b""
        while True:
            with self._locked():
                found = self._db.execute(
                    "SELECT objects.id, packs.name, stored FROM objects JOIN packs ON packs.id = objects.pack"
                    " WHERE objects.id > ? ORDER BY objects.id LIMIT ?",
                    (last, _PAGE),
                ).fetchall()
            if not found:
                return
            for oid, pack, stored in found:
                last = self._after(last, oid)
                yield oid, pack, stored

    def lying_in(self, pack: bytes, oids: Sequence[bytes]) -> set[bytes]:
        """Those of these objects that are read from this pack."""
        found: set[bytes] = set()
        for start in range(0, len(oids), _ASKED_AT_ONCE):
            some = oids[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            sql = f"{_LYING} AND objects.id IN ({marks})"
            with self._locked():
                found.update(oid for (oid,) in self._db.execute(sql, (pack, *some)))
        return found

    def forget(self, oids: Sequence[bytes], unheld: Callable[[Sequence[bytes]], list[bytes]]) -> None:
        """Forget objects, but for those that `unheld`, asked under the lock, does not give back."""
        for start in range(0, len(oids), _PAGE):
            with self._locked(), self._db:
                self._db.execute("BEGIN")
                doomed = [(oid,) for oid in unheld(oids[start : start + _PAGE])]
                self._db.executemany("DELETE FROM objects WHERE id = ?", doomed)

    def move(self, moved: Iterable[Moved], gone: Iterable[bytes]) -> None:
        """Have objects be read from other packs, and forget packs that none is read from; one transaction."""
        with self._locked(), self._db:
            self._db.execute("BEGIN")
            for each in moved:
                target, source = self._number(each.target), self._number(each.source)
                self._db.executemany(
                    'UPDATE objects SET pack = ?, "offset" = ?, stored = ?, size = ?, codec = ?'
                    " WHERE id = ? AND pack = ?",
                    ((target, *at, oid, source) for oid, at in each.rows),
                )
            self._db.executemany("DELETE FROM packs WHERE name = ?", ((name,) for name in gone))

    def take_over(self, pack: bytes, rows: Sequence[tuple[bytes, Location]]) -> None:
        """Have objects be read from this pack, wherever they were read from before."""
        with self._locked(), self._db:
            self._db.execute("BEGIN")
            number = self._number(pack)
            self._db.executemany(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)",
                ((oid, number, *at) for oid, at in rows),
            )

    def begin_anew(self) -> None:
        """Throw the file away, whatever is in it, and know no pack."""
        with self._lock:
            self._db.close()
        self._remove()
        self._db = self._connect()

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

    def _of_many(self, sql: str, oids: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement that ends before its list of ids."""
        for start in range(0, len(oids), _ASKED_AT_ONCE):
            some = oids[start : start + _ASKED_AT_ONCE]
            with self._locked():
                rows = self._db.execute(f"{sql} IN ({','.join('?' * len(some))})", some).fetchall()
            yield from rows

    def _row(self, sql: str, key: bytes) -> tuple[Any, ...] | None:
        try:
            with self._lock:
                row: tuple[Any, ...] | None = self._db.execute(sql, (key,)).fetchone()
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error
        return row

    def _after(self, last: bytes, oid: object) -> bytes:
        """The id that comes after `last`; damaged rows may be of any type, and in an order without end."""
        if not (isinstance(oid, bytes) and len(oid) == ID_SIZE and oid > last):
            raise self._damaged("the id of an object is none, or out of order")
        return oid

    def _place(self, row: Sequence[Any]) -> tuple[bytes, Location]:
        """What a row says; SQLite gives a damaged one as it finds it, of whatever types."""
        pack, *place = row
        if not (isinstance(pack, bytes) and all(isinstance(number, int) for number in place)):
            raise self._damaged("a row is no place of an object")
        return pack, Location(*place)

    def _add(self, name: bytes, rows: Iterable[tuple[bytes, Location]]) -> None:
        pack = self._number(name)
        self._db.executemany(
            "INSERT OR IGNORE INTO objects VALUES (?, ?, ?, ?, ?, ?)",
            ((oid, pack, *at) for oid, at in sorted(rows)),
        )

    def _number(self, name: bytes) -> int:
        self._db.execute("INSERT OR IGNORE INTO packs (name) VALUES (?)", (name,))
        number: int = self._db.execute("SELECT id FROM packs WHERE name = ?", (name,)).fetchone()[0]
        return number

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
        except UnicodeDecodeError as error:  # what is wrong with the schema, said in its own damaged words
            raise self._damaged(error.reason) from error

    def _explained(self, error: sqlite3.DatabaseError) -> Exception:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return no_space(self._path.parent, error)
        if code == sqlite3.SQLITE_CANTOPEN:
            return cannot_open(error)
        if code in _FAILED:
            return disk_failed(error)
        return self._damaged(error) if code in _DAMAGE else error

    def _damaged(self, why: object) -> IntegrityError:
        return IntegrityError(
            f"{self._path} is damaged: {why}",
            "stop the server, remove that file and start again: it is made anew from the packs",
        )

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
