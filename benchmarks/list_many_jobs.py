"""The first page of 20,000 jobs, as `list job` and `list job -p` ask for it, and of their job sets.

There is no peer in this run; the goal is a time. The rows are written straight into the data folder, the
questions go over the wire to a server of its own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from comparing import Result, Scale, at_most
from measuring import Cost, Summary
from serving import serving

from calf.client.connection import Client, connect
from calf.db import jobs
from calf.model.pps_infos import Counts, JobInfo
from calf.model.refs import Commit, Job, Pipeline
from calf.model.states import JobState
from calf.pfs.engine import Pfs
from calf.wire.messages import google, pfs, pps

JOBS, PAGE, ROUNDS = 20_000, 100, 15
GOAL = 0.3
TITLE = f"first {PAGE} of {JOBS:,} jobs"
SET, BASE = 7, 1_700_000_000.0
_SPEC = {
    "transform": {"cmd": ["true"], "image": "host"},
    "input": {"pfs": {"repo": "in", "glob": "/*"}},
}


def _far_page() -> Any:
    marker = google.Timestamp()
    marker.FromNanoseconds(int(BASE + PAGE * 50) * 10**9)
    return pps.ListJobRequest(history=-1, paginationMarker=marker, number=PAGE)


_QUESTIONS: dict[str, Callable[[Client], Iterator[Any]]] = {
    "list job -p": lambda client: client.pps.ListJob(
        pps.ListJobRequest(pipeline=pps.Pipeline(name="p3"), history=-1)
    ),
    "list job": lambda client: client.pps.ListJobSet(pps.ListJobSetRequest()),
    "list job --state": lambda client: client.pps.ListJob(
        pps.ListJobRequest(history=-1, details=True, jqFilter='.state == "JOB_KILLED"')
    ),
    "list job, page 150 of 200": lambda client: client.pps.ListJob(_far_page()),
}


def run(scale: Scale) -> Result:
    """Measure. The first round only warms up."""
    home, lines = scale.folder / "home", []
    _fill(home)
    with serving(home) as server, connect(server.address) as client:
        for name, ask in _QUESTIONS.items():
            times = [_first_page(client, ask) for _ in range(scale.rounds(ROUNDS) + 1)][1:]
            took = Summary(name, tuple(map(Cost, times)))
            lines.append(at_most(f"{name}: {TITLE}", took, GOAL))
    return Result(tuple(lines))


def _first_page(client: Client, ask: Callable[[Client], Any]) -> float:
    start = time.perf_counter()
    answer = ask(client)
    if len(list(islice(answer, PAGE))) != PAGE:
        raise SystemExit("the page is not full")
    spent = time.perf_counter() - start
    answer.close()
    return spent


def _fill(home: Path) -> None:
    """Seven pipelines, and rows of jobs that they never ran: sets of seven, one in ten of them killed."""
    with serving(home) as server, connect(server.address) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="in")))
        for number in range(SET):
            spec = {"pipeline": {"name": f"p{number}"}, **_SPEC}
            client.pps.CreatePipelineV2(
                pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec))
            )
    engine = Pfs.open(home)
    with engine.db.write() as tx:
        for number in range(JOBS):
            jobs.insert(tx, _job(number))
    engine.close()


def _job(number: int) -> JobInfo:
    pipeline = Pipeline("default", f"p{number % SET}")
    job, at = Job(pipeline, f"{number // SET:012x}4{0:019x}"), BASE + number
    return JobInfo(
        job=job,
        pipeline_version=1,
        output_commit=Commit(pipeline.repo, job.id),
        state=JobState.SUCCESS if number % 10 else JobState.KILLED,
        counts=Counts(processed=3, total=3),
        created=at,
        started=at,
        finished=at + 0.5,
    )
