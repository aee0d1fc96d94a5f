"""Defaults of the cluster and of projects: laid under specs, and what a change of them does (spec B4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.model.refs import Repo
from calf.pfs import projects, repos
from calf.rpc import pps_defaults, pps_pipelines
from calf.wire.messages import google, pfs
from calf.wire.messages import pps as api
from tests.pps.pipelines.bench import Bench

Call = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench.open(tmp_path / "home")
    made.world.repo("in")
    with made.world.pfs.transaction() as txn:
        projects.create(txn, "lab")
        repos.create(txn, Repo("lab", "in"))
    yield made
    assert made.fsck() == []
    made.world.pfs.close()


@pytest.fixture
def call(bench: Bench, serve: Callable[..., Any], ask: Callable[..., Any]) -> Call:
    handlers = {**pps_pipelines.handlers(bench.pps), **pps_defaults.handlers(bench.pps)}
    connection = ask(serve(handlers))
    return lambda method, request=None: connection(f"/pps_v2.API/{method}", request or google.Empty())


def create(call: Call, name: str, project: str = "default", **more: Any) -> dict[str, Any]:
    """Creates or updates a pipeline; the effective spec."""
    document = {
        "pipeline": {"name": name, "project": {"name": project}},
        "transform": {"image": "stage:1", "cmd": ["run"]},
        "input": {"pfs": {"repo": "in", "glob": "/*"}},
        **more,
    }
    request = api.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(document), update=True)
    answer = call("CreatePipelineV2", request)
    effective: dict[str, Any] = json.loads(answer.effective_create_pipeline_request_json)
    return effective


def cluster(call: Call, defaults: dict[str, Any] | str, **flags: bool) -> list[str]:
    """Sets the cluster's defaults; the names of the pipelines concerned."""
    text = defaults if isinstance(defaults, str) else json.dumps({"createPipelineRequest": defaults})
    answer = call("SetClusterDefaults", api.SetClusterDefaultsRequest(cluster_defaults_json=text, **flags))
    return [f"{name.project.name}/{name.name}" for name in answer.affected_pipelines]


def project(call: Call, name: str, defaults: dict[str, Any], **flags: bool) -> list[str]:
    text = json.dumps({"createPipelineRequest": defaults})
    request = api.SetProjectDefaultsRequest(
        project=pfs.Project(name=name), project_defaults_json=text, **flags
    )
    return [f"{it.project.name}/{it.name}" for it in call("SetProjectDefaults", request).affected_pipelines]


def version(call: Call, name: str, project: str = "default") -> int:
    pipeline = api.Pipeline(name=name, project=pfs.Project(name=project))
    number: int = call("InspectPipeline", api.InspectPipelineRequest(pipeline=pipeline)).version
    return number


def test_the_users_word_comes_before_the_projects_before_the_clusters(call: Call) -> None:
    cluster(call, {"datumTries": 6})
    assert create(call, "a")["datumTries"] == "6"
    project(call, "default", {"datum_tries": "14"})
    assert create(call, "a")["datumTries"] == "14"
    assert create(call, "a", datum_tries=5)["datumTries"] == "5"
    assert create(call, "b", "lab")["datumTries"] == "6"


def test_null_takes_a_default_away_and_maps_are_joined(call: Call) -> None:
    cluster(call, {"datumTries": 6, "jobTimeout": "60s", "transform": {"env": {"A": "1", "B": "1"}}})
    image = {"image": "stage:1", "cmd": ["run"]}
    effective = create(call, "a", jobTimeout=None, transform={**image, "env": {"B": "2", "A": None}})
    assert "jobTimeout" not in effective
    assert effective["transform"]["env"] == {"B": "2"}
    assert effective["datumTries"] == "6"


def test_a_default_may_be_all_that_is_said_of_a_field(call: Call) -> None:
    cluster(call, {"transform": {"image": "stage:1", "cmd": ["run"]}, "outputBranch": "out"})
    effective = create(call, "a", transform={"env": {"X": "1"}})
    assert effective["transform"] == {"image": "stage:1", "cmd": ["run"], "env": {"X": "1"}}
    assert effective["outputBranch"] == "out"


def test_new_defaults_change_nothing_until_they_are_asked_to(call: Call) -> None:
    create(call, "a")
    create(call, "b", datum_tries=6)
    create(call, "c", "lab")
    assert cluster(call, {"datumTries": 6}, regenerate=True, dry_run=True) == ["default/a", "lab/c"]
    assert call("GetClusterDefaults").cluster_defaults_json == "{}"
    assert cluster(call, {"datumTries": 6}) == ["default/a", "lab/c"]
    assert [version(call, "a"), version(call, "b"), version(call, "c", "lab")] == [1, 1, 1]
    assert cluster(call, {"datumTries": 6}, regenerate=True) == ["default/a", "lab/c"]
    assert [version(call, "a"), version(call, "b"), version(call, "c", "lab")] == [2, 1, 2]
    assert cluster(call, {"datumTries": 6}, regenerate=True) == []
    assert project(call, "lab", {"datumTries": 7}, regenerate=True) == ["lab/c"]


def test_regenerating_keeps_the_salt_unless_everything_is_to_run_again(call: Call, bench: Bench) -> None:
    create(call, "a")
    salt = bench.inspect("a").salt
    cluster(call, {"datumTries": 6}, regenerate=True)
    assert bench.inspect("a").salt == salt
    cluster(call, {"datumTries": 7}, regenerate=True, reprocess=True)
    assert bench.inspect("a").salt != salt


def test_the_documents_are_told_as_they_were_set_and_go_with_everything(call: Call) -> None:
    assert call("GetClusterDefaults").cluster_defaults_json == "{}"
    text = '{"createPipelineRequest": {"datumTries": 6}}'
    cluster(call, text)
    assert call("GetClusterDefaults").cluster_defaults_json == text
    request = api.GetProjectDefaultsRequest(project=pfs.Project(name="lab"))
    assert call("GetProjectDefaults", request).project_defaults_json == "{}"
    project(call, "lab", {"datumTries": 7})
    answer = call("GetProjectDefaults", request)
    assert json.loads(answer.project_defaults_json) == {"createPipelineRequest": {"datumTries": 7}}
    assert answer.created_at.seconds > 0
    call("DeleteAll")
    assert call("GetClusterDefaults").cluster_defaults_json == "{}"
    assert call("GetProjectDefaults", request).project_defaults_json == "{}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "malformed defaults"),
        ("[1]", "one JSON object"),
        ('{"createPipeline": {}}', "unknown field"),
        ('{"createPipelineRequest": 5}', "must be an object"),
        ('{"createPipelineRequest": {"datumTrys": 5}}', 'unknown field "datumTrys"'),
        ('{"createPipelineRequest": {"datumTries": "many"}}', "datum_tries: must be"),
        ('{"createPipelineRequest": {"pipeline": {"name": "x"}}}', "pipeline cannot have a default"),
        ('{"createPipelineRequest": {"update": true}}', "update cannot have a default"),
    ],
)
def test_defaults_that_no_spec_could_have_are_refused(call: Call, text: str, says: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        cluster(call, text)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert says in refused.value.details()
    assert call("GetClusterDefaults").cluster_defaults_json == "{}"


def test_reprocess_needs_regenerate_and_a_project_must_be_there(call: Call) -> None:
    with pytest.raises(grpc.RpcError, match="reprocess needs regenerate"):
        cluster(call, {"datumTries": 6}, reprocess=True)
    with pytest.raises(grpc.RpcError, match='project "nowhere" not found'):
        project(call, "nowhere", {"datumTries": 6})


def test_defaults_that_break_a_pipeline_say_which(call: Call) -> None:
    create(call, "a")
    with pytest.raises(grpc.RpcError, match='pipeline "default/a" would not be valid'):
        cluster(call, {"reprocessSpec": "sometimes"}, regenerate=True)
    assert version(call, "a") == 1


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"transform": {"image": "", "cmd": ["run"]}}, "pipeline transform must contain an image"),
        ({"outputBranch": ""}, "pipeline needs to specify an output branch"),
    ],
)
def test_an_empty_text_over_a_default_that_is_needed_is_refused(
    call: Call, more: dict[str, Any], text: str
) -> None:
    cluster(call, {"transform": {"image": "stage:1"}, "outputBranch": "results"})
    with pytest.raises(grpc.RpcError, match=text):
        create(call, "p", **more)
    effective = create(call, "p", transform={"image": None, "cmd": ["run"]}, outputBranch=None)
    assert effective["outputBranch"] == "master"
