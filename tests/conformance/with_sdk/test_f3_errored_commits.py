"""F3: commits that finished with an error."""

from __future__ import annotations


def commit(world, path: str, error: str = "") -> str:
    opened = world.client.pfs.start_commit(branch=world.branch("r"))
    world.client.pfs.put_file_from_bytes(commit=opened, path=path, data=path.encode())
    world.client.pfs.finish_commit(commit=opened, error=error)
    return opened.id


def test_040_a_put_on_an_errored_head_builds_on_the_nearest_good_ancestor(world):
    world.create_repo("r")
    commit(world, "/f1")
    bad = commit(world, "/f2", error="it is bad")
    put = world.put("r", {"/f3": "x"})
    info = world.client.pfs.inspect_commit(commit=world.commit("r", put))
    assert (info.parent_commit.id, info.error) == (bad, "")
    assert world.files("r") == {"/f1": "/f1", "/f3": "x"}


def test_041_children_skip_errored_commits_that_stay_readable(world):
    world.create_repo("r")
    commit(world, "/f1")
    bad = commit(world, "/f2", error="it is bad")
    third = commit(world, "/f3")
    assert world.client.pfs.inspect_commit(commit=world.commit("r", third)).error == ""
    assert world.files("r", third) == world.files("r") == {"/f1": "/f1", "/f3": "/f3"}
    assert world.files("r", bad) == {"/f1": "/f1", "/f2": "/f2"}
    assert world.client.pfs.inspect_commit(commit=world.commit("r", bad)).error == "it is bad"
