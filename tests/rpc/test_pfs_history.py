"""Removing history and walking over it, over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.db import jobs
from calf.model.refs import Commit, Job, Pipeline
from calf.model.states import JobState
from calf.pps.jobs.catch_up import catch_up
from calf.rpc import pfs_commitsets, pfs_projects, pfs_removing, pfs_repos, pfs_walks
from calf.wire.messages import google
from calf.wire.messages import pfs as api
from calf.wire.methods import load_methods
from tests.pfs.world import repo_of
from tests.pps.pipelines.bench import Bench

Api = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Pipeline `p` that reads `in`, with two jobs done after the one of its creation."""
    made = Bench.open(tmp_path / "home")
    made.world.repo("in")
    made.world.branch("in@master")
    made.create("p")
    made.end_jobs()
    for number in (1, 2):
        made.world.commit("in@master", f"/{number}")
        made.end_jobs()
    yield made
    assert made.fsck() == []
    made.world.pfs.close()


@pytest.fixture
def call(bench: Bench, serve: Any, ask: Any) -> Api:
    handlers: dict[str, Any] = dict(pfs_projects.handlers(bench.pps))
    for room in (pfs_repos, pfs_commitsets, pfs_removing, pfs_walks):
        handlers.update(room.handlers(bench.world.pfs))
    connected, methods = ask(serve(handlers)), load_methods()

    def method(name: str, request: Any = None) -> Any:
        answer = connected(f"/pfs_v2.API/{name}", request or google.Empty())
        return list(answer) if methods[f"/pfs_v2.API/{name}"].server_streaming else answer

    return method


def refused(call: Api, name: str, request: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call(name, request)
    details: str = caught.value.details()
    return details


def set_of(set_id: str) -> Any:
    return api.CommitSet(id=set_id)


def picked(repo: str, set_id: str) -> Any:
    named = api.RepoPicker(name=api.RepoPicker.RepoName(name=repo))
    return api.CommitPicker(id=api.CommitPicker.CommitByGlobalId(repo=named, id=set_id))


def headed(repo: str) -> Any:
    named = api.RepoPicker(name=api.RepoPicker.RepoName(name=repo))
    return api.BranchPicker(name=api.BranchPicker.BranchName(repo=named, name="master"))


def states(bench: Bench) -> dict[str, JobState]:
    with bench.world.pfs.read() as tx:
        return {info.job.id: info.state for info in jobs.every(tx)}


def test_a_squashed_set_takes_its_job_along(bench: Bench, call: Api) -> None:
    newest, middle, _ = bench.world.log("in")
    call("SquashCommitSet", api.SquashCommitSetRequest(commit_set=set_of(middle.id)))
    assert middle.id not in states(bench)
    assert states(bench)[newest.id] is JobState.SUCCESS
    assert bench.world.files("in@master") == ["/1", "/2"]


def test_a_dropped_set_kills_its_job_and_the_next_one_builds_on_what_is_left(bench: Bench, call: Api) -> None:
    running = bench.world.commit("in@master", "/3")
    catch_up(bench.world.pfs)
    assert states(bench)[running.id] is JobState.CREATED
    call("DropCommitSet", api.DropCommitSetRequest(commit_set=set_of(running.id)))
    assert running.id not in states(bench)
    assert bench.world.head("p@master") == Commit(repo_of("p"), bench.world.head("in@master").id)
    bench.world.commit("in@master", "/4")
    bench.end_jobs()


def test_one_commit_goes_with_what_was_made_from_it_only_if_wanted(bench: Bench, call: Api) -> None:
    head = api.Commit(repo=api.Repo(name="in"), id="master")
    text = refused(call, "DropCommit", api.DropCommitRequest(commit=head))
    assert text.startswith("cannot drop commit (")
    assert text.endswith(") with subvenance without recursive")
    call("DropCommit", api.DropCommitRequest(commit=head, recursive=True))
    assert bench.world.files("in@master") == ["/1"]
    middle = api.Commit(repo=api.Repo(name="in"), id="master")
    assert "squash" in refused(call, "SquashCommit", api.SquashCommitRequest(commit=middle))


def test_forgetting_is_for_old_outputs(bench: Bench, call: Api) -> None:
    old = bench.world.log("p")[1]
    call("ForgetCommit", api.ForgetCommitRequest(commit=picked("p", old.id)))
    head = api.ForgetCommitRequest(commit=api.CommitPicker(branch_head=headed("p")))
    assert refused(call, "ForgetCommit", head) == "the branch head cannot be a forgotten commit"
    start = api.CommitPicker.AncestorOf(start=api.CommitPicker(branch_head=headed("in")), offset=1)
    source = api.ForgetCommitRequest(commit=api.CommitPicker(ancestor=start))
    assert refused(call, "ForgetCommit", source) == "the commit to be forgotten must be in an output repo"


def test_walks_go_both_ways_without_their_start(bench: Bench, call: Api) -> None:
    head = bench.world.head("in@master").id

    def repos(name: str, request: Any) -> list[str]:
        return [f"{info.commit.repo.name}.{info.commit.repo.type}" for info in call(name, request)]

    up = api.WalkCommitProvenanceRequest(start=[picked("p", head)])
    assert sorted(repos("WalkCommitProvenance", up)) == ["in.user", "p.spec"]
    down = api.WalkCommitSubvenanceRequest(start=[picked("in", head)])
    assert sorted(repos("WalkCommitSubvenance", down)) == ["p.meta", "p.user"]
    one = api.WalkCommitSubvenanceRequest(start=[picked("in", head)], max_commits=1)
    assert len(repos("WalkCommitSubvenance", one)) == 1
    above = call("WalkBranchProvenance", api.WalkBranchProvenanceRequest(start=[headed("p")]))
    assert {info.branch.repo.type for info in above} == {"user", "spec"}
    below = call("WalkBranchSubvenance", api.WalkBranchSubvenanceRequest(start=[headed("in")]))
    assert {info.branch.repo.type for info in below} == {"user", "meta"}


def test_commits_that_changed_a_file_are_found_and_the_end_is_told(bench: Bench, call: Api) -> None:
    start = api.Commit(repo=api.Repo(name="in"), id="master")
    newest, middle, first = (commit.id for commit in bench.world.log("in"))
    found = call("FindCommits", api.FindCommitsRequest(start=start, file_path="/1"))
    assert [it.found_commit.id for it in found[:-1]] == [middle]
    assert (found[-1].last_searched_commit.id, found[-1].commits_searched) == (first, 3)
    limited = call("FindCommits", api.FindCommitsRequest(start=start, file_path="/2", limit=1))
    assert [it.WhichOneof("result") for it in limited] == ["found_commit", "last_searched_commit"]
    assert (limited[-1].last_searched_commit.id, limited[-1].commits_searched) == (newest, 1)


def test_an_open_commit_is_not_searched(bench: Bench, call: Api) -> None:
    opened = bench.world.start("in@master")
    start = api.Commit(repo=api.Repo(name="in"), id="master")
    with pytest.raises(grpc.RpcError) as caught:
        call("FindCommits", api.FindCommitsRequest(start=start, file_path="/1"))
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert caught.value.details() == f"commit {opened} not finished"
    bench.world.finish(opened)
    bench.end_jobs()


def test_projects_are_summed_up(bench: Bench, call: Api) -> None:
    call("CreateProject", api.CreateProjectRequest(project=api.Project(name="other")))
    every = call("ReposSummary", api.ReposSummaryRequest()).summaries
    assert [(it.project.name, it.user_repo_count, it.size_bytes) for it in every] == [
        ("default", 2, 4),
        ("other", 0, 0),
    ]
    one = call("ReposSummary", api.ReposSummaryRequest(projects=[api.ProjectPicker(name="other")])).summaries
    assert [it.project.name for it in one] == ["other"]


def test_a_project_goes_by_force_with_all_that_it_holds(bench: Bench, call: Api) -> None:
    call("CreateProject", api.CreateProjectRequest(project=api.Project(name="other")))
    call("CreateRepo", api.CreateRepoRequest(repo=api.Repo(name="r", project=api.Project(name="other"))))
    gone = api.DeleteProjectRequest(project=api.Project(name="other"))
    text = refused(call, "DeleteProject", gone)
    assert text == "cannot delete project other: repo other/r still exists"
    call("DeleteProject", api.DeleteProjectRequest(project=api.Project(name="other"), force=True))
    assert [info.project.name for info in call("ListProject", api.ListProjectRequest())] == ["default"]


def test_many_sets_are_listed_page_by_page(bench: Bench, call: Api) -> None:
    for number in range(60):
        bench.world.commit("in@other", f"/{number}")
    sets = call("ListCommitSet", api.ListCommitSetRequest(project=api.Project(name="default")))
    ids = [info.commit_set.id for info in sets]
    assert len(ids) == len(set(ids)) == 64
    assert ids[0] == bench.world.head("in@other").id
    assert len(sets[-1].commits) == 1


def test_the_job_of_a_removed_commit_is_known_to_nobody(bench: Bench, call: Api) -> None:
    head = bench.world.head("in@master")
    call("DropCommitSet", api.DropCommitSetRequest(commit_set=set_of(head.id)))
    with bench.world.pfs.read() as tx:
        assert jobs.get(tx, Job(Pipeline("default", "p"), head.id)) is None
