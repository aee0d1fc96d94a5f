"""Scenarios that python-pachyderm 7.6.0 drives; it knows projects by name, and reads `commit.branch`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import python_pachyderm
from python_pachyderm.proto.v2.pfs import pfs_pb2


@pytest.fixture
def client(pachd: str) -> python_pachyderm.Client:
    host, _, port = pachd.rpartition(":")
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
