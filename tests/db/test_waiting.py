from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from calf.db import settings
from calf.db.database import Database
from calf.db.tx import Tx
from calf.kit.cancel import CancelToken
from calf.model.errors import Cancelled, Internal


class Waiter:
    """Waits in a thread; `asked` counts how often it looked, `looked` is set when it first did."""

    def __init__(self, db: Database, cancel: CancelToken) -> None:
        self.looked = threading.Event()
        self.asked = 0
        self.result: object = None
        self.thread = threading.Thread(target=self._run, args=(db, cancel))
        self.thread.start()
        assert self.looked.wait(10)

    def _run(self, db: Database, cancel: CancelToken) -> None:
        try:
            self.result = db.wait(self._predicate, cancel)
        except Cancelled as error:
            self.result = error

    def _predicate(self, tx: Tx) -> str | None:
        self.asked += 1
        value = settings.get(tx, "door")
        self.looked.set()
        return value

    def end(self) -> object:
        self.thread.join(10)
        assert not self.thread.is_alive()
        return self.result


def test_a_write_wakes_who_waits_for_it(db: Database) -> None:
    waiter = Waiter(db, CancelToken())
    with db.write() as tx:
        settings.put(tx, "door", "open")
    assert waiter.end() == "open"


def test_one_asks_for_all_who_wait_for_the_same(db: Database) -> None:
    asked = []

    def door(tx: Tx) -> str | None:
        asked.append(threading.current_thread().name)
        return settings.get(tx, "door")

    def wait() -> None:
        answers.append(db.wait(door, CancelToken(), same="door"))

    answers: list[str] = []
    threads = [threading.Thread(target=wait) for _ in range(12)]
    for thread in threads:
        thread.start()
    other = Waiter(db, CancelToken())
    while len(asked) < 12:
        pass
    with db.write() as tx:
        settings.put(tx, "door", "open")
    for thread in threads:
        thread.join(10)
    assert (other.end(), answers) == ("open", ["open"] * 12)
    assert asked.count("looking") <= 1


def test_nobody_looks_again_until_something_is_written(db: Database) -> None:
    waiter = Waiter(db, CancelToken())
    with db.write() as tx:
        settings.put(tx, "window", "open")
    with db.write() as tx:
        settings.put(tx, "door", "open")
    assert waiter.end() == "open"
    assert waiter.asked <= 3


def test_what_is_already_so_needs_no_waiting(db: Database) -> None:
    with db.write() as tx:
        settings.put(tx, "door", "open")
    assert db.wait(lambda tx: settings.get(tx, "door"), CancelToken()) == "open"


@pytest.mark.parametrize("stop", ["cancel", "close"])
def test_waiting_ends_when_cancelled_or_closed(db: Database, stop: str) -> None:
    token = CancelToken()
    waiter = Waiter(db, token)
    ways: dict[str, Callable[[], None]] = {"cancel": token.cancel, "close": db.close}
    ways[stop]()
    assert isinstance(waiter.end(), Cancelled)


def test_a_transaction_that_was_undone_wakes_nobody(db: Database) -> None:
    token = CancelToken()
    waiter = Waiter(db, token)
    with pytest.raises(ZeroDivisionError), db.write():
        raise ZeroDivisionError
    token.cancel()
    waiter.end()
    assert waiter.asked == 1


def test_waiting_inside_a_transaction_is_refused(db: Database) -> None:
    with db.write(), pytest.raises(Internal, match="wait for itself"):
        db.wait(lambda tx: 1, CancelToken())


def test_a_write_that_changed_nothing_wakes_nobody(db: Database) -> None:
    waiter = Waiter(db, CancelToken())
    for _ in range(5):
        with db.write() as tx:
            settings.get(tx, "door")
    with db.write() as tx:
        settings.put(tx, "door", "open")
    assert waiter.end() == "open"
    assert waiter.asked <= 2


def test_one_looks_for_all_who_wait(db: Database) -> None:
    """Otherwise each write would wake all, most of them for nothing."""
    token = CancelToken()
    looks: list[int] = []
    ready = threading.Barrier(9)

    def wait() -> None:
        mine = threading.get_ident()
        began = False

        def look(tx: Tx) -> str | None:
            nonlocal began
            if began and threading.get_ident() == mine:
                looks.append(mine)
            if not began:
                began = True
                ready.wait(10)
            return settings.get(tx, "door")

        db.wait(look, token)

    threads = [threading.Thread(target=wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    ready.wait(10)
    with db.write() as tx:
        settings.put(tx, "window", "open")
    with db.write() as tx:
        settings.put(tx, "door", "open")
    for thread in threads:
        thread.join(10)
    assert len(looks) <= 8  # each at most once more, having begun before the window


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_is_met_by_who_asks_and_keeps_nobody_else_waiting(db: Database) -> None:
    def divide(tx: Tx) -> float | None:
        value = settings.get(tx, "door")
        return None if value is None else 1 / 0

    met: list[BaseException] = []

    def wait() -> None:
        try:
            db.wait(divide, CancelToken())
        except ZeroDivisionError as error:
            met.append(error)

    wrong = threading.Thread(target=wait)
    wrong.start()
    waiter = Waiter(db, CancelToken())
    for value in ("open", "wide open"):
        with db.write() as tx:
            settings.put(tx, "door", value)
    wrong.join(10)
    assert (waiter.end(), len(met)) in {("open", 1), ("wide open", 1)}
    for thread in threading.enumerate():
        if thread.name == "looking":
            thread.join(1)  # what it says of its end belongs to this test, not to the next


def test_where_no_thread_can_be_had_only_who_needed_it_is_told(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as scarce:
        scarce.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            db.wait(lambda tx: settings.get(tx, "door"), CancelToken())
    token = CancelToken()
    waiter = Waiter(db, token)
    with db.write() as tx:
        settings.put(tx, "door", "open")
    waiter.thread.join(1)
    token.cancel()  # or a failure of this test would never end
    assert waiter.end() == "open"
