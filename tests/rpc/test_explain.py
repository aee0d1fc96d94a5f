"""Plans, origins and kits of datums over the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.rpc import explain, pps_pipelines
from calf.wire.convert_refs import write_job
from calf.wire.messages import calf_pps, pfs
from calf.wire.messages import pps as api
from tests.pps.stages import Stage, copy, fail
from tests.pps.workshop import Workshop, job

Call = Callable[..., Any]
SPEC: dict[str, Any] = {
    "pipeline": {"name": "p"},
    "transform": {"image": "busybox:1", "cmd": ["copy"]},
    "input": {"pfs": {"repo": "in", "glob": "/*"}},
}


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    stages: dict[str, Stage] = {"copy": copy, "fail": fail}
    made = Workshop.open(tmp_path / "home", stages, datum_identity="calf").start()
    made.repo("in")
    made.put("in", {"/a": "1", "/b": "2"})
    yield made
    made.close()


@pytest.fixture
def call(workshop: Workshop, serve: Callable[..., Any], ask: Callable[..., Any]) -> Call:
    handlers = {**explain.handlers(workshop.pps), **pps_pipelines.handlers(workshop.pps)}
    return ask(serve(handlers))  # type: ignore[no-any-return]  # the fixture's connection is untyped


def plan(call: Call, **request: Any) -> tuple[Any, list[Any]]:
    """The summary and the datums."""
    first, *others = call("/calf_pps_v1.API/Plan", calf_pps.PlanRequest(**request))
    return first.summary, [answer.datum for answer in others]


def test_a_spec_and_a_pipeline_can_be_planned(workshop: Workshop, call: Call) -> None:
    summary, datums = plan(call, create_pipeline_request_json=json.dumps(SPEC))
    assert (summary.version, summary.total, summary.run) == (1, 2, 2)
    assert [datum.inputs[0].file.path for datum in datums] != []
    assert {datum.differences[0].part for datum in datums} == {"new"}
    workshop.wait("p", workshop.pipeline("p"))
    summary, _ = plan(call, pipeline=api.Pipeline(name="p"))
    assert (summary.version, summary.run, summary.skip) == (1, 0, 2)
    changed = {**SPEC, "transform": {**SPEC["transform"], "env": {"A": "1"}}}
    summary, datums = plan(call, create_pipeline_request_json=json.dumps(changed))
    assert [(it.part, it.detail, it.datums) for it in summary.reasons] == [("env", "A added: 1", 2)]
    assert (datums[0].differences[0].name, datums[0].differences[0].kind) == ("A", "added")
    with pytest.raises(grpc.RpcError, match="must specify"):
        plan(call)


def test_a_dry_run_of_an_update_says_how_many_datums_run_again_and_why(
    workshop: Workshop, call: Call
) -> None:
    workshop.wait("p", workshop.pipeline("p"))
    request = api.CreatePipelineV2Request(
        create_pipeline_request_json=json.dumps({**SPEC, "datumTries": 5}), update=True, dry_run=True
    )
    answer = call("/pps_v2.API/CreatePipelineV2", request)
    assert (answer.calf.version, answer.calf.run, answer.calf.skip) == (2, 0, 2)
    request.reprocess = True
    answer = call("/pps_v2.API/CreatePipelineV2", request)
    assert [(it.part, it.datums) for it in answer.calf.reasons] == [("salt", 2)]
    request.dry_run = False
    assert not call("/pps_v2.API/CreatePipelineV2", request).HasField("calf")


def test_a_file_leads_to_its_datum_and_log(workshop: Workshop, call: Call) -> None:
    made = workshop.pipeline("p")
    workshop.wait("p", made)
    file = pfs.File(commit=pfs.Commit(repo=pfs.Repo(name="p"), id="master"), path="/a")
    (origin,) = call("/calf_pps_v1.API/Why", calf_pps.WhyRequest(file=file))
    assert (origin.job.job.id, origin.pipeline_version) == (made, 1)
    assert (origin.image.name, origin.inputs[0].file.path) == ("busybox:1", "/a")
    assert origin.logs.datum.id == origin.datum.datum.id == origin.file.datum
    assert origin.env["in"] == "/pfs/in/a"
    assert json.loads(origin.effective_spec_json)["transform"]["cmd"] == ["copy"]
    file.commit.repo.name = "in"
    (origin,) = call("/calf_pps_v1.API/Why", calf_pps.WhyRequest(file=file))
    assert not origin.HasField("datum")
    assert origin.commit.commit.repo.name == "in"


def test_a_datum_comes_with_what_it_takes_to_run_it(workshop: Workshop, call: Call) -> None:
    made = workshop.pipeline("p", stage="fail", datum_timeout="2s")
    workshop.wait("p", made)
    (first, _) = workshop.datums("p", made)
    datum = api.Datum(job=write_job(job("p", made)), id=first.datum.id)
    kit = call("/calf_pps_v1.API/DebugDatum", calf_pps.DebugDatumRequest(datum=datum))
    assert (list(kit.cmd), kit.timeout.seconds, kit.datum.state) == (["fail"], 2, api.FAILED)
    assert (kit.output.commit.repo.type, kit.output.path) == ("meta", f"/pfs/{first.datum.id}/out/")
    assert kit.inputs[0].name == "in"
