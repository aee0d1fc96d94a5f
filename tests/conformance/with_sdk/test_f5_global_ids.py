"""F5: global ids, provenance and branches."""

from __future__ import annotations

import queue
import threading
from collections import Counter

import grpc
import pytest
from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS
NOT_FOUND = grpc.StatusCode.NOT_FOUND
USER, AUTO = pfs.OriginKind.USER, pfs.OriginKind.AUTO


def members(world, set_id: str) -> list[str]:
    """The repos of a set and all that it comes from, system repos as `name.type`."""
    found = world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=set_id))
    return [named(info.commit.repo) for info in found]


def named(repo: pfs.Repo) -> str:
    return repo.name if repo.type == "user" else f"{repo.name}.{repo.type}"


def history(world, repo: str, **query) -> list[pfs.CommitInfo]:
    return list(world.client.pfs.list_commit(repo=world.repo(repo), **query))


def copies(world, name: str, *repos: str) -> str:
    """A pipeline that copies all its inputs; the id of its first job."""
    inputs = [world.pfs_input(repo) for repo in repos]
    input_ = inputs[0] if len(inputs) == 1 else pps.Input(cross=inputs)
    return world.shell(name, input_, *(f"cp -f /pfs/{repo}/* /pfs/out/" for repo in repos))


def head(world, repo: str, name: str = "master") -> str:
    return world.client.pfs.inspect_branch(branch=world.branch(repo, name)).head.id


def point(world, repo: str, name: str, at: str) -> None:
    world.client.pfs.create_branch(branch=world.branch(repo, name), head=world.commit(repo, at))


def link(world, name: str, *upstream: str) -> None:
    provenance = [world.branch(repo) for repo in upstream]
    world.client.pfs.create_branch(branch=world.branch(name), provenance=provenance)


def close_all(world, repo: str) -> None:
    """Finish the open commits of a branch that no pipeline writes."""
    for info in reversed(history(world, repo)):
        if not info.finished:
            world.client.pfs.finish_commit(commit=info.commit, force=True)


def test_053_a_put_runs_a_chain_under_its_own_id(world):
    world.create_repo("a")
    copies(world, "b", "a")
    copies(world, "c", "b")
    put = world.put("a", {"/f": "x"})
    done = world.wait_set(put)
    assert {name: info.state for name, info in done.items()} == {"b": SUCCESS, "c": SUCCESS}
    found = members(world, put)
    assert sorted(found) == ["a", "b", "b.meta", "b.spec", "c", "c.meta", "c.spec"]
    assert found.index("a") < found.index("b") < found.index("c")
    commits = {
        named(info.commit.repo): info.commit.id
        for info in world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=put))
    }
    own = {name for name, id_ in commits.items() if id_ == put}
    assert own == {"a", "b", "b.meta", "c", "c.meta"}
    for name in ("b", "c"):
        version = world.client.pps.inspect_pipeline(pipeline=world.pipeline(name)).spec_commit.id
        assert commits[f"{name}.spec"] == version
        assert world.jobs(name)[0].job.id == put
        assert world.files(name, put) == {"/f": "x"}
    assert commits["b.spec"] != commits["c.spec"]


def test_054_a_diamond_makes_one_commit_of_a_repo_in_every_set(world):
    world.create_repo("a")
    copies(world, "b", "a")
    both = pps.Input(cross=[world.pfs_input("a", "/"), world.pfs_input("b", "/")])
    world.shell("c", both, "cd /pfs; echo $a_COMMIT $b_COMMIT $(ls a) $(ls b) > out/seen")
    puts = [world.put("a", {f"/{number}": "x"}) for number in range(3)]
    for number, put in enumerate(puts):
        done = world.wait_set(put)
        assert {name: info.state for name, info in done.items()} == {"b": SUCCESS, "c": SUCCESS}
        sets = world.client.pfs.list_commit_set(project=world.project)
        (own,) = [info for info in sets if info.commit_set.id == put]
        assert set(Counter(named(info.commit.repo) for info in own.commits).values()) == {1}
        assert sorted(members(world, put)) == ["a", "b", "b.meta", "b.spec", "c", "c.meta", "c.spec"]
        output = world.client.pfs.inspect_commit(commit=world.commit("c", put))
        pairs = {named(it.repo): it.id for it in output.direct_provenance}
        assert (pairs["a"], pairs["b"]) == (put, put)
        assert set(pairs) == {"a", "b", "c.spec"}
        assert len(own.commits) == 5
        names = " ".join(str(n) for n in range(number + 1))
        assert world.files("c", put) == {"/seen": f"{put} {put} {names} {names}\n"}


def test_055_four_stages_are_thirteen_commits_and_four_jobs(world):
    world.create_repo("s0")
    for number in range(4):
        copies(world, f"s{number + 1}", f"s{number}")
    put = world.put("s0", {"/f": "x"})
    done = world.wait_set(put)
    assert len(done) == 4
    assert {info.state for info in done.values()} == {SUCCESS}
    stages = [f"s{number}{kind}" for number in range(1, 5) for kind in ("", ".meta", ".spec")]
    assert sorted(members(world, put)) == ["s0", *stages]
    finished = world.client.pfs.wait_commit_set(pfs.CommitSet(id=put))
    assert len(finished) == 13
    assert all(info.finished and not info.error for info in finished)


def test_056_a_repo_is_seen_as_another_set_saw_it(world, fails):
    world.create_repo("a", "b", "other")
    world.put("other", {"/f": "x"})
    seen = world.put("b", {"/f": "x"})
    copies(world, "p", "a", "b")
    put = world.put("a", {"/g": "x"})
    world.put("b", {"/f": "newer"})
    found = world.client.pfs.inspect_commit(commit=world.commit("b", put))
    assert found.commit.id == seen
    assert world.read("b", "/f", put) == "x"
    code, text = fails(world.client.pfs.inspect_commit, commit=world.commit("other", put))
    assert (code, text) == (NOT_FOUND, f"commit {world.project.name}/other@{put} not found")


def test_057_commits_that_were_there_before_give_one_output_commit(world):
    world.create_repo("in")
    newest = [world.put("in", {f"/{number}": "x"}) for number in range(3)][-1]
    first = copies(world, "p", "in")
    done = world.wait("p", first)
    assert (done.state, done.data_total) == (SUCCESS, 3)
    assert [info.job.id for info in world.jobs("p")] == [first]
    (output,) = history(world, "p")
    assert output.commit.id == first
    spec = world.client.pps.inspect_pipeline(pipeline=world.pipeline("p")).spec_commit.id
    assert sorted((named(it.repo), it.id) for it in output.direct_provenance) == [
        ("in", newest),
        ("p.spec", spec),
    ]
    assert set(world.files("p")) == {"/0", "/1", "/2"}


def test_058_deferred_processing_makes_sets_of_one_four_and_six(world):
    world.create_repo("data")
    world.shell("p1", world.pfs_input("data"), "cp /pfs/data/* /pfs/out/", output_branch="staging")
    copies(world, "p2", "p1")
    staged = world.put("data", {"/f": "x"}, branch="staging")
    assert members(world, staged) == ["data"]
    point(world, "data", "master", "staging")
    middle = head(world, "p1", "staging")
    assert head(world, "data") == staged != middle
    assert world.wait("p1", middle).state == SUCCESS
    assert sorted(members(world, middle)) == ["data", "p1", "p1.meta", "p1.spec"]
    point(world, "p1", "master", "staging")
    last = head(world, "p2")
    assert world.wait("p2", last).state == SUCCESS
    assert sorted(members(world, last)) == ["data", "p1", "p1.spec", "p2", "p2.meta", "p2.spec"]
    seen = [world.client.pfs.inspect_commit(commit=world.commit(it, last)).commit.id for it in ("data", "p1")]
    assert seen == [staged, middle]
    assert world.files("p2") == {"/f": "x"}


def test_060_more_provenance_makes_one_more_commit(world):
    world.create_repo("in", "more", "out")
    for name in ("in", "more"):
        world.put(name, {"/0": "x"})
    link(world, "out", "in")
    close_all(world, "out")
    for number in range(1, 4):
        put = world.put("in", {f"/{number}": "x"})
        assert members(world, put) == ["in", "out"]
        assert head(world, "out") == put
    close_all(world, "out")
    before = len(history(world, "out"))
    link(world, "out", "in", "more")
    newest, *_ = history(world, "out")
    assert len(history(world, "out")) == before + 1
    assert newest.origin.kind == AUTO
    assert {it.repo.name for it in newest.direct_provenance} == {"in", "more"}
    close_all(world, "out")


def test_061_a_branch_that_is_made_late_is_filled_by_one_commit(world):
    world.create_repo("in", "out")
    puts = [world.put("in", {f"/{number}": "x"}) for number in range(10)]
    link(world, "out", "in")
    (only,) = history(world, "out")
    assert [it.id for it in only.direct_provenance] == [puts[-1]]
    close_all(world, "out")


def test_062_a_branch_moved_back_makes_a_set_of_the_old_input(world):
    world.create_repo("in")
    copies(world, "p", "in")
    _, second, third = (world.put("in", {f"/{number}": "x"}) for number in (1, 2, 3))
    world.wait_set(third)
    point(world, "in", "master", second)
    rewound = head(world, "p")
    assert [info.job.id for info in world.jobs("p")][:2] == [rewound, third]
    assert sorted(members(world, rewound)) == ["in", "p", "p.meta", "p.spec"]
    assert head(world, "in") == second
    assert rewound not in {info.commit.id for info in history(world, "in")}
    done = world.wait("p", rewound)
    assert world.client.pfs.inspect_commit(commit=world.commit("p", rewound)).parent_commit.id == third
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 0, 2)
    assert world.client.pfs.inspect_commit(commit=world.commit("in", rewound)).commit.id == second
    assert set(world.files("p")) == {"/1", "/2"}
    fourth = world.put("in", {"/4": "x"})
    assert world.client.pfs.inspect_commit(commit=world.commit("in", fourth)).parent_commit.id == second
    world.wait_set(fourth)
    assert set(world.files("p")) == {"/1", "/2", "/4"}


def test_063_provenance_removed_makes_no_commit_and_added_again_makes_one(world):
    world.create_repo("in", "out")
    world.put("in", {"/f": "x"})
    link(world, "out", "in")
    assert len(history(world, "out")) == 1
    link(world, "out")
    assert len(history(world, "out")) == 1
    assert world.client.pfs.inspect_branch(branch=world.branch("out")).direct_provenance == []
    put = world.put("in", {"/g": "x"})
    assert members(world, put) == ["in"]
    link(world, "out", "in")
    newest, _first = history(world, "out")
    assert (newest.origin.kind, newest.commit.id == put) == (AUTO, False)
    assert [it.id for it in newest.direct_provenance] == [put]
    close_all(world, "out")


def test_067_a_commit_beside_the_output_branch_makes_no_job(world):
    world.create_repo("in")
    world.wait("p", copies(world, "p", "in"))
    world.wait("q", copies(world, "q", "p"))
    before = len(world.jobs("p")), len(world.jobs("q"))
    put = world.put("p", {"/f": "x"}, branch="side")
    assert members(world, put) == ["p"]
    assert (len(world.jobs("p")), len(world.jobs("q"))) == before


def test_068_no_branch_comes_from_its_own_repo_or_from_itself(world, fails):
    world.create_repo("a", "b")
    name = world.project.name
    create = world.client.pfs.create_branch
    _, text = fails(create, branch=world.branch("a"), provenance=[world.branch("a", "x")])
    assert text == f"repo {name}/a cannot be in the provenance of its own branch"
    assert list(world.client.pfs.list_branch(repo=world.repo("a"))) == []
    link(world, "b", "a")
    _, text = fails(create, branch=world.branch("a"), provenance=[world.branch("b")])
    assert text.startswith("cycle detected because ")
    assert world.client.pfs.inspect_branch(branch=world.branch("a")).provenance == []
    close_all(world, "b")


def test_069_ready_is_told_only_when_the_provenance_is_finished(world):
    world.create_repo("in", "out")
    link(world, "out", "in")
    close_all(world, "out")
    start = history(world, "out")[0].commit  # by id: the branch may have moved when the server reads it
    told: queue.Queue[str] = queue.Queue()
    stream = world.client.pfs.subscribe_commit(
        repo=world.repo("out"), branch="master", from_=start, state=pfs.CommitState.READY
    )
    listening = threading.Thread(target=lambda: told.put(next(stream).commit.id), daemon=True)
    listening.start()
    opened = world.client.pfs.start_commit(branch=world.branch("in"))
    with pytest.raises(queue.Empty):
        told.get(timeout=0.3)
    world.client.pfs.finish_commit(commit=opened)
    assert told.get(timeout=10) == opened.id
    listening.join(10)
    close_all(world, "out")


def test_070_waiting_for_the_set_of_a_new_pipeline_returns(world):
    world.create_repo("in")
    made = copies(world, "p", "in")
    infos = world.client.pfs.wait_commit_set(pfs.CommitSet(id=made))
    assert sorted(named(info.commit.repo) for info in infos) == ["in", "p", "p.meta", "p.spec"]
    assert all(info.finished for info in infos)
    done = world.wait("p", made)
    assert (done.state, done.data_total) == (SUCCESS, 0)
