"""Scenarios that python-pachyderm 7.6.0 drives; it knows projects by name, and reads `commit.branch`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import python_pachyderm
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2


@pytest.fixture
def client(pachd: str) -> python_pachyderm.Client:
    host, _, port = pachd.rpartition(":")
    return python_pachyderm.Client(host, int(port))


@pytest.fixture
def own_client(own_pachd: str) -> python_pachyderm.Client:
    """A client of a server that the test has for itself."""
    host, _, port = own_pachd.rpartition(":")
    return python_pachyderm.Client(host, int(port))


@pytest.fixture
def make_project(client: python_pachyderm.Client) -> Iterator[Callable[[str], str]]:
    """Makes projects by name; afterwards fsck is clean (110) and they go, with all that they hold."""
    made: list[str] = []

    def make(name: str) -> str:
        client.create_project(name)
        made.append(name)
        return name

    yield make
    assert [str(problem) for problem in client.fsck()] == []
    projects = [pfs_pb2.Project(name=name) for name in made]
    for info in list(client.list_pipeline(projects_filter=projects)) if made else []:
        client.delete_pipeline(info.pipeline.name, force=True, project_name=info.pipeline.project.name)
    for info in list(client.list_repo(projects_filter=projects)) if made else []:
        client.delete_repo(info.repo.name, force=True, project_name=info.repo.project.name)
    for name in made:
        client.delete_project(name, force=True)


@pytest.fixture
def project(make_project: Callable[[str], str], project_name: str) -> str:
    """A fresh project, by name."""
    return make_project(project_name)


@pytest.fixture
def projects(project: str) -> list[pfs_pb2.Project]:
    """The fresh project, as the client's filters take it."""
    return [pfs_pb2.Project(name=project)]


@dataclass(frozen=True)
class Scene:
    """A repo with one file and a pipeline that has copied it, in the project that goes without saying."""

    client: python_pachyderm.Client
    repo: str
    commit: pfs_pb2.Commit
    pipeline: str
    job: str


@pytest.fixture(scope="session")
def scene(pachd: str) -> Scene:
    """For calls that only look; its pipeline is written as those of tutorials are."""
    host, _, port = pachd.rpartition(":")
    client = python_pachyderm.Client(host, int(port))
    repo, pipeline = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("input", "pipeline"))
    client.create_repo(repo, "repo for testing")
    client.create_pipeline(
        pipeline,
        transform=pps_pb2.Transform(
            cmd=["sh"], image="alpine", stdin=[f"cp /pfs/{repo}/*.dat /pfs/out/", "echo copied"]
        ),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(glob="/*", repo=repo)),
    )
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "file.dat", b"DATA")
    job = client.wait_commit(commit.id)[0].commit.id
    return Scene(client, repo, commit, pipeline, job)
