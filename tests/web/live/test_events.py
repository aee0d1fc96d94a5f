"""What a page that stands open is told while it does."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from calf.client.connection import Client
from calf.web.live import hub
from calf.web.live.changes import GATHER, MOST
from calf.wire.messages import pfs
from tests.web.serving import LIMIT, Listening, events, listening


@pytest.fixture
def live(server_address: str) -> Iterator[Listening]:
    with listening(server_address) as made:
        yield made


ALL = ["jobs", "pipelines", "projects", "repos"]


def make_repo(client: Client, project: str, name: str) -> None:
    repo = pfs.Repo(name=name, type="user", project=pfs.Project(name=project))
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))


def make_project(client: Client, name: str) -> None:
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=pfs.Project(name=name)))


def first(response: Any) -> tuple[str, Any]:
    name, data = next(events(response))
    return name, json.loads(data)


def watchers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in ("watch", "follow")]


def wait_until_nobody_watches() -> None:
    deadline = time.monotonic() + LIMIT
    while watchers() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert watchers() == []


def opened(live: Listening, path: str) -> Any:
    """A stream, once it is told of what happens."""
    response = live.ask(path)
    assert response.status == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.readline() == b"retry: 1000\n"
    assert first(response)[1]["kinds"] == ALL  # or what was between the page and this
    return response


def test_a_change_is_told_within_a_moment_and_only_where_it_belongs(live: Listening, client: Client) -> None:
    make_project(client, "cats")
    make_project(client, "dogs")
    of_cats, of_dogs = opened(live, "/events?project=cats"), opened(live, "/events?project=dogs")
    make_repo(client, "cats", "first")
    began = time.monotonic()
    assert first(of_cats) == ("change", {"project": "cats", "kinds": ["repos"]})
    assert time.monotonic() - began < 1.0
    make_repo(client, "dogs", "second")
    assert first(of_dogs) == ("change", {"project": "dogs", "kinds": ["repos"]})


def test_one_stream_tells_of_several_projects_by_name(live: Listening, client: Client) -> None:
    for name in ("cats", "dogs", "cows"):
        make_project(client, name)
    stream = events(opened(live, "/events?project=cats&project=dogs&project="))
    assert [json.loads(next(stream)[1])["project"] for _ in range(2)] == ["cats", "dogs"]  # "" was before
    make_repo(client, "cows", "first")
    assert json.loads(next(stream)[1]) == {"project": "", "kinds": ["repos"]}
    make_repo(client, "dogs", "second")
    assert [json.loads(next(stream)[1])["project"] for _ in range(2)] == ["", "dogs"]


def test_one_stream_tells_of_so_many_projects(live: Listening) -> None:
    asked = "&".join(f"project=p{number}" for number in range(MOST + 1))
    assert live.ask(f"/events?{asked}").status == 400


def test_many_changes_are_few_events(live: Listening, client: Client) -> None:
    stream = opened(live, "/events?project=default")
    began, told = time.monotonic(), 0
    for number in range(40):
        make_repo(client, "default", f"r{number}")
    make_project(client, "last")
    for _, data in events(stream):
        told += 1
        if "projects" in json.loads(data)["kinds"]:
            break
    assert told <= (time.monotonic() - began) / GATHER + 2


def test_one_thread_watches_for_all_and_goes_with_the_last(
    live: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "LINGER", 0.0)
    for _ in range(5):
        opened(live, "/events?project=default")
    assert watchers() == ["watch"]
    live.leave()
    wait_until_nobody_watches()


def test_one_too_many_is_told_to_come_later(live: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST", 1)
    opened(live, "/events")
    refused = live.ask("/events")
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")


def test_who_asks_for_the_head_of_a_stream_is_not_kept(live: Listening) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=5)
    for path in ("/events", "/events/logs?pipeline=p"):
        connection.request("HEAD", path)
        head = connection.getresponse()
        assert (head.status, head.read()) == (200, b"")
        assert head.headers["content-type"].startswith("text/event-stream")
    connection.close()
    assert watchers() == []


def test_open_streams_do_not_hold_up_the_end(live: Listening) -> None:
    streams = [opened(live, "/events") for _ in range(3)]
    began = time.monotonic()
    live.end()
    assert streams[0].read() is not None
    live.thread.join(LIMIT)
    assert time.monotonic() - began < 1.0
    wait_until_nobody_watches()
