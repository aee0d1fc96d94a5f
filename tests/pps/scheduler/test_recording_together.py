"""Datums that end close together are recorded together, and a quick one does not wait for a slow one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.model.ports import Outcome
from calf.model.refs import Datum, Job, Pipeline
from calf.pps.scheduler.attempt import Ended
from calf.pps.scheduler.desk import Desk, take_all
from calf.pps.scheduler.work import Task
from calf.storage.store import Store
from tests.pps.stepping import Conductor, HandAlarm

JOB = Job(Pipeline("default", "p"), "1" * 32)


def ended(number: int) -> Ended:
    return Ended(Task(Datum(JOB, f"{number:064x}"), "", ()), Outcome(ok=True), "process")


class Bench:
    """Desks on one store, with alarms that go off by hand."""

    def __init__(self, root: Path) -> None:
        self.store, self.conductor = Store.open(root), Conductor()
        self.rung = 0

    def desk(self) -> Desk:
        return Desk(self.store, self.store.hold(), self.conductor.threads.alarm, self._ring)

    def _ring(self) -> None:
        self.rung += 1

    @property
    def alarms(self) -> list[HandAlarm]:
        return self.conductor.alarms


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_ended_is_taken_at_once_with_the_writers_of_what_it_put_out(bench: Bench) -> None:
    desks = [bench.desk(), bench.desk()]
    contents = [desk.stream([b"output"]) for desk in desks]
    for number, desk in enumerate((*desks, desks[0])):
        desk.end(ended(number))
    taken = take_all(desks)
    assert (len(taken.ended), len(taken.writers)) == (3, 2)
    assert not bench.store.has(contents[0].hash)
    for writer in taken.writers:
        writer.seal()
    assert bench.store.get(contents[0].hash) == b"output"
    assert take_all(desks).ended == []


def test_before_the_next_datum_one_alarm_is_set_for_all_that_waits(bench: Bench) -> None:
    desk = bench.desk()
    desk.go_on()
    assert bench.alarms == []
    for number in range(3):
        desk.end(ended(number))
        desk.go_on()
    (alarm,) = bench.alarms
    alarm.go_off()
    assert (bench.rung, len(desk.take().ended)) == (1, 3)
    desk.end(ended(3))
    desk.go_on()
    assert len(bench.alarms) == 1
    desk.leave()
    assert bench.alarms == []


def test_nothing_is_taken_while_a_file_is_being_stored_and_then_another_alarm_is_set(bench: Bench) -> None:
    desk = bench.desk()
    desk.end(ended(0))
    desk.go_on()
    taken = []

    def pieces() -> Iterator[bytes]:
        bench.alarms[0].go_off()
        taken.append(desk.take())
        yield b"piece"

    desk.stream(pieces())
    assert taken[0].ended == ()
    desk.end(ended(1))
    desk.go_on()
    assert len(bench.alarms) == 1
    assert len(desk.take().ended) == 2


def test_who_came_while_a_file_was_being_stored_is_told_once_it_is(bench: Bench) -> None:
    desk = bench.desk()
    desk.end(ended(0))
    taken = []

    def pieces() -> Iterator[bytes]:
        taken.append(desk.take())
        yield b"piece"

    desk.stream(pieces())
    assert (len(taken[0].ended), bench.rung) == (0, 1)
    late = desk.take()
    assert len(late.ended) == 1
    late.close()


def test_what_was_not_taken_leaves_nothing_behind(bench: Bench, tmp_path: Path) -> None:
    desk = bench.desk()
    desk.stream([b"output"])
    desk.drop()
    assert [path.name for path in (tmp_path / "packs").iterdir()] == []
