"""Logs read from their ends: the same lines the other way round, and no more of them than is taken."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from calf.model.pps_infos import LogLine
from calf.storage import log_back
from calf.storage.log_back import Told, opener, told_back
from calf.storage.logs import FileLogStore

JOB = ("default", "edges", "a" * 12 + "4" + "b" * 19)
BEGIN = 1_700_000_000.0


def ticking() -> Callable[[], float]:
    ticks = count(int(BEGIN))
    return lambda: float(next(ticks))


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileLogStore]:
    monkeypatch.setattr(log_back, "BLOCK", 64)
    store = FileLogStore(tmp_path, ticking(), cap=1000)
    yield store
    store.close()


def forward(logs: FileLogStore, datum: str | None = None) -> list[LogLine]:
    return sorted(logs.read(JOB, datum), key=lambda line: line.at)


def test_lines_of_several_datums_come_newest_first(logs: FileLogStore) -> None:
    chance = Random(7)
    for number in range(60):
        text = f"line {number} " + "\u00e9\r x" * chance.choice((0, 1, 3, 40))
        logs.append(JOB, chance.choice(("d1", "d2", "d3", "")), text[:150], chance.random() < 0.5)
    every = forward(logs)
    assert len(every) > 20
    assert list(logs.read_back(JOB)) == every[::-1]
    assert list(logs.read_back(JOB, "d2")) == forward(logs, "d2")[::-1]
    assert list(logs.read_back(JOB, "../d2")) == list(logs.read_back((*JOB[:2], "none"))) == []
    for wanted in (every[0].at - 1, every[0].at, every[17].at, every[-1].at):
        assert list(logs.read_back(JOB, None, wanted)) == [line for line in every[::-1] if line.at <= wanted]


def test_a_line_that_is_being_written_is_left_out_and_a_torn_one_keeps_its_place(
    logs: FileLogStore, tmp_path: Path
) -> None:
    (tmp_path / "/".join(JOB)).mkdir(parents=True)
    path = tmp_path / "/".join(JOB) / "d.log"
    path.write_bytes(b"5.0 U one\n6.0 U tw\nrest\n7.0 U three\n" + b"8.0 U not yet whole" * 9)
    assert [line.message for line in logs.read_back(JOB)] == ["three", "rest", "tw", "one"]
    path.write_bytes(b"9.0 U " + b"x" * 500)
    assert list(logs.read_back(JOB)) == []


def test_an_endless_log_is_read_over_both_its_files_while_it_moves_on(logs: FileLogStore) -> None:
    for number in range(40):
        logs.append(JOB, "d", f"line {number:03d} {'x' * 20}", True, endless=True)
    every = forward(logs, "d")
    back = logs.read_back(JOB)
    found = [next(back)]
    for number in range(40, 45):
        logs.append(JOB, "d", f"line {number:03d} {'x' * 20}", True, endless=True)
    found += back
    assert found == every[::-1][: len(found)]
    assert len(found) > 5


def test_no_more_is_read_than_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "d.log"
    path.write_bytes(b"".join(f"{BEGIN + number:.6f} U line {number}\n".encode() for number in range(50_000)))
    read: list[int] = []
    again = opener([path], path.stat().st_ino)

    def counted() -> Any:
        file = again()
        assert file is not None
        read.append(1)
        return file

    for newest, last in ((BEGIN + 10**6, 49_999), (BEGIN + 30_000, 30_000), (BEGIN, 0)):
        read.clear()
        lines = told_lines(told_back(counted, path.stat().st_size, newest), 200)
        assert lines[0][3] == f"line {last}"
        assert len(lines) == min(200, last + 1)
        assert len(read) <= 3


def told_lines(told: Iterator[Told | float], most: int) -> list[Told]:
    return [each for each in islice(told, most) if not isinstance(each, float)]


def test_a_rough_test_finds_what_a_look_at_each_line_finds(logs: FileLogStore, tmp_path: Path) -> None:
    chance = Random(11)
    for number in range(150):
        word = chance.choice(("plain", "plain", "plain", "GROSS", "gro\u00df", "wanted"))
        logs.append(JOB, chance.choice(("d1", "d2", "")), f"{number} {word}", True)
    with (tmp_path / "/".join(JOB) / "d1.log").open("ab") as torn:
        torn.write(b"a wanted line that a crash tore\n")
    every = list(logs.read_back(JOB))
    for word in ("wanted", "gross", "plain", "nowhere"):
        found = list(logs.read_back(JOB, rough=lambda text, word=word: word in text.casefold()))  # type: ignore[misc]  # bound at once
        assert found == [line for line in every if word in line.message.casefold()]
        assert bool(found) is (word != "nowhere")


def test_blocks_without_what_is_wanted_are_passed_by_in_the_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "d.log"
    lines = (f"{BEGIN + number:.6f} U line {number}\n".encode() for number in range(50_000))
    path.write_bytes(b"".join(lines))
    asked: list[int] = []

    def rough(text: str) -> bool:
        asked.append(1)
        return "line 7\n" in f"{text}\n"

    told = list(told_back(opener([path], path.stat().st_ino), path.stat().st_size, BEGIN + 49_000, rough))
    (found,) = [each for each in told if not isinstance(each, float)]
    assert found[3] == "line 7"
    times = [each if isinstance(each, float) else each[0] for each in told]
    assert times == sorted(times, reverse=True)
    assert len(asked) < 5000  # one block was looked into, of two dozen


def test_a_log_that_goes_while_it_is_read_ends(tmp_path: Path) -> None:
    path = tmp_path / "d.log"
    path.write_bytes(b"5.0 U one\n6.0 U two\n")
    again, size = opener([path], path.stat().st_ino), path.stat().st_size
    path.unlink()
    assert list(told_back(again, size, 10.0)) == []


def test_logs_that_ended_long_ago_are_not_looked_into(logs: FileLogStore, tmp_path: Path) -> None:
    for datum in ("d1", "d2", "d2", "d2"):
        logs.append(JOB, datum, f"of {datum}", True)
    os.utime(tmp_path / "/".join(JOB) / "d1.log", (BEGIN, BEGIN))
    back = logs.read_back(JOB)
    assert next(back).at == BEGIN + 3
    (tmp_path / "/".join(JOB) / "d1.log").unlink()
    assert [line.datum for line in back] == ["d2", "d2"]
