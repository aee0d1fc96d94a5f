"""Notes of clients are kept as they meant them; an error is one unless it may be, or comes after the end."""

from __future__ import annotations

import random

import pytest

from tests.load.diary import Diary, Life, live
from tests.load.judging import changed_commits


class Works:
    """Works that fail, in turn, for these reasons; the end is when there is none left."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = list(reasons)
        self.diary = Diary()

    def fail(self) -> None:
        raise RuntimeError(self.reasons.pop(0))

    def clock(self) -> float:
        return 0.0 if self.reasons else 1000.0

    def live(self, monkeypatch: pytest.MonkeyPatch, until: float) -> None:
        monkeypatch.setattr("tests.load.diary.time.monotonic", self.clock)
        live(self.diary, Life(until, 0.0), [(1, self.fail, frozenset({"late"}))], random.Random(1), str)


def test_a_reason_that_is_not_expected_is_an_error_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    works = Works("late", "odd", "odd", "server is gone")
    works.live(monkeypatch, until=900)
    assert works.diary.refused == {"fail: late": 1}
    assert works.diary.broken == ["fail: odd: odd", "fail: odd: odd"], "what comes after the end is none"


def test_notes_are_added_up_and_survive_being_written_down() -> None:
    mine, other = Diary(), Diary()
    for diary, name in ((mine, "a:/1"), (other, "a:/2")):
        diary.done["put"] += 1
        diary.try_to_keep(name, "old")
        diary.keep(name, "new")
        diary.try_to_keep(name, None)
        diary.digests["c"] = [name]
    mine.add(Diary.of(other.written()))
    assert mine.done["put"] == 2
    assert mine.kept == {"a:/1": ["new", None], "a:/2": ["new", None]}
    assert list(changed_commits(mine)) == ["commit c was read as 2 different ones"]
    assert list(changed_commits(other)) == []
