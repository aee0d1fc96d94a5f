"""Scenarios that python-pachyderm 7.6.0 drives; it knows projects by name, and reads `commit.branch`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import python_pachyderm


@pytest.fixture
def client(pachd: str) -> python_pachyderm.Client:
    host, _, port = pachd.rpartition(":")
    return python_pachyderm.Client(host, int(port))


@pytest.fixture
def project(client: python_pachyderm.Client, project_name: str) -> Iterator[str]:
    """A fresh project, by name; afterwards fsck is clean and the project, with all that it holds, goes."""
    client.create_project(project_name)
    yield project_name
    assert [str(problem) for problem in client.fsck()] == []
    for info in list(client.list_pipeline(projects=[project_name])):
        client.delete_pipeline(info.pipeline.name, force=True, project_name=project_name)
    for info in list(client.list_repo(projects=[project_name])):
        client.delete_repo(info.repo.name, force=True, project_name=project_name)
    client.delete_project(project_name, force=True)
