from __future__ import annotations

import threading
from pathlib import Path

import pytest

from calf.db import projects, repos, settings
from calf.db.database import Database
from calf.model.errors import Internal, Precondition
from calf.model.pfs_infos import ProjectInfo
from calf.model.refs import Repo


def put(db: Database, key: str, value: str) -> None:
    with db.write() as tx:
        settings.put(tx, key, value)


def put_and_fail(db: Database, key: str, value: str) -> None:
    with db.write() as tx:
        settings.put(tx, key, value)
        raise ZeroDivisionError


def get(db: Database, key: str) -> str | None:
    with db.read() as tx:
        return settings.get(tx, key)


def test_what_was_written_is_there_after_opening_again(db: Database, tmp_path: Path) -> None:
    put(db, "a", "1")
    db.close()
    again = Database.open(tmp_path / "metadata.sqlite")
    assert get(again, "a") == "1"
    again.close()


def test_an_exception_undoes_the_whole_transaction(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        put_and_fail(db, "a", "1")
    assert get(db, "a") is None


def test_an_inner_block_joins_the_outer_one(db: Database) -> None:
    def join_and_fail() -> None:
        with db.write() as tx:
            put(db, "a", "1")
            assert settings.get(tx, "a") == "1"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        join_and_fail()
    assert get(db, "a") is None


def test_an_inner_block_that_fails_undoes_only_itself(db: Database) -> None:
    with db.write() as tx:
        settings.put(tx, "a", "1")
        with pytest.raises(ZeroDivisionError):
            put_and_fail(db, "a", "2")
    assert get(db, "a") == "1"


def test_a_read_is_a_snapshot(db: Database) -> None:
    put(db, "a", "1")
    with db.read() as tx:
        assert settings.get(tx, "a") == "1"
        writer = threading.Thread(target=put, args=(db, "a", "2"))
        writer.start()
        writer.join()
        assert settings.get(tx, "a") == "1"
    assert get(db, "a") == "2"


def test_a_writer_reads_its_own_writes(db: Database) -> None:
    with db.write() as tx:
        settings.put(tx, "a", "1")
        assert get(db, "a") == "1"


def test_a_write_inside_a_read_is_refused(db: Database) -> None:
    with db.read(), pytest.raises(Internal, match="inside a read"), db.write():
        pass


def test_a_reader_cannot_write(db: Database) -> None:
    with db.read() as tx, pytest.raises(Exception, match="readonly"):
        settings.put(tx, "a", "1")


def test_a_transaction_is_dead_after_its_end(db: Database) -> None:
    with db.write() as tx:
        pass
    with pytest.raises(Internal, match="after its end"):
        tx.one("SELECT 1")


def test_writers_of_many_threads_take_turns(db: Database) -> None:
    put(db, "n", "0")

    def add() -> None:
        for _ in range(25):
            with db.write() as tx:
                settings.put(tx, "n", str(int(settings.get(tx, "n") or 0) + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert get(db, "n") == "100"


def test_what_is_still_referred_to_cannot_be_deleted(db: Database) -> None:
    with db.write() as tx:
        projects.put(tx, ProjectInfo("pets"))
        repos.insert(tx, Repo("pets", "raw"), "", 1.0)
    with pytest.raises(Precondition, match="still refers to it"), db.write() as tx:
        projects.delete(tx, "pets")
    with db.read() as tx:
        assert projects.get(tx, "pets") is not None


def test_what_many_readers_at_once_needed_is_given_back(db: Database) -> None:
    together = threading.Barrier(40)

    def read() -> None:
        with db.read():
            together.wait(20)

    readers = [threading.Thread(target=read) for _ in range(40)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert 1 <= len(db._idle) < 20  # files do not tell: SQLite keeps their descriptors for the next ones
