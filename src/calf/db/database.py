"""The metadata file: one writer, many readers, and waiting for change without polling.

Write order across the house: bytes durable, trees durable, then one transaction here makes them visible. It
runs in WAL mode with synchronous=FULL, so what `write` acknowledged survives the loss of power.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from calf.db import mark
from calf.db.log_size import LogSize
from calf.db.mark import Mark
from calf.db.schema import MIGRATIONS, migrate
from calf.db.tx import Tx, raise_ours, translated
from calf.db.waiting import Waiter, Waiters
from calf.kit.atomic import sync_dir
from calf.model.errors import Cancelled, IntegrityError, Internal, Precondition
from calf.model.ports import Cancel

T = TypeVar("T")
_OLDEST_SQLITE = (3, 37)
_MOST_IDLE = 16
"""Connections that are kept for the next reader: each has up to 2 MB of pages, and what many at once needed
would never be given back.
"""
_CACHE_KIB = 32_768
"""Of the writer: a job's list of datums touches a row here and there of many thousand."""


class Database:
    """The one door to the metadata of a data folder; safe for any number of threads."""

    def __init__(self, path: Path) -> None:
        """Use `open`, which also migrates."""
        self._path = path
        self._writer = _connect(path, _demand_writer)
        self._file = _identity(path)
        self._mark = Mark(path)
        self._log_size = LogSize(self._writer, path)
        self._write_lock = threading.Lock()
        self._idle: deque[sqlite3.Connection] = deque()
        self._mine = threading.local()
        self._waiters = Waiters(self.read)
        self._closed = False

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open or make the file and bring it to the newest schema; a migration that was cut off goes on.

        Raises `Precondition` when the file was made by a newer calf, or when the file system does not give
        durability (WAL and synchronous=FULL are asked back, not assumed).
        """
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise Precondition(
                f"SQLite {sqlite3.sqlite_version} is too old", "use a Python with SQLite 3.37 or newer"
            )
        database = cls(path)
        for file in path.parent.glob(f"{path.name}*"):
            file.chmod(0o600)  # secrets are in it; what SQLite makes beside it later takes the same mode
        try:
            migrate(database._writer, MIGRATIONS)
            database._mark.check(mark.last(Tx(database._writer)))
        except BaseException:
            database.close()
            raise
        sync_dir(path.parent)
        return database

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """The one write transaction: committed and durable at the end, undone on any exception.

        A block inside a block of the same thread joins the outer one; failing, it undoes only its own part.
        A write inside a `read` block is refused: it would act on what was true at the snapshot. Raises
        `IntegrityError` once the file was removed or replaced, since SQLite would go on with it regardless.
        """
        outer = self._current("write")
        if outer is not None:
            with _savepoint(outer):
                yield outer
            return
        if self._current("read") is not None:
            raise Internal("a write was begun inside a read")
        with self._write_lock:
            if self._closed:
                raise Cancelled("the server is stopping")
            before = self._writer.total_changes
            with self._transaction(self._writer, "IMMEDIATE", "write") as tx:
                yield tx
                self._check_still_there()
                if changed := self._writer.total_changes != before:
                    mark.count(tx)
            if changed:
                self._mark.advance()
                self._log_size.keep()
                self._waiters.change()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A snapshot; inside `write` of the same thread that transaction, so a writer sees its own writes."""
        inside = self._current("write") or self._current("read")
        if inside is not None:
            yield inside
            return
        connection = self._borrow()
        try:
            with self._transaction(connection, "DEFERRED", "read") as tx:
                yield tx
        finally:
            self._give_back(connection)

    def wait(self, predicate: Callable[[Tx], T | None], cancel: Cancel, same: Hashable = None) -> T:
        """Ask `predicate` now and after every write that changed a row, until it gives something but None.

        It is asked in another thread too, after those of others: it must be quick, ask `tx` only and change
        nothing. One asks for all who wait with an equal `same`, and all get what it gives. Raises `Cancelled`
        when `cancel` fires or the database closes. Not inside `read` or `write`.
        """
        if self._current("write") is not None or self._current("read") is not None:
            raise Internal("waiting inside a transaction would wait for itself")
        waiter = Waiter(predicate, same)
        forget = cancel.on_cancel(waiter.ring)
        try:
            while True:
                seen = self._waiters.generation
                waiter.begin()
                self._check_open(cancel)
                with self.read() as tx:
                    result = predicate(tx)
                if result is not None:
                    return result
                self._waiters.wait(waiter, seen)
                self._check_open(cancel)
                answer: T | None = waiter.answer
                if answer is not None:
                    return answer
        finally:
            forget()

    def close(self) -> None:
        """Let waiting threads go with `Cancelled`, then close after the write under way."""
        self._closed = True
        self._waiters.close()
        with self._write_lock:
            self._writer.close()
            self._mark.close()
        self._close_idle()

    def _check_still_there(self) -> None:
        if _identity(self._path) != self._file:
            raise IntegrityError(
                f"the data folder {self._path.parent} was removed or replaced under the running server:"
                " nothing was kept",
                "the server stops now; put the folder back, then `calf up`",
            )

    def _check_open(self, cancel: Cancel) -> None:
        if self._closed:
            raise Cancelled("the server is stopping")
        if cancel.cancelled:
            raise Cancelled("the wait was cancelled")

    def _current(self, kind: str) -> Tx | None:
        tx: Tx | None = getattr(self._mine, kind, None)
        return tx

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection, behaviour: str, kind: str) -> Iterator[Tx]:
        """From BEGIN to COMMIT; the block knows it as this thread's own of its `kind`."""
        tx = Tx(connection)
        try:
            connection.execute(f"BEGIN {behaviour}")
            setattr(self._mine, kind, tx)
            yield tx
            setattr(self._mine, kind, None)
            connection.execute("COMMIT")
        except BaseException as error:
            setattr(self._mine, kind, None)
            if connection.in_transaction:
                with translated():
                    connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError):
                raise_ours(error)
            raise
        finally:
            tx.close()

    def _borrow(self) -> sqlite3.Connection:
        if self._closed:
            raise Cancelled("the server is stopping")
        try:
            return self._idle.pop()
        except IndexError:
            return _connect(self._path, _demand_reader)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        if self._closed:  # maybe after `close` has looked
            self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a path leads to now, None for none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path, demand: Callable[[sqlite3.Connection], None]) -> sqlite3.Connection:
    with translated():
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            demand(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _demand_writer(connection: sqlite3.Connection) -> None:
    _demand(connection, "journal_mode", "WAL", "wal")
    _demand(connection, "synchronous", "FULL", 2)
    _demand(connection, "foreign_keys", "ON", 1)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    _demand(connection, "secure_delete", "ON", 1)  # a deleted secret leaves its page


def _demand_reader(connection: sqlite3.Connection) -> None:
    _demand(connection, "synchronous", "FULL", 2)  # who closes last copies the log into the file
    _demand(connection, "query_only", "ON", 1)


def _demand(connection: sqlite3.Connection, pragma: str, value: str, expected: object) -> None:
    connection.execute(f"PRAGMA {pragma} = {value}")
    got = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    if got != expected:
        raise Precondition(
            f"SQLite answers {pragma} = {got} where {value} is needed", "put the data folder on a local disk"
        )


@contextmanager
def _savepoint(tx: Tx) -> Iterator[None]:
    tx.execute("SAVEPOINT inner_block")
    try:
        yield
    except BaseException:
        tx.execute("ROLLBACK TO inner_block")
        tx.execute("RELEASE inner_block")
        raise
    tx.execute("RELEASE inner_block")
