"""What `make run` does after a failure was mended, beside runs of the past, and with a stopped stage."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from rich.console import Console

import driver.watch
from calf.client.connection import Client, connect
from calf.wire.messages import calf_pps, pfs, pps
from driver.checkout import StepFailedError
from driver.following import follow, refuse_stopped, stranded
from driver.repos import branch_head
from driver.watch import Row, failed_datum, newest_jobs
from tests.pipelines.test_a_proof_is_made_once import create, put

QUIET = Console(quiet=True)


@pytest.fixture
def client(server_address: str) -> Iterator[Client]:
    """Evaluate fails on bad photos; release reads it, and is started by parameters only."""
    with connect(server_address) as client:
        for name in ("pets", "params"):
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=branch_head(name).repo))
        put(client, "bad")
        put(client, "any", "params")
        script = "grep good /pfs/pets/file > /pfs/out/file"
        create(client, "evaluate", script, {"pfs": {"repo": "pets", "glob": "/"}})
        never = {"pfs": {"repo": "evaluate", "glob": "/", "propagation_spec": {"never": True}}}
        reads = {"cross": [never, {"pfs": {"repo": "params", "glob": "/"}}]}
        create(client, "release", "cp /pfs/evaluate/file /pfs/out", reads)
        yield client


def states(rows: list[Row]) -> list[str]:
    return [row.state for row in rows]


def test_a_stage_that_a_mended_failure_kept_from_running_runs(client: Client) -> None:
    assert states(follow(client, ["evaluate", "release"], QUIET)) == ["failure", "unrunnable"]
    (failed,) = newest_jobs(client, ["evaluate"])
    assert "exit" in failed_datum(client, failed)[0]
    put(client, "good")
    (mended,) = follow(client, ["evaluate"], QUIET)
    assert (mended.state, failed_datum(client, mended)) == ("success", [])
    assert states(newest_jobs(client, ["release"])) == ["unrunnable"]
    assert states(follow(client, ["release"], QUIET)) == ["success"]


def test_a_run_of_the_past_is_none_of_its_jobs(client: Client) -> None:
    put(client, "good")
    rows = follow(client, ["evaluate"], QUIET)
    pipeline = pps.Pipeline(name="evaluate")
    request = calf_pps.RunPipelineRequest(pipeline=pipeline, job_id=rows[0].job)
    again = client.call("/calf_pps_v1.API/RunPipeline", request).job
    assert again.id != rows[0].job
    assert [row.job for row in newest_jobs(client, ["evaluate"])] == [rows[0].job]


def test_a_stopped_stage_is_refused_with_the_command_that_starts_it(client: Client) -> None:
    refuse_stopped(client)
    client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=pps.Pipeline(name="release")))
    with pytest.raises(StepFailedError, match=r"(?s)release is stopped.*pachctl start pipeline release"):
        refuse_stopped(client)


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (["success", "unrunnable", "unrunnable"], "tune"),
        (["failure", "unrunnable", "unrunnable"], ""),
        (["success", "killed", "unrunnable"], ""),
        (["success", "success", "success"], ""),
    ],
)
def test_what_failed_itself_is_left_to_the_user(ended: list[str], expected: str) -> None:
    names = ("train", "tune", "calibrate")
    rows = [Row(name, state, "", 0, 0, 0, 0.0) for name, state in zip(names, ended, strict=True)]
    assert stranded(rows) == expected


def test_a_run_does_not_wait_for_a_stage_that_cannot_begin(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver.watch, "PATIENCE", 0.0)
    spec = {
        "pipeline": {"name": "later"},
        "transform": {"image": "nobody/has:this", "cmd": ["true"]},
        "input": {"pfs": {"repo": "pets", "glob": "/"}},
    }
    request = pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec))
    client.pps.CreatePipelineV2(request)
    with pytest.raises(StepFailedError, match='later: image "nobody/has:this" is not known on this machine'):
        follow(client, ["later"], QUIET)


def test_a_pipeline_of_another_project_is_none_of_a_runs(client: Client) -> None:
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=pfs.Project(name="other")))
    spec = {
        "pipeline": {"name": "evaluate", "project": {"name": "other"}},
        "transform": {"image": "nobody/has:this", "cmd": ["true"]},
        "input": {"pfs": {"project": "default", "repo": "pets", "glob": "/"}},
    }
    request = pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec))
    client.pps.CreatePipelineV2(request)
    assert driver.watch.crashing(client, ["evaluate"]) == []
