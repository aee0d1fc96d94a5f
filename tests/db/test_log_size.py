"""SQLite's log stays short, whoever reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from calf.db import settings
from calf.db.database import Database
from calf.db.tx import Tx

MIB = 1 << 20


@contextmanager
def somebody_always_reads(read: Callable[[], AbstractContextManager[Tx]]) -> Iterator[None]:
    """Four readers, each of whom comes back at once: all four have begun after a commit as good as never."""
    over = threading.Event()

    def read_again_and_again() -> None:
        while not over.is_set():
            with read() as tx:
                tx.value("SELECT count(*) FROM settings")
                over.wait(0.02)

    threads = [threading.Thread(target=read_again_and_again) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _write(db: Database, mebibytes: int) -> None:
    for number in range(mebibytes):
        with db.write() as tx:
            settings.put(tx, "large", f"{number:08}" * (MIB // 8))


def _log(path: Path) -> int:
    return (path / "metadata.sqlite-wal").stat().st_size


def test_the_log_stays_short_though_somebody_reads_at_every_moment(db: Database, tmp_path: Path) -> None:
    with somebody_always_reads(db.read):
        _write(db, 80)
    assert _log(tmp_path) < 40 * MIB


def test_a_reader_who_stays_delays_it_and_keeps_his_view(db: Database, tmp_path: Path) -> None:
    with db.write() as tx:
        settings.put(tx, "large", "before")
    begun, over = threading.Event(), threading.Event()
    seen = []

    def stay() -> None:
        with db.read() as tx:
            seen.append(settings.get(tx, "large"))
            begun.set()
            over.wait()
            seen.append(settings.get(tx, "large"))

    reader = threading.Thread(target=stay)
    reader.start()
    begun.wait()
    _write(db, 40)
    delayed = _log(tmp_path)
    over.set()
    reader.join()
    _write(db, 60)
    assert delayed > 40 * MIB
    assert seen == ["before", "before"]
    assert _log(tmp_path) < 40 * MIB
