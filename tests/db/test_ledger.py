from __future__ import annotations

import pytest

from calf.db import ledger
from calf.db.database import Database


def test_a_reader_goes_on_from_its_cursor(db: Database) -> None:
    with db.write() as tx:
        for number in range(5):
            ledger.append(tx, "thing-happened", str(number), 10.0 + number)
    with db.read() as tx:
        first = ledger.read(tx, limit=2)
        rest = ledger.read(tx, after=first[-1].seq)
        assert [event.key for event in first + rest] == ["0", "1", "2", "3", "4"]
        assert first[0].at == 10.0
        assert ledger.read(tx, after=rest[-1].seq) == []
        assert ledger.last(tx) == rest[-1].seq


def test_a_change_that_was_undone_is_not_in_the_ledger(db: Database) -> None:
    def change_and_fail() -> None:
        with db.write() as tx:
            ledger.append(tx, "thing-happened", "x", 1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    with db.read() as tx:
        assert ledger.read(tx) == []


def test_the_ledger_keeps_what_is_new_and_its_numbers(db: Database) -> None:
    with db.write() as tx:
        for number in range(ledger.KEPT + 2_500):
            ledger.append(tx, "thing-happened", str(number), 1.0)
    with db.read() as tx:
        oldest = ledger.read(tx, limit=1)[0]
        assert ledger.last(tx) == ledger.KEPT + 2_500
        assert ledger.last(tx) - oldest.seq in range(ledger.KEPT - 1, ledger.KEPT + 1_000)
