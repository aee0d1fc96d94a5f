"""Many clients at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.pfs.files.shorthand import get, modify, put
from tests.pfs.world import World


@pytest.fixture
def world(world: World) -> World:
    world.repo("data")
    return world


def together(count: int, run: Callable[[int], object]) -> None:
    start = threading.Barrier(count)
    failures: list[BaseException] = []

    def one(number: int) -> None:
        start.wait(20)
        try:
            run(number)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


def test_one_shot_commits_on_a_branch_follow_one_another_and_lose_nothing(world: World) -> None:
    together(8, lambda number: modify(world, "data@master", put(f"/f{number}", str(number))))
    assert world.files("data@master") == [f"/f{number}" for number in range(8)]
    assert len(world.log("data")) == 8


def test_appends_to_an_open_commit_all_arrive(world: World) -> None:
    world.start("data@master")
    together(8, lambda number: modify(world, "data@master", put("/log", f"<{number}>")))
    text = get(world, "data@master:/log")
    assert sorted(text) == sorted("".join(f"<{number}>" for number in range(8)))
    assert all(f"<{number}>" in text for number in range(8))


def test_puts_to_a_branch_work_while_another_client_opens_and_closes_commits_on_it(world: World) -> None:
    def run(number: int) -> None:
        for turn in range(6):
            if number:
                modify(world, "data@master", put(f"/f{number}{turn}", "x"))
            else:
                world.finish(world.start("data@master"))

    together(4, run)
    assert world.files("data@master") == [f"/f{number}{turn}" for number in range(1, 4) for turn in range(6)]
