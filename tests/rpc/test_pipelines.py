"""Pipelines over the wire, as clients of both ages ask for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import grpc
import pytest

from calf.model.pps_infos import Image
from calf.rpc import pps_pipelines
from calf.wire.messages import google, pfs
from calf.wire.messages import pps as api
from tests.pps.pipelines.bench import Bench

Call = Callable[..., Any]

SPEC: dict[str, Any] = {
    "pipeline": {"name": "p"},
    "transform": {"image": "stage:1", "cmd": ["run"]},
    "input": {"pfs": {"repo": "in", "glob": "/*"}},
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench.open(tmp_path / "home")
    made.world.repo("in")
    yield made
    assert made.fsck() == []
    made.world.pfs.close()


@pytest.fixture
def call(bench: Bench, serve: Callable[..., Any], ask: Callable[..., Any]) -> Call:
    connection = ask(serve(pps_pipelines.handlers(bench.pps)))
    return lambda method, request=None: connection(f"/pps_v2.API/{method}", request or google.Empty())


def named(name: str = "p", project: str = "") -> Any:
    return api.Pipeline(name=name, project=pfs.Project(name=project))


def from_json(call: Call, document: dict[str, Any], **flags: bool) -> Any:
    return call(
        "CreatePipelineV2",
        api.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(document), **flags),
    )


def as_message(**more: Any) -> Any:
    return api.CreatePipelineRequest(
        pipeline=named(),
        transform=api.Transform(image="stage:1", cmd=["run"], env={"A": "1"}),
        input=api.Input(pfs=api.PFSInput(repo="in", glob="/*")),
        **more,
    )


def test_a_pipeline_is_made_from_json_and_the_effective_spec_answered(call: Call) -> None:
    answer = from_json(call, {**SPEC, "parallelismSpec": {"constant": "2"}})
    effective = json.loads(answer.effective_create_pipeline_request_json)
    assert effective["datumTries"] == "3"
    assert effective["input"]["pfs"]["branch"] == "master"
    info = call("InspectPipeline", api.InspectPipelineRequest(pipeline=named(), details=True))
    assert (info.version, info.state, info.parallelism) == (1, api.PIPELINE_RUNNING, 2)
    assert json.loads(info.user_spec_json)["parallelismSpec"] == {"constant": "2"}
    assert info.details.input.pfs.glob == "/*"
    assert info.calf.image.digest == "d1"


def test_a_pipeline_is_made_from_a_message(call: Call) -> None:
    call("CreatePipeline", as_message(datum_tries=2, parallelism_spec=api.ParallelismSpec(constant=3)))
    info = call("InspectPipeline", api.InspectPipelineRequest(pipeline=named(), details=True))
    assert (info.parallelism, info.details.datum_tries) == (3, 2)
    assert dict(info.details.transform.env) == {"A": "1"}
    assert not call("InspectPipeline", api.InspectPipelineRequest(pipeline=named())).HasField("details")
    call("CreatePipeline", as_message(update=True))
    assert call("InspectPipeline", api.InspectPipelineRequest(pipeline=named())).version == 2


def test_an_image_is_asked_for_first_while_others_may_write(
    call: Call, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine that has it may hang; it is left alone for a while then."""
    written: list[bool] = []
    resolve = bench.images.resolve

    def slow(name: str) -> Image:
        if not written:
            thread = Thread(target=bench.world.repo, args=("beside",))
            thread.start()
            thread.join(5)
            written.append(not thread.is_alive())
        return resolve(name)

    monkeypatch.setattr(bench.images, "resolve", slow)
    from_json(call, SPEC)
    assert written == [True]


def test_a_dry_run_shows_what_would_be_and_leaves_nothing(call: Call) -> None:
    answer = from_json(call, SPEC, dry_run=True)
    assert json.loads(answer.effective_create_pipeline_request_json)["outputBranch"] == "master"
    assert (answer.calf.version, answer.calf.total) == (1, 0)
    assert list(call("ListPipeline", api.ListPipelineRequest())) == []
    with pytest.raises(grpc.RpcError, match="repo default/none not found"):
        from_json(call, {**SPEC, "input": {"pfs": {"repo": "none", "glob": "/"}}}, dry_run=True)


@pytest.mark.parametrize(
    ("document", "code", "text"),
    [
        ({**SPEC, "transfrom": {}}, "INVALID_ARGUMENT", 'unknown field "transfrom"'),
        ({**SPEC, "input": {"pfs": {"repo": "in"}}}, "INVALID_ARGUMENT", "input must specify a glob"),
        ({**SPEC, "pipeline": {"name": ""}}, "INVALID_ARGUMENT", "request.Pipeline.Name cannot be empty"),
        ({**SPEC, "pipeline": {"name": "in"}}, "ALREADY_EXISTS", "a repo with the same name already exists"),
        ({**SPEC, "s3_out": True}, "UNIMPLEMENTED", "s3_out is not offered"),
    ],
)
def test_bad_specs_have_the_right_code_and_text(
    call: Call, document: dict[str, Any], code: str, text: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        from_json(call, document)
    assert (caught.value.code().name, text in caught.value.details()) == (code, True)


@pytest.mark.parametrize(
    "text", ["", "{", '{"pipeline": {"name": "p"}, "pipeline": {}}', "[]", "x", "---\n---"]
)
def test_what_is_no_spec_at_all_is_malformed(call: Call, text: str) -> None:
    with pytest.raises(grpc.RpcError, match="malformed pipeline spec"):
        call("CreatePipelineV2", api.CreatePipelineV2Request(create_pipeline_request_json=text))


def test_a_message_without_pipeline_is_refused_in_pachyderms_words(call: Call) -> None:
    with pytest.raises(grpc.RpcError, match=r"request\.Pipeline cannot be nil"):
        call("CreatePipeline", api.CreatePipelineRequest())


def test_an_existing_pipeline_needs_update(call: Call) -> None:
    from_json(call, SPEC)
    with pytest.raises(grpc.RpcError, match=r"pipeline .*? already exists") as caught:
        from_json(call, SPEC)
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    from_json(call, SPEC, update=True, reprocess=True)


def test_lists_can_be_narrowed(call: Call) -> None:
    from_json(call, SPEC)
    from_json(call, SPEC, update=True)
    from_json(call, {**SPEC, "pipeline": {"name": "q"}, "transform": {"image": "none", "cmd": ["x"]}})

    def listed(**query: Any) -> list[tuple[str, int]]:
        found = call("ListPipeline", api.ListPipelineRequest(**query))
        return [(info.pipeline.name, info.version) for info in found]

    assert listed() == [("q", 1), ("p", 2)]
    assert listed(history=-1) == [("q", 1), ("p", 2), ("p", 1)]
    assert listed(pipeline=named("p")) == [("p", 2)]
    assert listed(projects=[pfs.Project(name="other")]) == []
    assert listed(jqFilter='.state == "PIPELINE_CRASHING"') == [("q", 1)]
    assert listed(page=api.PipelinePage(page_size=1, page_index=1)) == [("p", 2)]
    assert listed(jqFilter='select(.version == "2")') == [("p", 2)]
    everything = {"jqFilter": '.pipeline.name | test("[pq]")', "history": -1}
    assert listed(**everything, page=api.PipelinePage(page_size=2, page_index=1)) == [("p", 1)]


def test_stop_start_and_rerun(call: Call) -> None:
    from_json(call, SPEC)
    call("StopPipeline", api.StopPipelineRequest(pipeline=named()))
    assert call("InspectPipeline", api.InspectPipelineRequest(pipeline=named())).stopped
    call("StartPipeline", api.StartPipelineRequest(pipeline=named()))
    call("RerunPipeline", api.RerunPipelineRequest(pipeline=named()))
    info = call("InspectPipeline", api.InspectPipelineRequest(pipeline=named()))
    assert (info.stopped, info.state, info.version) == (False, api.PIPELINE_RUNNING, 2)


def test_deleting_what_is_not_there_is_fine_unless_it_must_be(call: Call) -> None:
    call("DeletePipeline", api.DeletePipelineRequest(pipeline=named("none")))
    with pytest.raises(grpc.RpcError, match="not found"):
        call("DeletePipeline", api.DeletePipelineRequest(pipeline=named("none"), must_exist=True))


def test_pipelines_are_deleted_one_by_one_or_together(call: Call) -> None:
    for name, source in (("a", "in"), ("b", "a"), ("c", "b")):
        from_json(call, {**SPEC, "pipeline": {"name": name}, "input": {"pfs": {"repo": source, "glob": "/"}}})
    with pytest.raises(grpc.RpcError, match="its output is read by: c"):
        call("DeletePipeline", api.DeletePipelineRequest(pipeline=named("b")))
    call("DeletePipeline", api.DeletePipelineRequest(pipeline=named("c")))
    nothing = call("DeletePipelines", api.DeletePipelinesRequest())
    assert list(nothing.pipelines) == []
    gone = call("DeletePipelines", api.DeletePipelinesRequest(all=True))
    assert {pipeline.name for pipeline in gone.pipelines} == {"a", "b"}
    assert list(call("ListPipeline", api.ListPipelineRequest())) == []


def test_the_logs_of_a_pipeline_go_with_it(call: Call, bench: Bench) -> None:
    call("CreatePipeline", as_message())
    bench.pps.logs.append(("default", "p", "1"), "", "hello", False)
    call("DeletePipeline", api.DeletePipelineRequest(pipeline=named()))
    assert list(bench.pps.logs.read(("default", "p", "1"))) == []


def test_everything_can_be_deleted(call: Call) -> None:
    from_json(call, SPEC)
    call("DeleteAll")
    assert list(call("ListPipeline", api.ListPipelineRequest())) == []


def test_there_are_no_clocks_to_tick(call: Call) -> None:
    from_json(call, SPEC)
    with pytest.raises(grpc.RpcError, match="pipeline doesn't have a cron input"):
        call("RunCron", api.RunCronRequest(pipeline=named()))
