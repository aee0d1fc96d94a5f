from __future__ import annotations

import re

import pytest

from calf.model.errors import InvalidArgument, NotFound
from calf.model.refs import Commit, CommitRef
from calf.model.states import OriginKind
from calf.pfs import commits
from calf.pfs.commits import CommitQuery
from tests.pfs.world import World, at, ref, repo_of

RAW = repo_of("raw")


@pytest.fixture
def line(world: World) -> list[Commit]:
    """An empty commit of the branch, then three of users."""
    world.repo("raw")
    world.branch("raw@master")
    return [world.head("raw@master"), *(world.commit("raw@master", f"/{number}") for number in range(3))]


def listed(world: World, query: CommitQuery) -> list[Commit]:
    with world.pfs.read() as tx:
        return [info.commit for info in commits.list_(tx, query)]


def test_commits_come_newest_first(world: World, line: list[Commit]) -> None:
    assert listed(world, CommitQuery(RAW)) == line[::-1]
    assert listed(world, CommitQuery(RAW, reverse=True)) == line
    assert listed(world, CommitQuery(RAW, number=2)) == line[:1:-1]


def test_a_line_goes_from_a_commit_down_to_another_without_it(world: World, line: list[Commit]) -> None:
    world.commit("raw@other")
    assert listed(world, CommitQuery(RAW, to=ref("raw@master"))) == line[::-1]
    assert listed(world, CommitQuery(RAW, to=ref("raw@master^"), from_=ref("raw@master.1"))) == line[2:0:-1]
    assert listed(world, CommitQuery(RAW, to=ref("raw@master"), from_=ref("raw@master"))) == []


def test_commits_are_chosen_by_origin_and_time(world: World, line: list[Commit]) -> None:
    assert listed(world, CommitQuery(RAW, origin=OriginKind.AUTO)) == line[:1]
    assert listed(world, CommitQuery(RAW, origin=OriginKind.USER, number=1)) == line[-1:]
    started = world.info(line[2]).started
    assert listed(world, CommitQuery(RAW, started_before=started)) == line[1::-1]


@pytest.mark.parametrize(
    ("to", "from_", "reverse", "text"),
    [
        (None, ref("raw@master"), False, "cannot use `from` commit without `to` commit"),
        (ref("raw@master"), None, True, "cannot use 'Reverse' while also using 'From' or 'To'"),
    ],
)
def test_what_cannot_be_combined_is_refused(
    world: World, line: list[Commit], to: CommitRef | None, from_: CommitRef | None, reverse: bool, text: str
) -> None:
    with pytest.raises(InvalidArgument, match=f"^{re.escape(text)}$"):
        listed(world, CommitQuery(RAW, to=to, from_=from_, reverse=reverse))


def test_a_missing_repo_is_named(world: World) -> None:
    with pytest.raises(NotFound, match=r"^repo default/raw not found$"):
        listed(world, CommitQuery(RAW))


def test_a_listing_of_many_commits_has_each_of_them_once_and_in_order(world: World) -> None:
    world.repo("raw")
    made = []
    for _ in range(105):
        with world.pfs.transaction() as txn:
            made.append(commits.finish(txn, commits.start(txn, at("raw@master"))))
    with world.pfs.read() as tx:
        forward = [info.commit for info in commits.list_(tx, CommitQuery(repo_of("raw")))]
        backward = [info.commit for info in commits.list_(tx, CommitQuery(repo_of("raw"), reverse=True))]
    assert forward == made[::-1]
    assert backward == made
