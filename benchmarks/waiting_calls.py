"""GetVersion while others wait: sixteen subscriptions, eight followed logs, four waits; and without them.

All on one server, in turns; those who wait are connected anew for each turn.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc
from comparing import Comparison, Result, Scale
from measuring import Cost, Summary
from serving import serving

from calf.client.connection import Client, connect
from calf.wire.messages import google, pfs, pps

SUBSCRIPTIONS, LOGS, WAITS = 16, 8, 4
CALLS, ROUNDS = 300, 6
GOAL = 1.25
TITLE = f"GetVersion beside {SUBSCRIPTIONS} subscriptions, {LOGS} followed logs and {WAITS} waits"


def run(scale: Scale) -> Result:
    """Measure. The first round only warms up."""
    alone: list[float] = []
    beside: list[float] = []
    with serving(scale.folder / "home") as server, connect(server.address) as client:
        job = _prepare(client)
        for number in range(scale.rounds(ROUNDS) + 1):
            measured = _median(client)
            with waiting(server.address, job):
                other = _median(client)
            if number:
                alone.append(measured)
                beside.append(other)
    ratio = min(beside) / min(alone)  # of medians: what else the machine does is in the larger ones
    ours, without = _summary("beside those who wait", beside), _summary("alone", alone)
    return Result((Comparison(TITLE, ours, without, "times its cost", ratio, GOAL, at_least=False),))


@contextmanager
def waiting(address: str, job: Any) -> Iterator[None]:
    """All the calls that wait, each seen to wait."""
    repo = pfs.Repo(name="in")
    subscribe = pfs.SubscribeCommitRequest(repo=repo, branch="master", state=pfs.STARTED)
    logs = pps.GetLogsRequest(job=job, follow=True)
    wait = pfs.InspectCommitRequest(commit=pfs.Commit(repo=pfs.Repo(name="p"), id=job.id))
    wait.wait = pfs.FINISHED
    with ExitStack() as stack:
        client = stack.enter_context(connect(address))
        streams = [client.pfs.SubscribeCommit(subscribe) for _ in range(SUBSCRIPTIONS)]
        streams += [client.pps.GetLogs(logs) for _ in range(LOGS)]
        for stream in streams:
            stack.callback(stream.close)
            next(stream)
        channel = stack.enter_context(grpc.insecure_channel(address))
        inspect = channel.unary_unary("/pfs_v2.API/InspectCommit")
        waits = [inspect.future(wait.SerializeToString()) for _ in range(WAITS)]
        yield
        if any(each.done() for each in waits):
            raise SystemExit("a wait ended")
        for each in waits:
            each.cancel()


def _prepare(client: Client) -> Any:
    """A job that runs, and has said something."""
    repo = pfs.Repo(name="in")
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    commit = pfs.Commit(branch=pfs.Branch(repo=repo, name="master"))
    file = pfs.AddFile(path="/file", raw=google.BytesValue(value=b"data"))
    put = [pfs.ModifyFileRequest(set_commit=commit), pfs.ModifyFileRequest(add_file=file)]
    client.pfs.ModifyFile(iter(put))
    pipeline = pps.Pipeline(name="p")
    request = pps.CreatePipelineRequest(
        pipeline=pipeline,
        transform=pps.Transform(image="host", cmd=["sh"], stdin=["echo running; exec sleep 600"]),
        input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/")),
    )
    client.pps.CreatePipeline(request)
    return next(iter(client.pps.ListJob(pps.ListJobRequest(pipeline=pipeline)))).job


def _median(client: Client) -> float:
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        client.version.GetVersion(google.Empty())
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _summary(name: str, times: list[float]) -> Summary:
    return Summary(name, tuple(map(Cost, times)))
