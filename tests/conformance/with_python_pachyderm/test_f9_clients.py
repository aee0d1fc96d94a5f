"""F9: what python-pachyderm relies on."""

from __future__ import annotations

import pytest
from python_pachyderm import RpcError
from python_pachyderm.errors import AuthServiceNotActivated
from python_pachyderm.pfs import Commit
from python_pachyderm.proto.v2.pps import pps_pb2


def test_107_repos_of_the_same_name_in_two_projects_are_independent(client, project, projects, make_project):
    other = make_project(f"{project}b")
    client.create_repo("r", description="here", project_name=project)
    client.create_repo("r", description="there", project_name=other)
    assert [info.description for info in client.list_repo(projects_filter=projects)] == ["here"]
    client.delete_repo("r", project_name=other)
    assert client.inspect_repo("r", project_name=project).description == "here"


def test_107_a_project_that_holds_something_is_deleted_by_force_only(client, project):
    client.create_project(f"{project}b")
    client.create_repo("r", project_name=f"{project}b")
    text = f"cannot delete project {project}b: repo {project}b/r still exists"
    with pytest.raises(RpcError, match=f"details = .{text}"):
        client.delete_project(f"{project}b")
    client.delete_repo("r", project_name=f"{project}b")
    client.delete_project(f"{project}b")
    assert f"{project}b" not in [info.project.name for info in client.list_project()]


@pytest.fixture
def of_default(client, project):
    """A repo of the project `default`, which all share; one of its name in `project` is empty."""
    name = f"in-{project}"
    for where in ("default", project):
        client.create_repo(name, project_name=where)
    yield name
    client.delete_pipeline("p", project_name=project)
    client.delete_repo(name, project_name="default")


def test_107_a_pipeline_reads_a_repo_of_the_project_default(client, project, of_default):
    client.put_file_bytes(Commit(of_default, "master", project="default"), "/f", b"x")
    client.create_pipeline(
        "p",
        project_name=project,
        transform=pps_pb2.Transform(image="host", cmd=["sh"], stdin=[f"cp /pfs/{of_default}/* /pfs/out/"]),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(project="default", repo=of_default, glob="/*")),
    )
    job = next(client.list_job("p", project_name=project)).job
    info = next(client.inspect_job(job.id, "p", project_name=project, wait=True))
    assert info.state == pps_pb2.JOB_SUCCESS
    assert client.get_file(Commit("p", "master", project=project), "/f").read() == b"x"


def test_106_path_exists_minds_no_slash_but_missing_branches(client, project):
    client.create_repo("r", project_name=project)
    commit = Commit("r", "master", project=project)
    client.put_file_bytes(commit, "/dir/file1", b"x")
    for path in ("/", "dir", "dir/", "dir/file1", "dir/file1/", "/dir/file1"):
        assert client.path_exists(commit, path), path
    assert not client.path_exists(commit, "/dir/file2")
    assert not client.path_exists(commit, "file1")
    with pytest.raises(ValueError, match="nonexistent commit"):
        client.path_exists(Commit("r", "nowhere", project=project), "/")


def test_106_who_am_i_says_that_auth_is_off(client):
    with pytest.raises(RpcError, match="the auth service is not activated") as caught:
        client.who_am_i()
    assert isinstance(AuthServiceNotActivated.try_from(caught.value), AuthServiceNotActivated)


def test_106_a_finished_job_has_no_datum_to_restart_and_lists_those_it_ran(client, project):
    client.create_repo("in", project_name=project)
    client.put_file_bytes(Commit("in", "master", project=project), "/f", b"x")
    client.create_pipeline(
        "p",
        project_name=project,
        transform=pps_pb2.Transform(image="host", cmd=["sh"], stdin=["cp /pfs/in/* /pfs/out/"]),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(project=project, repo="in", glob="/*")),
    )
    job = next(client.list_job("p", project_name=project)).job
    assert next(client.inspect_job(job.id, "p", project_name=project, wait=True)).state == pps_pb2.JOB_SUCCESS
    datums = list(client.list_datum("p", job.id, project_name=project))
    assert [datum.state for datum in datums] == [pps_pb2.SUCCESS]
    with pytest.raises(RpcError, match=r"datum matching filter \[\] could not be found for job ID"):
        client.restart_datum("p", job.id, project_name=project)
