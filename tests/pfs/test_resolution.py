from __future__ import annotations

import re

import pytest

from calf.model.errors import InvalidArgument, NotFound
from calf.pfs import commits
from tests.pfs.world import World, ref, uuid_like


def test_parents_are_counted_back_and_commits_forward(world: World) -> None:
    world.repo("raw")
    line = [world.commit("raw@master", f"/{number}") for number in range(4)]
    cases = {
        "master": 3,
        "master^": 2,
        "master^^": 1,
        "master~3": 0,
        "master^0": 3,
        "master.1": 0,
        "master.4": 3,
        f"{line[2].id}^2": 0,
    }
    with world.pfs.read() as tx:
        for text, number in cases.items():
            assert commits.resolve(tx, ref(f"raw@{text}")) == line[number]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "master^5",
            "ancestor of commit: default/raw@master, offset requested: 5, offset traversable: 1",
        ),
        ("master.3", "offset: 3, maximum depth: 2"),
        ("master^~", 'invalid ancestry syntax "master^~", cannot mix ^ and ~ characters'),
        ("", "no commit or branch given for repo default/raw"),
    ],
)
def test_too_many_steps_and_bad_ancestry_are_refused(world: World, text: str, message: str) -> None:
    world.repo("raw")
    world.commit("raw@master")
    world.commit("raw@master")
    with world.pfs.read() as tx, pytest.raises(InvalidArgument, match=re.escape(message)):
        commits.resolve(tx, ref(f"raw@{text}"))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("raw@dev", 'branch "dev" not found in repo default/raw'),
        ("none@dev", 'branch "dev" not found in repo default/none'),
        (f"raw@{uuid_like(999)}", f"commit default/raw@{uuid_like(999)} not found"),
        (f"none@{uuid_like(999)}", "repo default/none not found"),
    ],
)
def test_what_is_missing_is_named_in_the_words_clients_match(world: World, what: str, message: str) -> None:
    world.repo("raw")
    with world.pfs.read() as tx, pytest.raises(NotFound, match=f"^{re.escape(message)}$"):
        commits.resolve(tx, ref(what))


def test_an_id_of_another_set_means_the_commit_as_that_set_saw_it(world: World) -> None:
    """F5.56."""
    world.repo("a", "b", "out", "other")
    old = world.commit("a@master", "/1")
    world.branch("out@master", provenance="a@master b@master")
    newer = world.commit("b@master", "/2")
    with world.pfs.read() as tx:
        assert commits.resolve(tx, ref(f"a@{newer.id}")) == old
        assert commits.resolve(tx, ref(f"out@{newer.id}^")).id != newer.id
        with pytest.raises(NotFound, match=f"^commit default/other@{newer.id} not found$"):
            commits.resolve(tx, ref(f"other@{newer.id}"))


def test_what_a_set_read_itself_comes_before_what_its_inputs_had_read(world: World) -> None:
    """A rewound input: the set was made from the older commit, one of its other inputs from the newer."""
    world.repo("a", "mid", "out")
    old, newer = world.commit("a@master", "/1"), world.commit("a@master", "/2")
    world.branch("mid@master", provenance="a@master")
    world.branch("mid@master")
    world.branch("a@master", head=f"a@{old.id}")
    made = world.branch("out@master", provenance="a@master mid@master")
    assert newer in world.info("mid@master").direct_provenance
    with world.pfs.read() as tx:
        assert commits.resolve(tx, ref(f"a@{made}")) == old
