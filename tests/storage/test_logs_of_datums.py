"""Logs of datums: kept, ordered, capped with a count, followed until the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from calf.storage.logs import FileLogStore

JOB = ("default", "edges", "a" * 12 + "4" + "b" * 19)
OTHER_JOB = ("default", "edges", "c" * 12 + "4" + "d" * 19)


class Stop:
    """A `ports.Cancel` that the test fires."""

    def __init__(self) -> None:
        self.cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def cancel(self) -> None:
        self.cancelled = True
        for callback in list(self._callbacks):
            callback()


def ticking() -> Callable[[], float]:
    ticks = count(1_700_000_000)
    return lambda: float(next(ticks))


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[FileLogStore]:
    store = FileLogStore(tmp_path, ticking())
    yield store
    store.close()


def texts(lines: object) -> list[str]:
    return [line.message for line in lines]  # type: ignore[attr-defined]  # any iterable of log lines


def test_lines_come_back_with_their_datum_their_time_and_who_wrote_them(logs: FileLogStore) -> None:
    logs.append(JOB, "d1", "hello", user=True)
    logs.append(JOB, "d1", "errored running user code", user=False)
    first, second = logs.read(JOB, "d1")
    assert (first.project, first.pipeline, first.job, first.datum) == (*JOB, "d1")
    assert (first.message, first.user, first.at) == ("hello", True, 1_700_000_000.0)
    assert (second.message, second.user) == ("errored running user code", False)


def test_a_job_gives_each_datums_lines_together_in_the_order_of_their_first_line(logs: FileLogStore) -> None:
    for datum, line in [("zz", "z1"), ("aa", "a1"), ("zz", "z2"), ("", "of the job")]:
        logs.append(JOB, datum, line, user=True)
    logs.append(OTHER_JOB, "zz", "other", user=True)
    assert texts(logs.read(JOB)) == ["z1", "z2", "a1", "of the job"]
    assert texts(logs.read(JOB, "")) == ["of the job"]
    assert list(logs.read(JOB, "missing")) == []


def test_line_breaks_inside_a_line_do_not_forge_other_lines(logs: FileLogStore) -> None:
    logs.append(JOB, "d", "one\n1700000000.0 E forged\rx", user=True)
    (line,) = logs.read(JOB)
    assert line.user
    assert line.message == "one 1700000000.0 E forged x"


def test_an_overlong_line_is_cut_and_says_so(logs: FileLogStore) -> None:
    logs.append(JOB, "d", "x" * (64 * 1024 + 7), user=True)
    (line,) = logs.read(JOB)
    assert line.message.endswith("x [7 more characters]")


def test_a_full_log_counts_what_it_dropped_also_after_a_restart(tmp_path: Path) -> None:
    logs = FileLogStore(tmp_path, ticking(), cap=200)
    for number in range(10):
        logs.append(JOB, "d", f"line {number} " + "x" * 20, user=True)
    logs.close()
    logs = FileLogStore(tmp_path, ticking(), cap=200)
    logs.append(JOB, "d", "one more", user=True)
    *kept, note = logs.read(JOB)
    logs.close()
    assert [line.message[:6] for line in kept] == [f"line {number}" for number in range(len(kept))]
    assert not note.user
    assert note.message == f"the log is full: {11 - len(kept):012d} later lines were not kept"


def test_a_torn_last_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    logs = FileLogStore(tmp_path, ticking())
    logs.append(JOB, "d", "whole", user=True)
    logs.close()
    (file,) = tmp_path.rglob("d.log")
    file.write_bytes(file.read_bytes() + b"1700000")
    logs = FileLogStore(tmp_path, ticking())
    logs.append(JOB, "d", "next", user=True)
    assert texts(logs.read(JOB)) == ["whole", "1700000", "next"]
    logs.close()


def test_more_logs_than_open_files_lose_nothing(logs: FileLogStore) -> None:
    for turn in ("first", "second"):
        for datum in range(100):
            logs.append(JOB, f"d{datum}", turn, user=True)
    assert texts(logs.read(JOB)) == ["first", "second"] * 100


def test_following_gives_what_was_there_and_what_comes_until_cancelled(logs: FileLogStore) -> None:
    stop, seen = Stop(), []
    logs.append(JOB, "d1", "before", user=True)

    def follow() -> None:
        for line in logs.follow(JOB, None, stop):
            seen.append(line.message)
            if line.message == "before":
                logs.append(OTHER_JOB, "d1", "of another job", user=True)
                logs.append(JOB, "d2", "after", user=True)
            if line.message == "after":
                logs.append(JOB, "d1", "last", user=True)
                stop.cancel()

    thread = Thread(target=follow)
    thread.start()
    thread.join(timeout=10)
    assert seen == ["before", "after", "last"]


def test_of_two_who_follow_the_same_the_one_that_stays_misses_nothing(logs: FileLogStore) -> None:
    stop = Stop()
    logs.append(JOB, "d1", "one", user=True)
    stays, goes = (logs.follow(JOB, None, stop) for _ in range(2))
    assert next(stays).message == next(goes).message == "one"
    del goes  # which closes it
    logs.append(JOB, "d1", "two", user=True)
    stop.cancel()
    assert texts(stays) == ["two"]


def test_following_one_datum_of_a_pipeline_sees_that_datum_in_every_job(logs: FileLogStore) -> None:
    stop = Stop()
    for job in (JOB, OTHER_JOB):
        logs.append(job, "d1", f"in {job[2][0]}", user=True)
        logs.append(job, "d2", "another", user=True)
    stop.cancel()
    assert texts(logs.follow(("default", "edges", None), "d1", stop)) == ["in a", "in c"]


def test_deleting_a_job_removes_its_logs_only(logs: FileLogStore) -> None:
    logs.append(JOB, "d", "gone", user=True)
    logs.append(OTHER_JOB, "d", "stays", user=True)
    logs.delete(*JOB)
    logs.append(JOB, "d", "new", user=True)
    assert texts(logs.read(JOB)) == ["new"]
    assert texts(logs.read(OTHER_JOB)) == ["stays"]


def test_logs_may_be_deleted_while_they_are_read(logs: FileLogStore) -> None:
    done = Event()

    def come_and_go() -> None:
        for number in range(300):
            logs.append(JOB, f"d{number % 3}", "hello", True)
            if number % 2:
                logs.delete(*JOB)
        done.set()

    other = Thread(target=come_and_go)
    other.start()
    while not done.is_set():
        assert {line.message for line in logs.read(JOB)} <= {"hello"}
    other.join()


def test_an_endless_log_keeps_the_newest_lines_and_says_from_when(tmp_path: Path) -> None:
    logs = FileLogStore(tmp_path, ticking(), cap=4000)
    for number in range(1000):
        logs.append(JOB, "d", f"line {number}", user=True, endless=True)
    kept = list(logs.read(JOB))
    said = [line.message for line in kept if line.user]
    assert said == [f"line {number}" for number in range(1000 - len(said), 1000)]
    assert len(said) > 50
    notes = [line.message for line in kept if not line.user]
    assert notes[-1].startswith("this log keeps its newest lines: there are none from before 2023-11-14T22:2")
    assert sum(path.stat().st_size for path in tmp_path.rglob("d.*")) <= 4000
    logs.close()
    logs = FileLogStore(tmp_path, ticking(), cap=4000)
    logs.append(JOB, "d", "after a restart", user=True, endless=True)
    assert texts(logs.read(JOB))[-2:] == ["line 999", "after a restart"]
    logs.close()


def test_a_follower_of_an_endless_log_sees_every_line_once(tmp_path: Path) -> None:
    logs, stop, seen = FileLogStore(tmp_path, ticking(), cap=1000), Stop(), []
    logs.append(JOB, "d", "0", user=True, endless=True)
    for line in logs.follow(JOB, "d", stop):
        if not line.user:
            continue
        seen.append(line.message)
        if len(seen) < 500:
            logs.append(JOB, "d", str(len(seen)), user=True, endless=True)
        else:
            stop.cancel()
    assert seen == [str(number) for number in range(500)]
    logs.close()


def test_a_follower_that_is_slow_misses_what_is_gone_only(tmp_path: Path) -> None:
    logs, stop = FileLogStore(tmp_path, ticking(), cap=1000), Stop()
    follower = logs.follow(JOB, "d", stop)
    for number in range(500):
        logs.append(JOB, "d", str(number), user=True, endless=True)
        if number == 2:
            assert [next(follower).message for _ in range(3)] == ["0", "1", "2"]
    stop.cancel()
    seen = [int(line.message) for line in follower if line.user]
    assert seen == sorted(set(seen))
    assert seen[-20:] == list(range(480, 500))
    logs.close()
