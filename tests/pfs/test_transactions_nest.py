"""A transaction inside a transaction of the same thread is one with it."""

from __future__ import annotations

import pytest

from calf.model.errors import AlreadyExists, Internal
from calf.model.refs import Repo
from calf.pfs import branches, commits, repos
from tests.pfs.world import World, at, repo_of


def test_an_inner_block_shares_the_set_and_the_end(world: World) -> None:
    world.repo("a", "b", "out")
    world.branch("out@master", provenance="a@master b@master")
    before = len(world.log("out"))
    with world.pfs.transaction() as outer:
        for name in ("a@master", "b@master"):
            with world.pfs.transaction() as txn:
                assert txn is outer
                commits.finish(txn, commits.start(txn, at(name)))
    assert world.head("a@master").id == world.head("b@master").id == world.head("out@master").id
    assert len(world.log("out")) == before + 1


def test_an_inner_block_that_fails_undoes_its_own_part_only(world: World) -> None:
    world.repo("a", "out")
    with world.pfs.transaction() as outer:
        repos.create(outer, repo_of("b"))
        with pytest.raises(AlreadyExists):
            _make_a_branch_and_fail(world)
    assert [repo.name for repo in _repos(world)] == ["a", "b", "out"]
    assert world.log("out") == []
    assert world.fsck() == []


def test_an_inner_block_has_no_id_of_its_own(world: World) -> None:
    with world.pfs.transaction(), pytest.raises(Internal), world.pfs.transaction("other"):
        pass


def test_after_a_transaction_the_next_one_is_new(world: World) -> None:
    with world.pfs.transaction() as first:
        pass
    with world.pfs.transaction() as second:
        assert second.set_id != first.set_id


def _make_a_branch_and_fail(world: World) -> None:
    with world.pfs.transaction() as txn:
        branches.create(txn, at("out@master"), provenance=[at("a@master")])
        repos.create(txn, repo_of("a"))


def _repos(world: World) -> list[Repo]:
    with world.pfs.read() as tx:
        return sorted((info.repo for info in repos.list_(tx)), key=lambda repo: repo.name)
