"""The dashboard before 200 pipelines, 10,000 commits and 100,000 datums: each page, and how soon it is told.

There is no peer in this run; the goals are times. The data are made once and stay in .cache, since that takes
minutes. What is timed is what a browser waits for: the first bytes of a page; the first of all includes that
the process begins. The data folder has a repo `told` that nothing reads, for commits that a listener is told.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from comparing import Comparison, Result, Scale, at_most, say
from fill_dashboard import name_of, newest_commit
from jobs import put_one
from measuring import Cost, Summary
from serving import CALF, ROOT, Server, run_tool, serving

from calf.client.connection import Client, connect
from calf.web import links
from calf.wire.messages import pps

WHOLE, SHORT = (200, 24, 100_000), (20, 24, 5_000)
"""Pipelines, commits before all of them, datums."""
COLD, PAGE, TOLD, METRICS = 1.0, 0.5, 1.0, 0.3
"""Goals, in seconds."""
ROUNDS = 9
NOWHERE = "00123x"
"""No name or value has it, so a search looks through everything."""
_PROJECT, _PATIENCE = "default", 60.0


@dataclass(frozen=True, slots=True)
class Visit:
    """An answer: its status, seconds to its first bytes, and bytes as sent and as meant."""

    status: int
    first: float
    sent: int
    meant: int


class Visitor:
    """A browser, as far as waiting goes; `link` leads to the dashboard."""

    def __init__(self, link: str) -> None:
        self._place = urlsplit(link).netloc

    def get(self, url: str) -> Visit:
        """Ask for a page, on a connection of its own."""
        begun = time.perf_counter()
        connection, answer = self._ask(url, {"accept": "text/html", "accept-encoding": "gzip"})
        read = answer.read(1)
        first = time.perf_counter() - begun
        read += answer.read()
        connection.close()
        is_packed = answer.headers.get("content-encoding") == "gzip"
        return Visit(answer.status, first, len(read), len(gzip.decompress(read) if is_packed else read))

    def left_out(self, url: str) -> str:
        """What a search did not look at: since its time is bounded, only that tells a slow one."""
        connection, answer = self._ask(url.replace("?", ".json?"), {})
        found = json.loads(answer.read())
        connection.close()
        return "; ".join(found["left_out"]) or "nothing"

    def until_told(self, client: Client, number: int) -> float:
        """Seconds from a commit to the event that a listener has of it."""
        connection, answer = self._ask(f"/events?project={_PROJECT}", {})
        _next_event(answer)
        time.sleep(1.5 if number == 0 else 0.5)  # what was before
        begun = time.perf_counter()
        put_one(client, "told", "/f", b"%d" % number)
        _next_event(answer)
        took = time.perf_counter() - begun
        connection.close()
        return took

    def _ask(
        self, url: str, headers: dict[str, str]
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(self._place, timeout=_PATIENCE)
        connection.request("GET", url, headers=headers)
        return connection, connection.getresponse()


def run(scale: Scale) -> Result:
    """Measure."""
    lines: list[Comparison] = []
    notes: list[str] = []
    home = filled(*(SHORT if scale.is_short else WHOLE))
    with serving(home) as server, connect(server.address) as client:
        visitor = Visitor(link_of(server))
        cold = visitor.get(links.projects(whole=True))
        lines.append(at_most("the first page of all", Summary("cold", (Cost(cold.first),)), COLD))
        for name, url in pages(client):
            seen = [visitor.get(url) for _ in range(scale.rounds(ROUNDS) + 1)]
            took = Summary(name, tuple(Cost(it.first) for it in seen[1:]))
            lines.append(at_most(name, took, METRICS if name == "metrics" else PAGE))
            sizes = f"{seen[0].sent:,} bytes sent of {seen[0].meant:,}"
            notes.append(f"{name}: {seen[0].status}, {sizes}, the first time {seen[0].first:.3f} s")
            say(f"  {notes[-1]}; then {took.wall:.3f} s")
        for words, rest in (("at once", False), ("with the rest", True)):
            url = links.search(_PROJECT, NOWHERE, rest=rest)
            begun = time.perf_counter()
            notes.append(f"search {words}: not looked at to the end was {visitor.left_out(url)}")
            say(f"  {notes[-1]}; {time.perf_counter() - begun:.3f} s")
        told = [Cost(visitor.until_told(client, number)) for number in range(scale.rounds(ROUNDS))]
        lines.append(at_most("from a commit to its event", Summary("told", tuple(told)), TOLD))
    return Result(tuple(lines), tuple(notes))


def filled(pipelines: int, sets: int, datums: int) -> Path:
    """The data folder with so much in it, which is made if it is not there."""
    home = ROOT / f".cache/dashboard-{pipelines}-{sets}-{datums}"
    if not home.is_dir():
        say("  filling a data folder: some minutes, and only once")
        draft = home.with_suffix(f".{time.time():.0f}")
        script = Path(__file__).with_name("fill_dashboard.py")
        subprocess.run([sys.executable, script, draft, *map(str, (pipelines, sets, datums))], check=True)
        draft.rename(home)
    return home


def link_of(server: Server) -> str:
    """The dashboard of a server."""
    found = re.search(r"^dashboard: (\S+)", run_tool(CALF, "status", env=server.env), re.MULTILINE)
    if found is None:
        raise SystemExit("the server has no dashboard")
    return found[1]


def pages(client: Client) -> Iterator[tuple[str, str]]:
    """The pages of `links.py` about what there is most of."""
    middle = name_of(0)
    job, before = _jobs(client, middle, 2)
    [wide] = _jobs(client, "wide", 1)
    datum = next(iter(client.pps.ListDatum(pps.ListDatumRequest(job=wide, number=1)))).datum.id
    photos, made = newest_commit(client, "photos"), newest_commit(client, middle)
    yield "projects", links.projects(whole=True)
    yield "dag", links.dag(_PROJECT)
    yield "dag of a commit set", links.dag(_PROJECT, commit=job.id)
    yield "dag between two sets", links.dag(_PROJECT, commit=job.id, against=before.id)
    yield "repos", links.repos(_PROJECT)
    yield "repo", links.repo(_PROJECT, "in")
    yield "repo of a pipeline", links.repo(_PROJECT, middle)
    yield "commit", links.commit(_PROJECT, middle, made)
    yield "folder of folders", links.files(_PROJECT, "photos", photos)
    yield "folder of 1,000 files", links.files(_PROJECT, "photos", photos, "/0000/")
    yield "file", links.files(_PROJECT, "photos", photos, "/0000/00000")
    yield "pipelines", links.pipelines(_PROJECT)
    yield "pipeline", links.pipeline(_PROJECT, middle)
    yield "jobs", links.jobs(_PROJECT)
    yield "jobs of a set", links.job_set(_PROJECT, job.id)
    yield "job", links.job(_PROJECT, middle, job.id)
    yield "job with many datums", links.job(_PROJECT, "wide", wide.id)
    yield "datums", links.datums(_PROJECT, "wide", wide.id)
    yield "datums that failed", links.datums(_PROJECT, "wide", wide.id, "failed")
    yield "datum", links.datum(_PROJECT, "wide", wide.id, datum)
    yield "logs", links.logs(_PROJECT, middle, job.id)
    yield "reports", links.reports(_PROJECT)
    yield "metrics of models", links.metrics(_PROJECT)
    yield "releases", links.releases(_PROJECT)
    yield "search inside repos", links.search(_PROJECT, NOWHERE)
    yield "lineage", links.lineage(_PROJECT, "photos", photos, "/0000/00000")
    yield "metrics", "/metrics"


def _jobs(client: Client, pipeline: str, number: int) -> list[Any]:
    asked = pps.ListJobRequest(pipeline=pps.Pipeline(name=pipeline), number=number)
    return [info.job for info in client.pps.ListJob(asked)]


def _next_event(answer: http.client.HTTPResponse) -> None:
    while line := answer.readline():
        if line.startswith(b"event: "):
            return
    raise SystemExit("the stream of events ended")
