"""Templates of specs, and how pipelines are: alerts, summaries, tasks, and what only a cluster has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.kit.cancel import CancelToken
from calf.model.refs import Repo
from calf.pfs import repos
from calf.rpc import pps_jobs, pps_pipelines, pps_status, pps_templates
from calf.wire.convert_refs import write_job
from calf.wire.messages import pfs, taskapi
from calf.wire.messages import pps as api
from tests.pps.stages import Stage, Visit, copy, fail
from tests.pps.workshop import Workshop, job

Call = Callable[..., Any]


@pytest.fixture
def gate() -> CancelToken:
    return CancelToken()


@pytest.fixture
def workshop(tmp_path: Path, gate: CancelToken) -> Iterator[Workshop]:
    def slow(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return copy(visit)

    stages: dict[str, Stage] = {"copy": copy, "fail": fail, "slow": slow}
    made = Workshop.open(tmp_path / "home", stages).start()
    made.repo("in")
    made.put("in", {"/a": "1"})
    yield made
    made.close()


@pytest.fixture
def call(workshop: Workshop, serve: Callable[..., Any], ask: Callable[..., Any]) -> Call:
    pps = workshop.pps
    handlers = {**pps_pipelines.handlers(pps), **pps_status.handlers(pps), **pps_jobs.handlers(pps)}
    connection = ask(serve({**handlers, **pps_templates.handlers()}))
    return lambda method, request: connection(f"/pps_v2.API/{method}", request)


def render(call: Call, template: str, **arguments: str) -> Any:
    return call("RenderTemplate", api.RenderTemplateRequest(template=template, args=arguments))


def test_a_template_yields_a_spec_or_several(call: Call) -> None:
    template = """function(suffix, src="in") {
        pipeline: { name: "edges-" + suffix },
        input: { pfs: { repo: src, glob: "/*" } },
    }"""
    answer = render(call, template, suffix="x", src="images")
    assert json.loads(answer.json)["pipeline"] == {"name": "edges-x"}
    assert [(spec.pipeline.name, spec.input.pfs.repo) for spec in answer.specs] == [("edges-x", "images")]
    several = render(call, '[{pipeline: {name: "p" + n}} for n in std.range(1, 3)]')
    assert [spec.pipeline.name for spec in several.specs] == ["p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{a:", "template err: STATIC ERROR"),
        ("function(x) {}", "template err: .*parameter x not bound"),
        ("5", "an object or an array"),
        ("[5]", "an object or an array"),
        ('import "/etc/passwd"', "imports are off"),
        ('importstr "https://example.invalid/a"', "imports are off"),
        ("local f(x) = f(x + 1); f(0)", "max stack frames"),
        ("{pipelines: 5}", "pipelines"),
    ],
)
def test_a_bad_template_says_what_is_wrong(call: Call, template: str, says: str) -> None:
    with pytest.raises(grpc.RpcError, match=says) as refused:
        render(call, template)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_what_is_wrong_with_pipelines_is_told(workshop: Workshop, call: Call) -> None:
    workshop.wait("good", workshop.pipeline("good"))
    workshop.wait("bad", workshop.pipeline("bad", stage="fail"))
    workshop.images.unknown.add("none:1")
    workshop.pipeline("lost", transform={"image": "none:1"})
    found = {info.pipeline.name: list(info.alerts) for info in call("CheckStatus", api.CheckStatusRequest())}
    assert found.keys() == {"bad", "lost"}
    assert found["bad"] == ["the last job ended as failure"]
    assert found["lost"][0].startswith("crashing: image none:1 not found")
    elsewhere = api.CheckStatusRequest(project=pfs.Project(name="other"))
    assert list(call("CheckStatus", elsewhere)) == []
    (summary,) = call("PipelinesSummary", api.PipelinesSummaryRequest()).summaries
    assert (summary.active_pipelines, summary.failed_pipelines) == (2, 1)
    assert (summary.paused_pipelines, summary.unhealthy_pipelines) == (0, 1)
    workshop.pause("good")
    picked = api.PipelinesSummaryRequest(projects=[pfs.ProjectPicker(name="default")])
    assert call("PipelinesSummary", picked).summaries[0].paused_pipelines == 1


def test_an_input_that_was_deleted_by_force_is_told_until_the_pipeline_is_updated(
    workshop: Workshop, call: Call
) -> None:
    workshop.wait("p", workshop.pipeline("p"))

    def alerts() -> list[str]:
        shown = [info.reason for info in call("ListPipeline", api.ListPipelineRequest())]
        told = [alert for it in call("CheckStatus", api.CheckStatusRequest(all=True)) for alert in it.alerts]
        assert [reason for reason in shown if reason] == told
        return told

    assert alerts() == []
    with workshop.pfs.transaction() as txn:
        repos.delete(txn, Repo("default", "in"), force=True)
    said = "input default/in@master was deleted by force and starts no jobs: "
    assert alerts() == [f"{said}make it again, then update the pipeline to follow it"]
    workshop.repo("in")
    workshop.put("in", {"/a": "2"})
    assert alerts() == [f"{said}update the pipeline to follow it"]
    workshop.wait("p", workshop.pipeline("p", update=True))
    assert alerts() == []
    assert workshop.files("p") == {"/a": "2"}


def test_what_runs_now_is_a_task_and_too_long_is_an_alert(
    workshop: Workshop, call: Call, gate: CancelToken
) -> None:
    made = workshop.pipeline("p", stage="slow", maximum_expected_uptime="0.000001s")
    workshop.until("p", made, "RUNNING")
    while not (tasks := list(call("ListTask", taskapi.ListTaskRequest()))):
        assert workshop.jobs("p")[0].state.name == "RUNNING"
    assert tasks[0].group.group == f"default/p@{made}"
    assert json.loads(tasks[0].input_data) == {"inputs": ["/pfs/in/a"]}
    other = taskapi.ListTaskRequest(group=taskapi.Group(namespace="storage"))
    assert list(call("ListTask", other)) == []
    (info,) = call("CheckStatus", api.CheckStatusRequest(all=True))
    assert "has run for" in info.alerts[0]
    gate.cancel()
    workshop.wait("p", made)
    assert list(call("ListTask", taskapi.ListTaskRequest())) == []


def test_a_job_can_be_ended_badly_from_outside_and_not_well(
    workshop: Workshop, call: Call, gate: CancelToken
) -> None:
    made = workshop.pipeline("p", stage="slow")
    workshop.until("p", made, "RUNNING")
    request = api.UpdateJobStateRequest(job=write_job(job("p", made)), state=api.JOB_SUCCESS)
    with pytest.raises(grpc.RpcError, match="cannot be put into JOB_SUCCESS"):
        call("UpdateJobState", request)
    request.state, request.reason = api.JOB_KILLED, "enough"
    call("UpdateJobState", request)
    assert workshop.wait("p", made).reason == "enough"
    with pytest.raises(grpc.RpcError, match="has already finished"):
        call("UpdateJobState", request)


def test_stopping_a_pipeline_that_is_not_there_is_fine_unless_it_must_be(call: Call) -> None:
    request = api.StopPipelineRequest(pipeline=api.Pipeline(name="none"))
    call("StopPipeline", request)
    request.must_exist = True
    with pytest.raises(grpc.RpcError, match='none" not found'):
        call("StopPipeline", request)


@pytest.mark.parametrize("method", ["GetKubeEvents", "QueryLoki"])
def test_without_kubernetes_and_loki_nothing_happens_in_them(call: Call, method: str) -> None:
    assert list(call(method, api.LokiRequest(query="{}"))) == []
