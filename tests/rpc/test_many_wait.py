"""Those who wait hold nobody up: each has a thread of its own, and wakes only for what changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from calf.client.connection import Client, connect
from calf.client.terms import Terms
from calf.wire.messages import google, pfs, pps

SUBSCRIPTIONS, LOGS, WAITS, CALLS = 16, 8, 4, 100
SECONDS = 1.0


@pytest.fixture
def client(server_address: str) -> Iterator[Client]:
    with connect(server_address, Terms(timeout=60)) as client:
        yield client


@pytest.fixture
def job(client: Client) -> Any:
    """A job that has said something and runs on."""
    repo, pipeline = pfs.Repo(name="in"), pps.Pipeline(name="p")
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    commit = pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name="master"))
    file = pfs.AddFile(path="/f", raw=google.BytesValue(value=b"x"))
    client.pfs.ModifyFile(
        iter([pfs.ModifyFileRequest(set_commit=commit), pfs.ModifyFileRequest(add_file=file)])
    )
    request = pps.CreatePipelineRequest(
        pipeline=pipeline,
        transform=pps.Transform(image="host", cmd=["sh"], stdin=["echo running; exec sleep 600"]),
        input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/")),
    )
    client.pps.CreatePipeline(request)
    return next(iter(client.pps.ListJob(pps.ListJobRequest(pipeline=pipeline)))).job


def test_open_streams_and_waits_do_not_slow_a_short_call(
    client: Client, server_address: str, job: Any
) -> None:
    """Shown-by 3 of issue B; benchmarks/waiting_calls.py has the figures."""
    subscribe = pfs.SubscribeCommitRequest(repo=pfs.Repo(name="in"), branch="master", state=pfs.STARTED)
    output = pfs.Commit(repo=pfs.Repo(name="p"), id=job.id)
    wait = pfs.InspectCommitRequest(commit=output, wait=pfs.FINISHED)
    with ExitStack() as stack:
        short = stack.enter_context(connect(server_address, Terms(timeout=SECONDS)))
        streams = [client.pfs.SubscribeCommit(subscribe) for _ in range(SUBSCRIPTIONS)]
        streams += [client.pps.GetLogs(pps.GetLogsRequest(job=job, follow=True)) for _ in range(LOGS)]
        for stream in streams:
            stack.callback(stream.close)
            next(stream)
        waits = [client.start("/pfs_v2.API/InspectCommit", wait) for _ in range(WAITS)]
        for _ in range(CALLS):
            assert short.version.GetVersion(google.Empty()).major == 2
        assert not any(each.done() for each in waits)
        client.pps.StopJob(pps.StopJobRequest(job=job))
        assert {each.result().error for each in waits} == {"job stopped"}
