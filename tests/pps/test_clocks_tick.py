"""Cron inputs: what is due when, what a tick leaves, what becomes of it with the pipeline (spec B3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from calf.kit import rfc3339
from calf.model.errors import AlreadyExists, InvalidSpec, NotFound, WrongState
from calf.model.ports import Due
from calf.model.refs import Pipeline
from calf.pfs import repos
from calf.pfs.engine import Pfs
from calf.pps import cron
from calf.pps.engine import Pps
from calf.pps.scheduler.timer import LONGEST, Timer
from calf.pps.settings import Settings
from calf.storage.logs import FileLogStore
from tests.fresh_folder import lay
from tests.pfs.world import World, repo_of
from tests.pps.pipelines.bench import Bench, SomeImages
from tests.pps.stages import ATTESTOR, StageRunner

NOON = "2024-05-01T12:00:00Z"


@dataclass
class Wall:
    """A clock that the test puts forward, and the timer that looks at it."""

    bench: Bench
    now: list[float]
    reports: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.timer = self.again()

    def again(self) -> Timer:
        """A timer that remembers nothing, as after a restart."""
        clocks = [partial(cron.due, self.bench.world.pfs)]
        return Timer(
            self.bench.world.pfs, clocks, lambda what, error: self.reports.append(f"{what}: {error}"), 10
        )

    def at(self, text: str) -> float | None:
        """Put the clock to a time and do what is due."""
        self.now[0] = rfc3339.parse(text)
        return self.timer.run()

    def ticks(self, name: str = "p_t") -> list[str]:
        """The times of the files at the head of a clock's repo, without the date."""
        return [path.removeprefix("/2024-05-01T") for path in self.bench.world.files(f"{name}@master")]

    def clock(self, spec: str, **more: Any) -> dict[str, Any]:
        return {"cron": {"name": "t", "spec": spec, **more}}


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    now = [rfc3339.parse(NOON)]
    pfs = Pfs.open(lay(tmp_path / "home"), clock=lambda: now[0])
    images, logs = SomeImages({"stage:1": "d1"}), FileLogStore(tmp_path / "logs", pfs.clock)
    world = World(pfs)
    world.repo("in")
    pps = Pps(pfs, StageRunner(pfs.store, {}), images, logs, Settings(), ATTESTOR)
    made = Wall(Bench(world, pps, images), now)
    yield made
    assert made.bench.fsck() == []
    pfs.close()


def test_ticks_accumulate_from_the_start_on(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@every 10m"))
    assert wall.ticks() == []
    assert wall.at(NOON) == LONGEST
    assert wall.at("2024-05-01T12:09:50Z") == 10.0
    wall.at("2024-05-01T12:10:00Z")
    wall.at("2024-05-01T12:20:03Z")
    assert wall.ticks() == ["12:10:00Z", "12:20:00Z"]
    assert wall.bench.provenance("p@master") == ["p_t@master", "p.spec@master"]
    assert wall.bench.outputs("p") == 3
    assert wall.bench.world.info("p_t@master").origin.name == "USER"


def test_overwriting_keeps_the_newest_tick_only(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly", overwrite=True))
    wall.at("2024-05-01T13:00:00Z")
    wall.at("2024-05-01T14:00:00Z")
    assert wall.ticks() == ["14:00:00Z"]


def test_missed_ticks_are_made_up_for_one_by_one_in_order(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly", start="2024-05-01T07:59:00Z"))
    assert wall.at(NOON) is not None
    assert wall.ticks() == ["08:00:00Z", "09:00:00Z", "10:00:00Z", "11:00:00Z", "12:00:00Z"]
    log = [wall.bench.world.files(commit) for commit in reversed(wall.bench.world.log("p_t"))]
    assert [len(files) for files in log] == [0, 1, 2, 3, 4, 5]


def test_a_day_of_missed_seconds_is_made_up_for_bit_by_bit_and_holds_up_no_other_clock(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@every 1s"))
    wall.bench.create("q", wall.clock("@hourly", start="2024-05-02T11:30:00Z"))
    assert wall.at("2024-05-02T12:00:00Z") == 0.0
    assert wall.ticks("q_t") == ["/2024-05-02T12:00:00Z"]
    some = len(wall.ticks())
    assert 0 < some < 50
    assert wall.timer.run() == 0.0
    made = wall.ticks()
    assert made == [f"12:00:{number:02}Z" for number in range(1, len(made) + 1)]
    assert some < len(made) < 60


def test_after_a_restart_the_files_say_what_comes_next(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly"))
    wall.at("2024-05-01T13:00:00Z")
    wall.timer = wall.again()
    wall.at("2024-05-01T13:30:00Z")
    assert wall.ticks() == ["13:00:00Z"]
    wall.at("2024-05-01T15:30:00Z")
    assert wall.ticks() == ["13:00:00Z", "14:00:00Z", "15:00:00Z"]


def test_a_stopped_pipeline_does_not_tick_and_catches_up_when_started(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly"))
    wall.bench.stop("p")
    assert wall.at("2024-05-01T14:10:00Z") is None
    assert wall.ticks() == []
    wall.bench.start("p")
    wall.at("2024-05-01T14:10:00Z")
    assert wall.ticks() == ["13:00:00Z", "14:00:00Z"]


def test_a_later_start_is_honoured_on_update(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly"))
    wall.at("2024-05-01T13:00:00Z")
    wall.bench.update("p", wall.clock("@hourly", start="2024-05-01T16:30:00Z"))
    wall.at("2024-05-01T16:45:00Z")
    assert wall.ticks() == ["13:00:00Z"]
    wall.at("2024-05-01T17:00:00Z")
    assert wall.ticks() == ["13:00:00Z", "17:00:00Z"]


def test_never_ticks_by_hand_only_each_clock_on_its_own(wall: Wall) -> None:
    other = {"cron": {"name": "u", "spec": "@never"}}
    wall.bench.create("p", {"cross": [wall.clock("@never"), other]})
    assert wall.at("2025-05-01T12:00:00Z") is None
    wall.at(NOON)
    cron.run(wall.bench.world.pfs, Pipeline("default", "p"))
    assert (wall.ticks(), wall.ticks("p_u")) == (["12:00:00Z"], ["12:00:00Z"])
    assert wall.bench.outputs("p") == 3


def test_what_has_no_clock_cannot_be_run_so(wall: Wall) -> None:
    wall.bench.create("p", "in")
    with pytest.raises(WrongState, match="pipeline doesn't have a cron input"):
        cron.run(wall.bench.world.pfs, Pipeline("default", "p"))
    with pytest.raises(NotFound, match="not found"):
        cron.run(wall.bench.world.pfs, Pipeline("default", "q"))


@pytest.mark.parametrize("keep_repo", [False, True])
def test_the_ticks_go_with_the_pipeline(wall: Wall, keep_repo: bool) -> None:
    wall.bench.create("p", wall.clock("@hourly"))
    wall.bench.delete("p", keep_repo=keep_repo)
    with wall.bench.world.pfs.read() as tx:
        left = [info.repo.name for info in repos.list_(tx, "user")]
    assert left == (["p", "in"] if keep_repo else ["in"])


def test_somebody_elses_repo_is_not_taken(wall: Wall) -> None:
    wall.bench.world.repo("p_t")
    with pytest.raises(AlreadyExists, match="repo default/p_t already exists"):
        wall.bench.create("p", wall.clock("@hourly"))


def test_a_clock_may_be_left_out_and_come_back(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly"))
    wall.bench.update("p", "in")
    assert wall.at("2024-05-01T13:00:00Z") is None
    wall.bench.update("p", wall.clock("@hourly"))
    wall.at("2024-05-01T14:00:00Z")
    assert wall.ticks() == ["14:00:00Z"]


def test_files_that_are_no_ticks_are_passed_over(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly"))
    wall.at("2024-05-01T13:00:00Z")
    wall.bench.world.commit("p_t@master", "/zebra")
    wall.at("2024-05-01T14:00:00Z")
    assert wall.ticks() == ["13:00:00Z", "14:00:00Z", "/zebra"]


def test_a_clock_that_cannot_tick_is_reported_and_stops_no_other(wall: Wall) -> None:
    wall.bench.create("p", wall.clock("@hourly"))
    wall.bench.create("q", wall.clock("@hourly"))
    with wall.bench.world.pfs.transaction() as txn:
        repos.delete(txn, repo_of("p_t"), force=True)
    assert wall.at("2024-05-01T13:00:00Z") == 10.0
    assert wall.ticks("q_t") == ["13:00:00Z"]
    assert wall.reports == ["tick t of pipeline default/p: repo default/p_t not found"]
    wall.at("2024-05-01T13:00:10Z")
    assert len(wall.reports) == 2
    wall.bench.delete("p", force=True)


def test_a_clock_that_is_deleted_while_it_ticks_is_no_failure(wall: Wall) -> None:
    pending: list[Due] = []

    def vanish() -> None:
        pending.clear()
        raise NotFound("the repo is gone")

    pending.append(Due(0.0, "a tick", vanish))
    reports: list[str] = []
    timer = Timer(
        wall.bench.world.pfs, [lambda _tx: list(pending)], lambda what, _error: reports.append(what), 10
    )
    assert timer.run() is None
    assert reports == []


@pytest.mark.parametrize(
    ("clock", "says"),
    [
        ({"name": "t", "spec": "* * * * * *"}, "error parsing cron-spec: Expected exactly 5 fields, found 6"),
        ({"name": "t", "spec": ""}, "Empty spec string"),
        ({"name": "t", "spec": "@daily", "start": "yesterday"}, '"yesterday" is not a time such as'),
        ({"name": "out", "spec": "@daily"}, "input cannot be named out"),
        ({"name": "t", "spec": "@daily", "commit": "master"}, "cannot come from a commit"),
    ],
)
def test_bad_clocks_are_refused(wall: Wall, clock: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        wall.bench.create("p", {"cron": clock})
    assert says in caught.value.message
