"""Datums of every kind of input, over a real repo (spec F4)."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.errors import NotFound
from calf.model.identity import datum_id
from calf.model.refs import Branch, Repo
from calf.model.spec import CronInput, PfsInput
from calf.pps.datums import enumerate_datums
from tests.pfs.world import World
from tests.pps.datums.conftest import Datums, Enumerate

FIFTY = [f"/foo{number}" for number in range(50)]


def pfs(repo: str, glob: str, **more: Any) -> dict[str, Any]:
    return {"pfs": {"repo": repo, "glob": glob, **more}}


def paths(datums: Datums) -> list[str]:
    """Each datum as its paths with spaces between, without `/foo`."""
    return [" ".join(part.path.removeprefix("/foo") for part in datum) for datum in datums]


@pytest.fixture
def foo(world: World) -> World:
    world.repo("in")
    world.commit("in@master", *FIFTY)
    return world


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("!(**)", ""),
        ("/foo?1", "11 21 31 41"),
        ("/foo*2", "12 2 22 32 42"),
        ("/nothing", ""),
    ],
)
def test_an_input_has_a_datum_for_each_match_in_path_order(
    foo: World, enumerate_: Enumerate, glob: str, found: str
) -> None:
    assert paths(enumerate_(pfs("in", glob))) == found.split()


def test_a_datum_knows_its_file(foo: World, enumerate_: Enumerate) -> None:
    ((part,),) = enumerate_(pfs("in", "/foo(1)(2)", name="x", join_on="$2$1", group_by="g-$1"))
    assert (part.name, part.repo, part.branch) == ("x", Repo("default", "in"), "master")
    assert part.commit == foo.head("in@master")
    assert (part.path, part.size, part.join_on, part.group_by) == ("/foo12", 6, "21", "g-1")
    assert len(part.hash) == 32


def test_a_directory_is_a_datum_and_its_hash_is_that_of_all_below(
    world: World, enumerate_: Enumerate
) -> None:
    world.repo("in")
    world.commit("in@master", "/a/1", "/a/2", "/b/1")
    (before,) = enumerate_(pfs("in", "/a"))
    assert [datum[0].path for datum in enumerate_(pfs("in", "/*"))] == ["/a/", "/b/"]
    world.commit("in@master", "/a/3")
    (after,) = enumerate_(pfs("in", "/a"))
    assert before[0].hash != after[0].hash
    assert datum_id(before) == datum_id(after)


def test_the_root_is_one_datum_and_none_in_an_empty_commit(world: World, enumerate_: Enumerate) -> None:
    world.repo("in")
    world.commit("in@master")
    assert enumerate_(pfs("in", "/")) == []
    world.commit("in@master", "/a", "/b/c")
    assert [datum[0].path for datum in enumerate_(pfs("in", "/"))] == ["/"]


def test_union_concatenates(foo: World, enumerate_: Enumerate) -> None:
    union = {"union": [pfs("in", "/foo?1"), pfs("in", "/foo*2")]}
    assert paths(enumerate_(union)) == ["11", "21", "31", "41", "12", "2", "22", "32", "42"]


def test_cross_combines_with_the_first_member_outermost(foo: World, enumerate_: Enumerate) -> None:
    cross = {"cross": [pfs("in", "/foo?1", name="a"), pfs("in", "/foo*2", name="b")]}
    found = paths(enumerate_(cross))
    assert len(found) == 20
    assert found[:6] == ["11 12", "11 2", "11 22", "11 32", "11 42", "21 12"]


def test_cross_with_an_empty_member_is_empty(foo: World, enumerate_: Enumerate) -> None:
    for members in (["/foo?1", "/no"], ["/no", "/foo?1"]):
        first, second = members
        assert enumerate_({"cross": [pfs("in", first, name="a"), pfs("in", second, name="b")]}) == []


def test_join_pairs_files_of_the_same_key(foo: World, enumerate_: Enumerate) -> None:
    join = {
        "join": [
            pfs("in", "/foo(?)(?)", name="a", join_on="$1$2"),
            pfs("in", "/foo(?)(?)", name="b", join_on="$2$1"),
        ]
    }
    found = paths(enumerate_(join))
    assert len(found) == 16
    assert found[:4] == ["11 11", "12 21", "13 31", "14 41"]
    assert all(pair[:2] == pair[:-3:-1] for pair in found)


def test_outer_join_keeps_files_without_partner(foo: World, enumerate_: Enumerate) -> None:
    def join(left: bool, right: bool) -> list[str]:
        members = [
            pfs("in", "/foo1(?)", name="a", join_on="$1", outer_join=left),
            pfs("in", "/foo(?)1", name="b", join_on="$1", outer_join=right),
        ]
        return paths(enumerate_({"join": members}))

    paired = ["11 11", "12 21", "13 31", "14 41"]
    assert join(left=False, right=False) == paired
    assert join(left=True, right=True) == ["10", *paired, "15", "16", "17", "18", "19"]
    assert join(left=True, right=False) == ["10", *paired, "15", "16", "17", "18", "19"]
    assert join(left=False, right=True) == paired


def test_an_outer_file_without_all_partners_comes_once(world: World, enumerate_: Enumerate) -> None:
    world.repo("a", "b", "c")
    world.commit("a@master", "/k")
    world.commit("b@master", "/k/1", "/k/2", "/k/3")
    world.commit("c@master", "/other")
    members = [
        pfs("a", "/(*)", join_on="$1", outer_join=True),
        pfs("b", "/(*)/*", join_on="$1"),
        pfs("c", "/(*)", join_on="$1"),
    ]
    assert paths(enumerate_({"join": members})) == ["/k"]


def test_two_outer_files_with_a_third_partner_missing_are_crossed(
    world: World, enumerate_: Enumerate
) -> None:
    world.repo("a", "b", "c")
    world.commit("a@master", "/k")
    world.commit("b@master", "/k/1", "/k/2")
    world.commit("c@master", "/other")
    members = [
        pfs("a", "/(*)", join_on="$1", outer_join=True),
        pfs("b", "/(*)/*", join_on="$1", outer_join=True),
        pfs("c", "/(*)", join_on="$1"),
    ]
    assert paths(enumerate_({"join": members})) == ["/k /k/1", "/k /k/2"]


def test_join_of_bit_patterns(world: World, enumerate_: Enumerate) -> None:
    names = [f"/file-{number % 4}.{number:>4b}" for number in range(16)]
    world.repo("a", "b")
    world.commit("a@master", *names)
    world.commit("b@master", *names)
    join = {
        "join": [
            pfs("a", "/file-?.(11*)", join_on="$1"),
            pfs("b", "/file-?.(*0)", join_on="$1"),
        ]
    }
    keys = {part.join_on for datum in enumerate_(join) for part in datum}
    assert keys == {"1100", "1110"}
    assert len(enumerate_(join)) == 2


def test_join_of_directories(world: World, enumerate_: Enumerate) -> None:
    world.repo("a", "b")
    world.commit("a@master", "/dir-01/x", "/dir-00/x")
    world.commit("b@master", "/dir-10/x", "/dir-00/y")
    join = {"join": [pfs("a", "/dir-(?)(1)", join_on="$2"), pfs("b", "/dir-(1)(?)", join_on="$1")]}
    assert paths(enumerate_(join)) == ["/dir-01/ /dir-10/"]


def test_group_collects_all_files_of_a_key(foo: World, enumerate_: Enumerate) -> None:
    found = paths(enumerate_({"group": [pfs("in", "/foo(?)(?)", group_by="$1")]}))
    assert [len(datum.split()) for datum in found] == [10, 10, 10, 10]
    assert found[0] == "10 11 12 13 14 15 16 17 18 19"


def test_group_over_two_members_holds_a_file_that_both_match_twice(foo: World, enumerate_: Enumerate) -> None:
    group = {
        "group": [
            pfs("in", "/foo(?)(?)", name="a", group_by="$1"),
            pfs("in", "/foo(?)(?)", name="b", group_by="$2"),
        ]
    }
    found = paths(enumerate_(group))
    assert len(found) == 10
    assert found[0] == "10 11 12 13 14 15 16 17 18 19 11 21 31 41"


def test_group_of_a_join_and_union_of_a_group(foo: World, enumerate_: Enumerate) -> None:
    join = {
        "join": [
            pfs("in", "/foo(?)(?)", name="a", join_on="$1$2", group_by="$1"),
            pfs("in", "/foo(?)(?)", name="b", join_on="$2$1", group_by="$2"),
        ]
    }
    assert [len(datum) for datum in enumerate_({"group": [join]})] == [8, 8, 8, 8]
    group = {
        "group": [
            pfs("in", "/foo(?)(?)", name="a", group_by="$1"),
            pfs("in", "/foo(?)(?)", name="b", group_by="$2"),
        ]
    }
    assert len(enumerate_({"union": [pfs("in", "/foo*", name="c"), group]})) == 60


def test_group_of_space_padded_bits_and_of_patients(world: World, enumerate_: Enumerate) -> None:
    world.repo("bits", "patients")
    world.commit("bits@master", *(f"/file.{number:>4b}" for number in range(16)))
    found = enumerate_({"group": [pfs("bits", "/file.(?)(?)(?)(?)", group_by="$3")]})
    assert [(datum[0].group_by, len(datum)) for datum in found] == [(" ", 2), ("1", 8), ("0", 6)]
    names = [f"/T{i}-PATID{i % 4}-LAB.txt" for i in range(12)]
    world.commit("patients@master", *names)
    assert len(enumerate_({"group": [pfs("patients", "/*-PATID(*)-*.txt", group_by="$1")]})) == 4


def test_unions_and_crosses_nest(world: World, enumerate_: Enumerate) -> None:
    repos = ["a", "b", "c", "d"]
    world.repo(*repos)
    for repo in repos:
        world.commit(f"{repo}@master", "/1", "/2")
    leaf = {repo: pfs(repo, "/*") for repo in repos}
    assert len(enumerate_({"union": list(leaf.values())})) == 8
    same_name = [pfs(repo, "/*", name="in") for repo in repos]
    found = enumerate_({"union": same_name})
    assert {part.name for datum in found for part in datum} == {"in"}
    crosses = {"union": [{"cross": [leaf["a"], leaf["b"]]}, {"cross": [leaf["c"], leaf["d"]]}]}
    assert len(enumerate_(crosses)) == 8
    unions = {"cross": [{"union": [leaf["a"], leaf["b"]]}, {"union": [leaf["c"], leaf["d"]]}]}
    assert len(enumerate_(unions)) == 16
    assert len(enumerate_({"cross": list(leaf.values())})) == 16


def test_the_pairing_of_images_and_masks_keeps_the_lonely_ones(world: World, enumerate_: Enumerate) -> None:
    world.repo("pets", "params")
    world.commit(
        "pets@master",
        "/images/a.jpg",
        "/images/b.jpg",
        "/trimaps/b.png",
        "/trimaps/c.png",
    )
    world.commit("params@master", "/ingest.yaml", "/train.yaml")
    document = {
        "cross": [
            {
                "join": [
                    pfs("pets", "/images/(*).jpg", name="images", join_on="$1", outer_join=True),
                    pfs("pets", "/trimaps/(*).png", name="trimaps", join_on="$1", outer_join=True),
                ]
            },
            pfs("params", "/ingest.yaml"),
        ]
    }
    # The member without an explicit name sorts first; the order of enumeration follows.
    assert [[part.name for part in datum] for datum in enumerate_(document)] == [
        ["params", "images"],
        ["params", "images", "trimaps"],
        ["params", "trimaps"],
    ]


def test_a_branch_without_commit_is_not_found(foo: World) -> None:
    leaf = PfsInput(name="x", repo="in", branch="other", glob="/", repo_type="user", project="default")
    with foo.pfs.read() as tx, pytest.raises(NotFound, match='branch "other" not found in repo default/in'):
        enumerate_datums(foo.pfs, tx, leaf, {Branch(Repo("default", "in"), "master"): foo.head("in@master")})


def test_a_clock_gives_a_datum_a_tick(foo: World) -> None:
    foo.repo("p_t")
    foo.commit("p_t@master", "/2024-05-01T10:00:00Z", "/2024-05-01T11:00:00Z")
    clock = CronInput(name="t", spec="@daily", repo="p_t", project="default")
    heads = {clock.files.source: foo.head("p_t@master")}
    with foo.pfs.read() as tx:
        found = list(enumerate_datums(foo.pfs, tx, clock, heads))
    assert [(part.name, part.path) for (part,) in found] == [
        ("t", "/2024-05-01T10:00:00Z"),
        ("t", "/2024-05-01T11:00:00Z"),
    ]
