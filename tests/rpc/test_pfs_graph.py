"""The commit graph over the wire: what clients see, and the codes of their errors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.pfs.engine import Pfs
from calf.rpc import (
    pfs_branches,
    pfs_commits,
    pfs_commitsets,
    pfs_fsck,
    pfs_projects,
    pfs_removing,
    pfs_repos,
    pfs_walks,
)
from calf.wire.messages import google
from calf.wire.messages import pfs as api
from calf.wire.methods import load_methods
from tests.pps.pipelines.bench import Bench

Api = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = Bench.open(tmp_path / "home")
    yield opened
    opened.world.pfs.close()


@pytest.fixture
def pfs(bench: Bench) -> Pfs:
    return bench.world.pfs


@pytest.fixture
def call(bench: Bench, serve: Any, ask: Any) -> Api:
    """Calls a method of pfs_v2.API; what streams comes as a list."""
    rooms = (pfs_repos, pfs_branches, pfs_commits, pfs_commitsets, pfs_fsck, pfs_removing, pfs_walks)
    handlers = {path: handler for room in rooms for path, handler in room.handlers(bench.world.pfs).items()}
    handlers.update(pfs_projects.handlers(bench.pps))
    connected = ask(serve(handlers))
    methods = load_methods()
    streams = {path for path in handlers if methods[path].server_streaming and "Subscribe" not in path}

    def method(name: str, request: Any = None) -> Any:
        path = f"/pfs_v2.API/{name}"
        answer = connected(path, request or google.Empty())
        return list(answer) if path in streams else answer

    return method


def repo(name: str) -> Any:
    return api.Repo(name=name)


def branch(name: str) -> Any:
    repo_name, _, branch_name = name.partition("@")
    return api.Branch(repo=repo(repo_name), name=branch_name)


def commit(name: str) -> Any:
    repo_name, _, commit_id = name.partition("@")
    return api.Commit(repo=repo(repo_name), id=commit_id)


def put(call: Api, name: str) -> str:
    """An empty commit on a branch; gives its id."""
    started = call("StartCommit", api.StartCommitRequest(branch=branch(name)))
    call("FinishCommit", api.FinishCommitRequest(commit=started))
    made: str = started.id
    return made


def linked(call: Api) -> str:
    """Repos `in` and `out`, the latter made from the former; gives the id of a commit on `in`."""
    for name in ("in", "out"):
        call("CreateRepo", api.CreateRepoRequest(repo=repo(name)))
    call(
        "CreateBranch", api.CreateBranchRequest(branch=branch("out@master"), provenance=[branch("in@master")])
    )
    call("FinishCommit", api.FinishCommitRequest(commit=commit("out@master")))
    return put(call, "in@master")


def test_a_number_that_the_api_does_not_have_is_refused(call: Api) -> None:
    call("CreateRepo", api.CreateRepoRequest(repo=repo("in")))
    with pytest.raises(grpc.RpcError, match="99 is not a CommitState") as refused:
        call("InspectCommit", api.InspectCommitRequest(commit=commit("in@master"), wait=99))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_project_comes_and_goes(call: Api) -> None:
    project = api.Project(name="pets")
    call("CreateProject", api.CreateProjectRequest(project=project, description="all of them"))
    assert call("InspectProject", api.InspectProjectRequest(project=project)).description == "all of them"
    inspected = call("InspectProjectV2", api.InspectProjectV2Request(project=project))
    assert (inspected.info.project.name, inspected.defaults_json) == ("pets", "{}")
    listed = call("ListProject", api.ListProjectRequest())
    assert [info.project.name for info in listed] == ["default", "pets"]
    call("DeleteProject", api.DeleteProjectRequest(project=project))
    assert len(call("ListProject", api.ListProjectRequest())) == 1


def test_a_repo_comes_and_goes(call: Api) -> None:
    call("CreateRepo", api.CreateRepoRequest(repo=repo("raw"), description="photos"))
    info = call("InspectRepo", api.InspectRepoRequest(repo=repo("raw")))
    assert (info.repo.project.name, info.repo.type, info.description) == ("default", "user", "photos")
    assert call("DeleteRepo", api.DeleteRepoRequest(repo=repo("raw"))).deleted
    assert not call("DeleteRepo", api.DeleteRepoRequest(repo=repo("raw"))).deleted


def test_repos_are_listed_and_deleted_together(call: Api) -> None:
    linked(call)
    assert len(call("ListRepo", api.ListRepoRequest(type="user"))) == 2
    assert call("ListRepo", api.ListRepoRequest(type="meta")) == []
    page = api.ListRepoRequest(page=api.RepoPage(page_size=1, page_index=1))
    assert [info.repo.name for info in call("ListRepo", page)] == ["out"]
    assert list(call("DeleteRepos", api.DeleteReposRequest()).repos) == []
    gone = call("DeleteRepos", api.DeleteReposRequest(projects=[api.Project()]))
    assert {it.name for it in gone.repos} == {"in", "out"}


def test_delete_all_leaves_nothing(call: Api) -> None:
    linked(call)
    call("DeleteAll")
    assert call("ListRepo", api.ListRepoRequest()) == []


def test_branches_carry_their_edges(call: Api) -> None:
    made = linked(call)
    info = call("InspectBranch", api.InspectBranchRequest(branch=branch("out@master")))
    assert [it.repo.name for it in info.direct_provenance] == ["in"]
    assert info.head.id == made
    assert (info.head.repo.name, info.head.branch.name, info.head.branch.repo.name) == (
        "out",
        "master",
        "out",
    )
    call("CreateBranch", api.CreateBranchRequest(branch=branch("in@old"), head=api.Commit(id="master^")))
    listed = call("ListBranch", api.ListBranchRequest(repo=repo("in")))
    assert [it.branch.name for it in listed] == ["old", "master"]
    call("DeleteBranch", api.DeleteBranchRequest(branch=branch("in@old")))
    assert len(call("ListBranch", api.ListBranchRequest(repo=repo("in"), reverse=True))) == 1


def test_a_commit_lives_and_is_inspected_by_branch_id_and_ancestry(call: Api) -> None:
    call("CreateRepo", api.CreateRepoRequest(repo=repo("raw")))
    first = put(call, "raw@master")
    started = call("StartCommit", api.StartCommitRequest(branch=branch("raw@master"), description="second"))
    assert (started.repo.name, started.branch.name) == ("raw", "master")
    by_branch = api.Commit(branch=branch("raw@master"))
    info = call("InspectCommit", api.InspectCommitRequest(commit=by_branch))
    assert (info.commit.id, info.parent_commit.id, info.description) == (started.id, first, "second")
    assert not info.HasField("details")
    call("ClearCommit", api.ClearCommitRequest(commit=started))
    call("FinishCommit", api.FinishCommitRequest(commit=started, error="bad"))
    assert call("InspectCommit", api.InspectCommitRequest(commit=commit("raw@master"))).error == "bad"
    older = call("InspectCommit", api.InspectCommitRequest(commit=commit("raw@master^"), wait=api.FINISHED))
    assert older.commit.id == first
    assert older.details.size_bytes == 0


def test_neighbours_of_a_commit_name_the_branches_that_they_were_made_on(call: Api) -> None:
    made = linked(call)
    call("FinishCommit", api.FinishCommitRequest(commit=commit("out@master")))
    parent = api.Commit(id=made, branch=branch("in@master"))
    call("StartCommit", api.StartCommitRequest(branch=branch("in@other"), parent=parent))
    child = call("InspectCommit", api.InspectCommitRequest(commit=commit("in@other")))
    assert (child.commit.branch.name, child.parent_commit.branch.name) == ("other", "master")
    head = call("InspectCommit", api.InspectCommitRequest(commit=commit("in@master")))
    assert [it.branch.name for it in head.child_commits] == ["other"]
    assert [it.branch.name for it in head.direct_subvenance] == ["master"]
    output = call("InspectCommit", api.InspectCommitRequest(commit=commit("out@master")))
    assert [it.branch.name for it in output.direct_provenance] == ["master"]


def test_commits_are_listed_as_asked(call: Api) -> None:
    call("CreateRepo", api.CreateRepoRequest(repo=repo("raw")))
    call("CreateBranch", api.CreateBranchRequest(branch=branch("raw@master")))
    ids = [put(call, "raw@master") for _ in range(3)]

    def listed(**kwargs: Any) -> list[str]:
        return [it.commit.id for it in call("ListCommit", api.ListCommitRequest(repo=repo("raw"), **kwargs))]

    assert len(listed()) == 4
    assert listed(origin_kind=api.USER) == ids[::-1]
    assert len(listed(origin_kind=api.USER, all=True)) == 4
    assert listed(to=commit("raw@master"), number=2) == ids[:0:-1]
    assert listed(to=api.Commit(id="master"), **{"from": api.Commit(id=ids[1])}) == ids[2:]


def test_a_subscription_goes_on_until_the_client_leaves(call: Api) -> None:
    made = linked(call)
    wanted = api.SubscribeCommitRequest(repo=repo("in"), branch="master", state=api.FINISHED)
    stream = call("SubscribeCommit", wanted)
    ids = [next(stream).commit.id for _ in range(2)]
    assert ids[1] == made
    later = put(call, "in@master")
    assert next(stream).commit.id == later
    stream.cancel()
    with pytest.raises(grpc.RpcError):
        next(stream)


def test_three_hundred_subscriptions_that_nobody_closes_keep_nobody_out(call: Api) -> None:
    linked(call)
    wanted = api.SubscribeCommitRequest(repo=repo("in"), branch="master", state=api.FINISHED)
    forgotten = [call("SubscribeCommit", wanted) for _ in range(300)]
    first = {next(stream).commit.id for stream in forgotten}
    assert len(first) == 1
    assert call("InspectRepo", api.InspectRepoRequest(repo=repo("in"))).repo.name == "in"


def test_a_set_is_inspected_and_waited_for(call: Api) -> None:
    made = linked(call)
    wanted = api.InspectCommitSetRequest(commit_set=api.CommitSet(id=made))
    assert [info.commit.repo.name for info in call("InspectCommitSet", wanted)] == ["in", "out"]
    wanted.wait = True
    finisher = threading.Thread(
        target=call, args=("FinishCommit", api.FinishCommitRequest(commit=commit("out@master")))
    )
    finisher.start()
    assert all(info.HasField("finished") for info in call("InspectCommitSet", wanted))
    finisher.join()
    sets = call("ListCommitSet", api.ListCommitSetRequest())
    assert sets[0].commit_set.id == made
    assert call("ListCommitSet", api.ListCommitSetRequest(project=api.Project(name="none"))) == []


def test_a_healthy_folder_has_nothing_to_tell(call: Api) -> None:
    linked(call)
    assert call("Fsck", api.FsckRequest(fix=True)) == []


def test_damage_is_told_when_everything_is_read(call: Api, pfs: Pfs, tmp_path: Path) -> None:
    with pfs.store.writer() as writer:
        writer.put(b"0123456789")
        writer.seal()
    (pack,) = (tmp_path / "home").rglob("*.pack")
    pack.write_bytes(pack.read_bytes().replace(b"0123456789", b"0123456788"))
    assert call("Fsck", api.FsckRequest()) == []
    (told,) = call("Fsck", api.FsckRequest(verify=True))
    assert told.error.startswith("consistency error: object ")


@pytest.mark.parametrize(
    ("method", "request_", "code", "text"),
    [
        ("InspectRepo", api.InspectRepoRequest(repo=repo("x")), "NOT_FOUND", "repo default/x not found"),
        (
            "CreateRepo",
            api.CreateRepoRequest(repo=repo("in")),
            "ALREADY_EXISTS",
            "repo default/in already exists",
        ),
        (
            "CreateRepo",
            api.CreateRepoRequest(repo=api.Repo(name="x", project=api.Project(name="no"))),
            "NOT_FOUND",
            'cannot find project "no"',
        ),
        (
            "InspectBranch",
            api.InspectBranchRequest(branch=branch("in@x")),
            "NOT_FOUND",
            'branch "x" not found in repo default/in',
        ),
        (
            "InspectCommit",
            api.InspectCommitRequest(commit=commit("in@" + "0" * 12 + "4" + "0" * 19)),
            "NOT_FOUND",
            "commit default/in@00000000000040000000000000000000 not found",
        ),
        (
            "FinishCommit",
            api.FinishCommitRequest(commit=commit("in@master")),
            "UNKNOWN",
            "has already finished",
        ),
        (
            "StartCommit",
            api.StartCommitRequest(branch=branch("out@master")),
            "UNKNOWN",
            "cannot start a commit on an output branch: default/out@master",
        ),
        (
            "DeleteProject",
            api.DeleteProjectRequest(project=api.Project(name="default")),
            "FAILED_PRECONDITION",
            "cannot delete project default: repo default/",
        ),
        (
            "CreateBranch",
            api.CreateBranchRequest(
                branch=branch("in@x"),
                branch_propagation_specs=[
                    api.BranchPropagationSpec(
                        branch=branch("out@x"), propagation_spec=api.PropagationSpec(never=True)
                    )
                ],
            ),
            "INVALID_ARGUMENT",
            "branch propagation spec must reference provenant branch (referenced branch: default/out@x)",
        ),
    ],
)
def test_errors_have_the_codes_and_texts_that_clients_match(
    call: Api, method: str, request_: Any, code: str, text: str
) -> None:
    linked(call)
    with pytest.raises(grpc.RpcError) as caught:
        call(method, request_)
    assert caught.value.code().name == code
    assert text in caught.value.details()
