"""What changes is told to whoever watches: of which project which kinds of things."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from calf.client.connection import Client, connect
from calf.model.errors import Unreachable
from calf.wire.messages import google, pfs, pps

WATCH = "/calf_v1.Watching/Changes"


@pytest.fixture
def client(server_address: str) -> Iterator[Client]:
    with connect(server_address) as made:
        yield made


@pytest.fixture
def stream(client: Client) -> Iterator[Any]:
    """Changes from now on."""
    made = client.call(WATCH, google.Empty())
    assert not next(made).changes
    yield made
    made.close()


def until(stream: Iterator[Any], project: str, kinds: set[str]) -> set[str]:
    """What is told of a project until all of `kinds` have come."""
    told: set[str] = set()
    while not kinds <= told:
        for change in next(stream).changes:
            assert change.project in (project, "")
            told |= set(change.kinds)
    return told


def test_a_project_and_a_repo_in_it_are_told(client: Client, stream: Any) -> None:
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=pfs.Project(name="cats")))
    assert until(stream, "cats", {"projects"}) == {"projects"}
    repo = pfs.Repo(name="in", type="user", project=pfs.Project(name="cats"))
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    assert until(stream, "cats", {"repos"}) == {"repos"}


def test_a_job_that_runs_is_told_with_its_pipeline(client: Client, stream: Any) -> None:
    repo = pfs.Repo(name="in", type="user")
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    client.pps.CreatePipeline(
        pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(name="p"),
            transform=pps.Transform(image="host", cmd=["true"]),
            input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/")),
        )
    )
    assert until(stream, "default", {"repos", "pipelines", "jobs"}) >= {"jobs"}


def test_closing_the_connection_ends_a_stream_that_waits(server_address: str) -> None:
    with connect(server_address) as client:
        stream = client.call(WATCH, google.Empty())
        next(stream)
        closing = threading.Timer(0.05, client.close)
        closing.start()
        with pytest.raises(Unreachable):
            next(stream)
        closing.join()
