"""What Prometheus finds at `/metrics`, and that the dashboard of Grafana asks for nothing else."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web.app import make_app
from calf.web.prometheus import KINDS, metric_of, written
from calf.web.upstream import Upstream
from calf.wire.messages import Message, google, pfs, pps

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)')
GRAFANA = Path(__file__).parents[2] / "cluster-conf/grafana/calf.json"
WORDS = {
    "sum",
    "rate",
    "by",
    "le",
    "histogram_quantile",
    "time",
    "increase",
    "label_values",
    "topk",
    "or",
    "on",
}


def scraped(text: str) -> dict[str, float]:
    """The lines as `name{labels}`, with their numbers; each must be one of its format."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = LINE.fullmatch(line)
            assert match, line
            found[line.rpartition(" ")[0]] = float(match[3])
    return found


def begin_a_job(client: Client, *command: str) -> Message:
    repo = pfs.Repo(name="in", type="user")
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    commit = pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name="master"))
    adding = [pfs.AddFile(path=path, raw=google.BytesValue(value=b"x")) for path in ("a", "b")]
    requests = [pfs.ModifyFileRequest(add_file=each) for each in adding]
    client.pfs.ModifyFile(iter([pfs.ModifyFileRequest(set_commit=commit), *requests]))
    client.pps.CreatePipeline(
        pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(name="p"),
            transform=pps.Transform(image="host", cmd=command),
            input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/*")),
        )
    )
    return next(iter(client.pps.ListJob(pps.ListJobRequest(pipeline=pps.Pipeline(name="p"))))).job


def end(client: Client, job: Message) -> int:
    return int(client.pps.InspectJob(pps.InspectJobRequest(job=job, wait=True)).state)


def test_jobs_datums_commits_calls_and_memory_are_there(dashboard: TestClient, client: Client) -> None:
    assert end(client, begin_a_job(client, "true")) == pps.JOB_SUCCESS
    answer = dashboard.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = scraped(answer.text)
    of = 'pipeline="p",project="default",state="success"'
    assert found["calf_server_up"] == 1
    assert found[f"calf_jobs{{{of}}}"] == 1
    assert found[f'calf_datums{{datums="processed",{of}}}'] == 2
    assert found[f"calf_job_seconds_count{{{of}}}"] == 1
    assert 0 < found[f"calf_job_seconds_sum{{{of}}}"] < 60
    assert found['calf_pipelines{project="default",state="running"}'] == 1
    assert found['calf_repos{project="default",type="user"}'] == 2
    assert found['calf_commits{project="default",state="finished"}'] >= 4
    assert found['calf_disk_bytes{part="metadata"}'] > 0
    method = 'method="pps_v2.API/CreatePipeline"'
    assert found[f"calf_rpc_seconds_count{{{method}}}"] == 1
    assert found[f'calf_rpc_seconds_bucket{{le="+Inf",{method}}}'] == 1
    assert found["process_resident_memory_bytes"] > 1e6
    names = {metric_of(line.partition("{")[0]) for line in found}
    assert names == KINDS.keys() - {"calf_rpc_failed_total"}


def test_what_an_ended_job_left_undone_does_not_wait(dashboard: TestClient, client: Client) -> None:
    job = begin_a_job(client, "sleep", "600")
    client.pps.StopJob(pps.StopJobRequest(job=job))
    assert end(client, job) == pps.JOB_KILLED
    found = scraped(dashboard.get("/metrics").text)
    assert found['calf_jobs{pipeline="p",project="default",state="killed"}'] == 1
    assert not [name for name, number in found.items() if 'datums="waiting"' in name and number]


def test_a_server_that_does_not_answer_is_down() -> None:
    upstream = Upstream("127.0.0.1:1", timeout=1)
    with TestClient(make_app(upstream, ["127.0.0.1"]), base_url="http://127.0.0.1") as dashboard:
        assert scraped(dashboard.get("/metrics").text) == {"calf_server_up": 0.0}


class Refusing(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Wants to know of each call who makes it."""

    def service(self, _details: Any) -> Any:
        def refuse(_request: bytes, context: Any) -> None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")

        return grpc.unary_unary_rpc_method_handler(refuse)


def test_a_server_that_refuses_is_not_said_to_be_down() -> None:
    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool, handlers=(Refusing(),))
        upstream = Upstream(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
        server.start()
        with TestClient(make_app(upstream, ["127.0.0.1"]), base_url="http://127.0.0.1") as dashboard:
            answer = dashboard.get("/metrics")
        server.stop(None).wait()
    assert answer.status_code == 401
    assert "calf_server_up" not in answer.text


def test_what_a_newer_server_measures_is_passed_on() -> None:
    assert "".join(written([("calf_of_the_future", {"a": "b"}, 2.0)])) == 'calf_of_the_future{a="b"} 2\n'


def test_whatever_is_in_a_label_stays_in_it() -> None:
    hostile = 'a"} 1\ncalf_server_up 0 \\'
    [_, _, line] = "".join(written([("calf_jobs", {"pipeline": hostile}, 3.0)])).splitlines()
    assert scraped(line) == {line.rpartition(" ")[0]: 3.0}


def test_grafana_asks_only_for_what_there_is() -> None:
    document = json.loads(GRAFANA.read_text())
    panels = document["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    asked += [each["query"] for each in document["templating"]["list"] if each["type"] == "query"]
    assert len(asked) >= 12
    used = set()
    for expression in asked:
        bare = re.sub(r'"[^"]*"', "", expression)
        names = {
            word
            for word in re.findall(r"[a-z_]{4,}(?![a-z_]*\s*=)", bare)
            if word.startswith(("calf_", "process_"))
        }
        assert names, expression
        used |= names
    assert {metric_of(name) for name in used} <= KINDS.keys()
    assert {"calf_jobs", "calf_datums", "calf_disk_bytes", "calf_rpc_seconds"} <= set(map(metric_of, used))
    assert len({panel["id"] for panel in panels}) == len(panels)
