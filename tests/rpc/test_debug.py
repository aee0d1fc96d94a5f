"""Looking into a server with Pachyderm's own debug calls."""

from __future__ import annotations

import io
import json
import logging
import tarfile
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from calf.client.connection import Client, connect
from calf.kit.cancel import CancelToken
from calf.model.errors import InvalidArgument, Precondition
from calf.rpc.call import Call
from calf.rpc.debug import profile as take_profile
from calf.rpc.debug_profile import profile
from calf.wire.messages import debug, google, pfs, pps


@pytest.fixture
def client(server_address: str) -> Iterator[Client]:
    with connect(server_address) as client:
        for name in ("in", "other"):
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name=name)))
        for name in ("p", "q"):
            source = pps.Input(pfs=pps.PFSInput(repo="in", glob="/*"))
            request = pps.CreatePipelineRequest(
                pipeline=pps.Pipeline(name=name),
                transform=pps.Transform(image="host", cmd=["true"]),
                input=source,
            )
            client.pps.CreatePipeline(request)
        yield client


def unpack(pieces: list[bytes]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]  # files only


def dump(client: Client, request: Any) -> dict[str, bytes]:
    return unpack([chunk.content.content for chunk in client.debug.DumpV2(request)])


def test_a_template_asks_for_everything_and_a_dump_brings_it(client: Client) -> None:
    template = client.debug.GetDumpV2Template(debug.GetDumpV2TemplateRequest()).request
    assert sorted(each.name for each in template.pipelines) == ["p", "q"]
    template.input_repos = True
    found = dump(client, template)
    pipelines = [
        f"pipelines/default/{name}/{part}.json" for name in "pq" for part in ("spec", "jobs", "commits")
    ]
    server = ["pachd/version.json", "pachd/threads.txt", "pachd/logs.txt", "database/rows.json"]
    assert set(found) == {*pipelines, *server}
    assert json.loads(found["database/rows.json"])["pipelines"] == 2
    assert "default/in" in json.loads(found["pipelines/default/p/commits.json"])
    assert len(json.loads(found["pipelines/default/p/jobs.json"])) == 1
    assert b"debug_dump" in found["pachd/threads.txt"]


def test_a_dump_of_one_pipeline_is_about_it_alone(client: Client) -> None:
    found = dump(client, debug.DumpV2Request(pipelines=[debug.Pipeline(name="p")]))
    assert set(found) == {"pipelines/default/p/spec.json", "pipelines/default/p/jobs.json"}


def test_old_clients_get_their_dump_too(client: Client) -> None:
    only = debug.DumpRequest(filter=debug.Filter(pipeline=pps.Pipeline(name="q")))
    names = unpack([chunk.value for chunk in client.debug.Dump(only)])
    assert set(names) == {"pipelines/default/q/spec.json", "pipelines/default/q/jobs.json"}
    assert "pachd/version.json" in unpack([chunk.value for chunk in client.debug.Dump(debug.DumpRequest())])


def test_the_binary_is_the_code_that_runs(client: Client) -> None:
    found = unpack([chunk.value for chunk in client.debug.Binary(debug.BinaryRequest())])
    assert found["pachd/calf/rpc/debug.py"].startswith(b'"""Looking into the server')
    assert "grpcio" in json.loads(found["pachd/version.json"])["packages"]


def test_a_profile_counts_what_the_threads_do(client: Client) -> None:
    length = google.Duration(nanos=50_000_000)
    request = debug.ProfileRequest(profile=debug.Profile(name="cpu", duration=length))
    found = unpack([chunk.value for chunk in client.debug.Profile(request)])
    lines = found["pachd/cpu"].decode().splitlines()
    assert all(line.rpartition(" ")[2].isdigit() for line in lines)
    now = unpack(
        [
            it.value
            for it in client.debug.Profile(debug.ProfileRequest(profile=debug.Profile(name="goroutine")))
        ]
    )
    assert b"File " in now["pachd/goroutine"]
    with pytest.raises(InvalidArgument, match="unknown profile heap"):
        list(client.debug.Profile(debug.ProfileRequest(profile=debug.Profile(name="heap"))))


def test_one_profile_is_taken_at_a_time(client: Client) -> None:
    busy = threading.Lock()
    request = debug.ProfileRequest(profile=debug.Profile(name="cpu", duration=google.Duration(nanos=1)))
    with busy, pytest.raises(Precondition, match="another profile is being taken"):
        next(take_profile(None, busy, request, Call()))  # type: ignore[arg-type]  # it comes not that far
    assert [list(client.debug.Profile(request)) for _ in range(2)]


def test_a_profile_ends_when_its_client_leaves() -> None:
    cancel = CancelToken()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        cancel.cancel()

    assert threading.current_thread().name not in profile(30, cancel, sleep)
    assert len(slept) == 1


def test_the_log_level_changes_for_a_while(client: Client) -> None:
    logger = logging.getLogger("calf")
    request = debug.SetLogLevelRequest(
        pachyderm=debug.SetLogLevelRequest.DEBUG, duration=google.Duration(seconds=3600)
    )
    try:
        assert list(client.debug.SetLogLevel(request).affected_pods) == ["pachd"]
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(logging.NOTSET)
    with pytest.raises(InvalidArgument, match="unknown log level"):
        client.debug.SetLogLevel(debug.SetLogLevelRequest(pachyderm=debug.SetLogLevelRequest.UNKNOWN))
    assert logger.level == logging.NOTSET


def test_a_later_log_level_takes_the_place_of_an_earlier_one(client: Client) -> None:
    asked = [
        debug.SetLogLevelRequest(pachyderm=level, duration=google.Duration(seconds=3600))
        for level in (debug.SetLogLevelRequest.DEBUG, debug.SetLogLevelRequest.ERROR)
    ]
    before = sum(isinstance(thread, threading.Timer) for thread in threading.enumerate())
    try:
        for request in asked:
            client.debug.SetLogLevel(request)
        assert logging.getLogger("calf").level == logging.ERROR
        waiting = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
        assert len([thread for thread in waiting if not thread.finished.is_set()]) == before + 1
    finally:
        logging.getLogger("calf").setLevel(logging.NOTSET)


@pytest.mark.parametrize("seconds", [-1, 2**40])
def test_a_log_level_lasts_a_day_at_most(client: Client, seconds: int) -> None:
    request = debug.SetLogLevelRequest(pachyderm=1, duration=google.Duration(seconds=seconds))
    with pytest.raises(InvalidArgument, match="24 hours"):
        client.debug.SetLogLevel(request)
