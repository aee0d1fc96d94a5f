"""Every call about projects, repos, branches and commits, with its defaults and with its options."""

from __future__ import annotations

import pytest
from python_pachyderm import RpcError
from python_pachyderm.pfs import Commit
from python_pachyderm.proto.v2.pfs import pfs_pb2


@pytest.fixture
def repo(client, project):
    client.create_repo("r", "repo for testing", project_name=project)
    return "r"


def _branch(project, repo, name):
    return pfs_pb2.Branch(
        name=name, repo=pfs_pb2.Repo(name=repo, type="user", project=pfs_pb2.Project(name=project))
    )


def test_projects(client, project_name):
    client.create_project(project_name, "first")
    client.create_project(project_name, "second", update=True)
    info = client.inspect_project(project_name)
    assert (info.project.name, info.description) == (project_name, "second")
    with pytest.raises(RpcError, match="already exists"):
        client.create_project(project_name)
    assert {"default", project_name} <= {each.project.name for each in client.list_project()}
    client.delete_project(project_name)
    with pytest.raises(RpcError, match="not found"):
        client.inspect_project(project_name)


def test_repos(client, project, projects, repo):
    info = client.inspect_repo(repo, project_name=project)
    assert (info.repo.name, info.repo.type, info.repo.project.name) == ("r", "user", project)
    assert (info.description, info.created.seconds > 0, list(info.branches)) == ("repo for testing", True, [])
    with pytest.raises(RpcError, match=f"ALREADY_EXISTS.*\n.*repo {project}/r already exists"):
        client.create_repo(repo, project_name=project)
    with pytest.raises(RpcError, match=f"NOT_FOUND.*\n.*repo {project}/nope not found"):
        client.inspect_repo("nope", project_name=project)
    client.create_repo(repo, "new", update=True, project_name=project)
    assert client.inspect_repo(repo, project_name=project).description == "new"
    assert next(client.list_repo(projects_filter=projects)).repo.name == "r"
    assert list(client.list_repo(type="meta", projects_filter=projects)) == []
    client.delete_repo(repo, force=True, project_name=project)
    client.delete_repo("BOGUS_NAME", project_name=project)
    assert list(client.list_repo(projects_filter=projects)) == []


def test_repos_of_the_project_that_goes_without_saying(scene):
    info = scene.client.inspect_repo(scene.repo)
    assert (info.repo.project.name, info.details.size_bytes, info.size_bytes_upper_bound) == ("default", 4, 4)
    assert {scene.repo, scene.pipeline} <= {each.repo.name for each in scene.client.list_repo()}
    assert {"user", "spec", "meta"} == {each.repo.type for each in scene.client.list_repo(type="")}


def test_delete_all_repos_pipelines_and_transactions(own_client):
    own_client.create_repo("r")
    own_client.start_transaction()
    own_client.delete_all_pipelines()
    own_client.delete_all_repos()
    own_client.delete_all_transactions()
    assert list(own_client.list_repo(type="")) == []
    assert list(own_client.list_transaction()) == []


def test_branches(client, project, repo):
    with client.commit(repo, "master", project_name=project) as commit:
        pass
    client.create_branch(repo, "at", head_commit=commit, project_name=project)
    client.create_branch(repo, "new", head_commit=commit, new_commit=True, project_name=project)
    client.create_repo("down", project_name=project)
    client.create_branch(
        "down", "master", provenance=[_branch(project, repo, "master")], project_name=project
    )
    client.create_branch(
        repo, "later", trigger=pfs_pb2.Trigger(branch="master", commits=1), project_name=project
    )
    assert client.inspect_branch(repo, "at", project_name=project).head.id == commit.id
    assert client.inspect_branch(repo, "later", project_name=project).trigger.commits == 1
    down = client.inspect_branch("down", "master", project_name=project)
    assert [each.repo.name for each in down.provenance] == [repo]
    names = [each.branch.name for each in client.list_branch(repo, project_name=project)]
    assert sorted(names) == ["at", "later", "master", "new"]
    assert [each.branch.name for each in client.list_branch(repo, reverse=True, project_name=project)] == (
        names[::-1]
    )
    client.delete_branch(repo, "at", project_name=project)
    client.delete_branch(repo, "master", force=True, project_name=project)
    with pytest.raises(RpcError, match='branch "at" not found in repo'):
        client.inspect_branch(repo, "at", project_name=project)


def test_a_commit_is_started_and_finished(client, project, repo):
    commit = client.start_commit(repo, "master", description="one", project_name=project)
    assert (commit.branch.repo.name, commit.branch.name) == (repo, "master")
    assert not next(client.inspect_commit(commit)).HasField("finished")
    client.finish_commit(commit, description="two")
    info = next(client.inspect_commit(commit))
    assert (info.description, info.commit.branch.name, info.origin.kind) == ("two", "master", pfs_pb2.USER)
    with pytest.raises(RpcError, match="has already finished"):
        client.finish_commit(commit)
    bad = client.start_commit(repo, "master", project_name=project)
    client.finish_commit(bad, error="boom", force=True)
    assert client.wait_commit(bad)[0].error == "boom"


def test_a_parent_is_named_in_every_way(client, project, repo):
    with client.commit(repo, "master", project_name=project) as first:
        client.put_file_bytes(first, "/f", b"x")
    ways = [first.id, first, Commit(repo, "master", project=project), "master"]
    ways.append({"repo": repo, "branch": "master", "project": project})
    for number, parent in enumerate(ways):
        commit = client.start_commit(repo, f"b{number}", parent=parent, project_name=project)
        assert next(client.inspect_commit(commit)).parent_commit.id == first.id
        client.finish_commit(commit)


def test_inspect_commit_takes_one_or_a_whole_set(scene):
    client, repo = scene.client, scene.repo
    for way in (scene.commit, (repo, "master"), (repo, scene.commit.id), (repo, None, scene.commit.id)):
        assert next(client.inspect_commit(way)).commit.id == scene.commit.id
    infos = list(client.inspect_commit(scene.commit.id, pfs_pb2.CommitState.FINISHED))
    assert infos[0].commit.branch.repo.name == repo
    assert {info.commit.branch.repo.name for info in infos} == {repo, scene.pipeline}
    for state in pfs_pb2.CommitState.values()[1:]:
        assert next(client.inspect_commit((repo, "master"), state)).details.size_bytes == 4
    with pytest.raises(ValueError, match="bad argument"):
        client.inspect_commit("not-an-id")
    with pytest.raises(RpcError, match="no commits found"):
        list(client.inspect_commit("467c580611234cdb8cc9758c7aa96087"))


def test_list_commit(client, project, repo):
    ids = []
    for _ in range(3):
        with client.commit(repo, "master", project_name=project) as commit:
            ids.insert(0, commit.id)

    def listed(**options):
        return [info.commit.id for info in client.list_commit(repo, project_name=project, **options)]

    oldest = Commit(repo, id=ids[2], project=project)
    head = Commit(repo, "master", project=project)
    assert listed() == listed(all=True) == listed(origin_kind=None) == ids
    assert listed(number=1) == ids[:1]
    assert listed(reverse=True) == ids[::-1]
    assert listed(to_commit=oldest) == ids[2:]
    assert listed(to_commit=head, from_commit=oldest) == ids[:2]
    assert listed(origin_kind=pfs_pb2.OriginKind.AUTO) == []
    sets = list(client.list_commit(project_name=project))
    assert [each.commit_set.id for each in sets] == ids
    assert sets[0].commits[0].commit.branch.repo.name == repo


def test_wait_commit(client, scene, project, repo):
    infos = scene.client.wait_commit(scene.commit.id)
    assert infos[0].commit.id == scene.commit.id
    assert all(info.HasField("finished") for info in infos)
    assert len(scene.client.wait_commit((scene.pipeline, "master"))) == 1
    client.create_repo("down", project_name=project)
    client.create_branch(
        "down", "master", provenance=[_branch(project, repo, "master")], project_name=project
    )
    client.finish_commit(Commit("down", "master", project=project))
    with client.commit(repo, "master", project_name=project) as commit:
        client.put_file_bytes(commit, "input.json", b"hello world")
    client.finish_commit(Commit("down", "master", project=project))
    assert [info.commit.branch.repo.name for info in client.wait_commit(commit.id)] == [repo, "down"]


def test_squash_commit_and_drop_commit(client, project, repo):
    for name in "abc":
        with client.commit(repo, "master", project_name=project) as commit:
            client.put_file_bytes(commit, name, b"")
    _, second, first = client.list_commit(repo, project_name=project)
    client.squash_commit(first.commit.id)
    client.drop_commit(commit.id)
    assert [info.commit.id for info in client.list_commit(repo, project_name=project)] == [second.commit.id]
    assert client.path_exists(second.commit, "a")
    with pytest.raises(RpcError):
        client.squash_commit(second.commit.id)


def test_subscribe_commit(client, project, repo):
    updates = client.subscribe_commit(repo, "master", project_name=project)
    for _ in range(2):
        with client.commit(repo, "master", project_name=project) as commit:
            pass
    first, second = next(updates), next(updates)
    assert (first.commit.branch.repo.name, first.commit.branch.name) == (repo, "master")
    assert second.commit.id == commit.id
    updates.cancel()
    for begin in (first.commit.id, first.commit):
        finished = pfs_pb2.CommitState.FINISHED
        updates = client.subscribe_commit(
            repo, "master", from_commit=begin, state=finished, all=True, project_name=project
        )
        assert next(updates).commit.id == commit.id
        updates.cancel()


def test_fsck(client, project, repo):
    assert list(client.fsck()) == []
    assert list(client.fsck(fix=True)) == []
