"""What jobs print, followed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from calf.client.connection import Client
from calf.web.live import lines
from calf.web.upstream import Upstream
from calf.wire.messages import google, pfs, pps
from tests.web.live.test_events import wait_until_nobody_watches
from tests.web.serving import Listening, events, listening

_SCRIPT = [
    "for i in 1 2 3; do echo Line $i '<script>'; done",
    "test -e /pfs/in/wait && exec sleep 600",
    "true",
]


@pytest.fixture
def live(server_address: str) -> Iterator[Listening]:
    with listening(server_address) as made:
        yield made


def run(client: Client, *files: str) -> str:
    """The id of a job that prints three lines, and then waits if there is a file `wait`."""
    repo = pfs.Repo(name="in", type="user")
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    commit = pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name="master"))
    adding = [pfs.AddFile(path=file, raw=google.BytesValue(value=b"x")) for file in ("f", *files)]
    requests = [pfs.ModifyFileRequest(add_file=each) for each in adding]
    client.pfs.ModifyFile(iter([pfs.ModifyFileRequest(set_commit=commit), *requests]))
    client.pps.CreatePipeline(
        pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(name="p"),
            transform=pps.Transform(image="host", cmd=["sh"], stdin=_SCRIPT),
            input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/")),
        )
    )
    jobs = client.pps.ListJob(pps.ListJobRequest(pipeline=pps.Pipeline(name="p")))
    return str(next(iter(jobs)).job.id)


def followed(response: Any) -> Iterator[dict[str, Any]]:
    for name, data in events(response):
        if name == "end":
            assert json.loads(data) == {}
            return
        yield from json.loads(data)


def printed(found: Iterator[dict[str, Any]]) -> list[str]:
    return [line["message"] for line in found if line["user"]]


def test_the_lines_of_a_job_come_and_end_with_it(live: Listening, client: Client) -> None:
    job = run(client)
    found = list(followed(live.ask(f"/events/logs?pipeline=p&job={job}")))
    assert printed(iter(found)) == [f"Line {number} <script>" for number in (1, 2, 3)]
    assert {line["job"] for line in found} == {job}
    second = next(line for line in found if line["message"].startswith("Line 2"))
    after = followed(live.ask(f"/events/logs?pipeline=p&job={job}&after={second['ts']}"))
    assert printed(after) == ["Line 3 <script>"]
    searched = followed(live.ask(f"/events/logs?pipeline=p&job={job}&find=lINE%202"))
    assert printed(searched) == ["Line 2 <script>"]
    of_datum = followed(live.ask(f"/events/logs?pipeline=p&job={job}&datum={second['datum']}"))
    assert len(printed(of_datum)) == 3


def test_long_lines_come_a_few_at_a_time(
    live: Listening, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = run(client)
    whole = pps.InspectJobRequest(job=pps.Job(pipeline=pps.Pipeline(name="p"), id=job), wait=True)
    assert client.pps.InspectJob(whole).state == pps.JOB_SUCCESS
    monkeypatch.setattr(lines, "_ROOM", 250)
    told = [json.loads(data) for name, data in events(live.ask(f"/events/logs?pipeline=p&job={job}"))]
    assert max(len(lines) for lines in told[:-1]) <= 2
    assert printed(line for lines in told[:-1] for line in lines) == [f"Line {i} <script>" for i in (1, 2, 3)]


def test_who_goes_away_from_a_job_that_runs_leaves_no_thread(live: Listening, client: Client) -> None:
    job = run(client, "wait")
    found = followed(live.ask(f"/events/logs?pipeline=p&job={job}"))
    while not next(found)["message"].startswith("Line 3"):
        pass
    live.leave()
    wait_until_nobody_watches()


def test_who_goes_before_the_lines_are_asked_for_leaves_no_thread(
    server_address: str, client: Client
) -> None:
    job = pps.Job(pipeline=pps.Pipeline(name="p"), id=run(client))
    assert client.pps.InspectJob(pps.InspectJobRequest(job=job, wait=True)).state == pps.JOB_SUCCESS
    nothing_old = google.Duration(nanos=1)  # so that nothing comes, and is waited for for ever

    async def come_and_go() -> None:
        wanted = pps.GetLogsRequest(pipeline=pps.Pipeline(name="p"), follow=True, since=nothing_old)
        follower = lines.Follower(Upstream(server_address).patient(), wanted, "", "")
        follower.end()
        follower.start()

    asyncio.run(come_and_go())
    wait_until_nobody_watches()


def test_what_is_not_there_is_told_as_the_end(live: Listening) -> None:
    name, data = next(events(live.ask(f"/events/logs?pipeline=p&job={'0' * 32}")))
    assert (name, json.loads(data)["error"]) == ("end", "not-found")


def test_what_cannot_be_asked_is_refused(live: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    assert live.ask("/events/logs").status == 400
    assert live.ask("/events/logs?pipeline=p&after=yesterday").status == 400
    monkeypatch.setattr(lines, "MOST", 0)
    assert live.ask("/events/logs?pipeline=p").status == 503
