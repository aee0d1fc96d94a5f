from __future__ import annotations

import pytest

from calf.model.errors import InvalidArgument
from calf.model.refs import Branch
from calf.pfs import branches
from tests.pfs.world import World, at


def reading(world: World, name: str, provenance: str, never: str) -> None:
    with world.pfs.transaction() as txn:
        branches.create(
            txn,
            at(name),
            provenance=[at(it) for it in provenance.split()],
            never=[at(it) for it in never.split()],
        )


def test_what_is_held_back_makes_no_commit_and_is_used_by_the_next(world: World) -> None:
    world.repo("a", "b", "out")
    world.commit("a@master", "/1")
    world.commit("b@master", "/1")
    reading(world, "out@master", "a@master b@master", never="b@master")
    world.run(world.head("out@master").id)
    made = world.log("out")
    held = world.commit("b@master", "/2")
    assert world.log("out") == made
    moving = world.commit("a@master", "/2")
    assert world.head("out@master").id == moving.id
    assert set(world.info("out@master").direct_provenance) == {held, moving}
    world.run(moving.id)


def test_what_is_held_back_is_held_back_from_all_that_lies_beyond(world: World) -> None:
    world.repo("a", "b", "c")
    world.commit("a@master", "/1")
    reading(world, "b@master", "a@master", never="a@master")
    world.branch("c@master", "b@master")
    made = world.log("c")
    world.commit("a@master", "/2")
    assert world.log("c") == made


def test_a_branch_says_what_it_holds_back(world: World) -> None:
    world.repo("a", "b")
    reading(world, "b@master", "a@master", never="a@master")
    made = world.log("b")

    def never() -> tuple[Branch, ...]:
        with world.pfs.read() as tx:
            return branches.inspect(tx, at("b@master")).never

    assert never() == (at("a@master"),)
    reading(world, "b@master", "a@master", never="")
    assert never() == ()
    assert world.log("b") == made  # the provenance is as it was


def test_only_provenance_can_be_held_back(world: World) -> None:
    world.repo("a", "b")
    text = r"^branch propagation spec must reference provenant branch \(referenced branch: default/b@x\)$"
    with pytest.raises(InvalidArgument, match=text):
        reading(world, "b@master", "a@master", never="b@x")
