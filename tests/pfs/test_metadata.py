"""Metadata of things: changed together or not at all, shown with the thing, gone with it."""

from __future__ import annotations

import pytest

from calf.db import metadata
from calf.model.errors import AlreadyExists, InvalidArgument, NotFound
from calf.model.refs import Pipeline
from calf.pfs import branches, commits, projects, repos
from calf.pfs.metadata import (
    MOST,
    AddKey,
    Change,
    Cluster,
    DeleteKey,
    Edit,
    EditKey,
    Project,
    Replace,
    Target,
    edit,
)
from tests.pfs.world import World, at, ref, repo_of


@pytest.fixture
def data(world: World) -> World:
    world.repo("data")
    world.commit("data@master", "/a")
    return world


def change(world: World, target: Target, *changes: Change) -> None:
    with world.pfs.transaction() as txn:
        edit(txn, [Edit(target, each) for each in changes])


def shown(world: World, target: Target) -> dict[str, str]:
    with world.pfs.read() as tx:
        if isinstance(target, Project):
            assert projects.list_(tx)[0].metadata == projects.inspect(tx, target.name).metadata
            return projects.inspect(tx, target.name).metadata
        if target == repo_of("data"):
            return repos.inspect(tx, repo_of("data")).metadata
        if target == at("data@master"):
            return branches.inspect(tx, at("data@master")).metadata
        if target == ref("data@master"):
            return commits.inspect(tx, ref("data@master")).metadata
        return metadata.get(tx, "cluster", "")


TARGETS = [Project("default"), repo_of("data"), at("data@master"), ref("data@master"), Cluster()]


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_keys_are_added_changed_deleted_and_replaced(data: World, target: Target) -> None:
    change(data, target, AddKey("a", "1"), EditKey("b", "2"), EditKey("a", "3"), DeleteKey("nothing"))
    assert shown(data, target) == {"a": "3", "b": "2"}
    change(data, target, DeleteKey("a"))
    assert shown(data, target) == {"b": "2"}
    change(data, target, Replace({"c": ""}))
    assert shown(data, target) == {"c": ""}
    change(data, target, Replace({}))
    assert shown(data, target) == {}
    others = [other for other in TARGETS if other != target]
    assert not any(shown(data, other) for other in others)


@pytest.mark.parametrize(
    ("bad", "error", "text"),
    [
        (AddKey("a", "2"), AlreadyExists, 'edit 2 of 2: key "a" already exists'),
        (AddKey("", "2"), InvalidArgument, "edit 2 of 2: a metadata key may not be empty"),
        (EditKey("", "2"), InvalidArgument, "may not be empty"),
        (DeleteKey(""), InvalidArgument, "may not be empty"),
        (Replace({"": "x"}), InvalidArgument, "may not be empty"),
    ],
)
def test_one_bad_edit_undoes_all(data: World, bad: Change, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        change(data, repo_of("data"), AddKey("a", "1"), bad)
    assert shown(data, repo_of("data")) == {}


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (Project("no"), 'project "no" not found'),
        (repo_of("no"), "repo default/no not found"),
        (at("data@no"), 'branch "no" not found in repo default/data'),
        (ref("data@no"), 'branch "no" not found in repo default/data'),
        (Pipeline("default", "no"), 'pipeline "default/no" not found'),
    ],
)
def test_what_is_not_there_has_no_metadata(data: World, target: Target, text: str) -> None:
    with pytest.raises(NotFound, match=text):
        change(data, target, AddKey("a", "1"))


def test_metadata_goes_with_its_thing(data: World) -> None:
    for target in TARGETS[1:4]:
        change(data, target, AddKey("a", "1"))
    with data.pfs.transaction() as txn:
        repos.delete(txn, repo_of("data"))
        projects.create(txn, "p")
        edit(txn, [Edit(Project("p"), AddKey("a", "1"))])
        projects.delete(txn, "p")
    with data.pfs.read() as tx:
        assert tx.value("SELECT count(*) FROM metadata") == 0


def test_metadata_is_a_few_words_and_many_edits_of_them_are_quick(data: World) -> None:
    change(data, Project("default"), *(EditKey(f"k{number}", "v") for number in range(5000)))
    assert len(shown(data, Project("default"))) == 5000
    with pytest.raises(InvalidArgument, match="may have 262144 characters"):
        change(data, Project("default"), EditKey("k", "v" * MOST))
