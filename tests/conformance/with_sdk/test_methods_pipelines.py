"""Methods of pachyderm-sdk for pipelines, jobs and datums, as its docstrings call them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from pachyderm_sdk.api import pfs, pps

SUCCESS, KILLED = pps.JobState.JOB_SUCCESS, pps.JobState.JOB_KILLED
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def made(world) -> pps.JobInfo:
    """A pipeline `p` over one file, and its ended job."""
    world.create_repo("in")
    world.put("in", {"/file": "text"})
    job = world.shell("p", world.pfs_input("in"), "echo said; cp /pfs/in/* /pfs/out/")
    return world.wait("p", job)


def test_a_pipeline_is_listed_inspected_and_summed_up(world, made):
    pipeline = world.pipeline("p")
    assert world.client.pps.pipeline_exists(pipeline)
    assert not world.client.pps.pipeline_exists(world.pipeline("none"))
    info = world.client.pps.inspect_pipeline(pipeline=pipeline, details=True)
    assert (info.version, info.details.transform.image, info.last_job_state) == (1, "host", SUCCESS)
    assert world.client.pps.inspect_pipeline(pipeline=pipeline, history=-1).version == 1
    listed = world.client.pps.list_pipeline(projects=[world.project], page=pps.PipelinePage(page_size=5))
    assert [it.pipeline for it in listed] == [pipeline]
    (summary,) = world.client.pps.pipelines_summary(projects=[world.project.as_picker()]).summaries
    assert (summary.active_pipelines, summary.paused_pipelines) == (1, 0)
    assert list(world.client.pps.check_status(project=world.project)) == []
    assert list(world.client.pps.list_task()) == []


def test_a_job_is_found_and_listed(world, made):
    assert (made.state, made.data_total, made.output_commit.id) == (SUCCESS, 1, made.job.id)
    assert world.client.pps.job_exists(made.job)
    assert not world.client.pps.job_exists(world.job("p", "0" * 12 + "4" + "0" * 19))
    head = world.client.pfs.inspect_branch(branch=world.branch("in")).head
    asked = {
        "all": {"history": -1, "details": True},
        "of input": {"input_commit": [head]},
        "by state": {"jq_filter": '.state == "JOB_SUCCESS"'},
        "turned": {"reverse": True, "number": 1},
    }
    for name, how in asked.items():
        jobs = world.client.pps.list_job(pipeline=made.job.pipeline, **how)
        assert [it.job for it in jobs] == [made.job], name
    assert list(world.client.pps.list_job(projects=[world.project], pagination_marker=LONG_AGO)) == []
    sets = world.client.pps.list_job_set(projects=[world.project], details=True, number=5)
    assert [it.job_set.id for it in sets] == [made.job.id]


def test_stopping_a_job_that_has_ended_changes_nothing_and_deleting_it_does(world, made):
    """Who stops a job races with its end."""
    world.client.pps.stop_job(job=made.job, reason="too late")
    assert world.wait("p", made.job.id) == made
    world.client.pps.delete_job(job=made.job)
    assert not world.client.pps.job_exists(made.job)
    assert world.jobs("p") == []


def test_logs_of_pipelines_jobs_and_datums(world, made):
    (datum,) = world.datums("p", made.job.id)
    asked = {
        "pipeline": {"pipeline": made.job.pipeline},
        "job": {"job": made.job, "since": timedelta(hours=1)},
        "datum": {"datum": datum.datum},
        "data": {"job": made.job, "data_filters": ["/file"]},
        "followed": {"job": made.job, "follow": True},
    }
    for name, how in asked.items():
        lines = [line.message for line in world.client.pps.get_logs(**how) if line.user]
        assert lines == ["said"], name
    master = next(world.client.pps.get_logs(pipeline=made.job.pipeline, master=True))
    assert (master.master, master.user, master.job_id) == (True, False, made.job.id)


def test_datums_come_in_batches_of_whatever_size_is_asked_for(world, fails):
    world.create_repo("in")
    world.put("in", {f"/{number:02}": "" for number in range(12)})
    request = pps.StartCreateDatumRequest(input=world.pfs_input("in"), number=5)
    stream = world.client.pps.create_datum(iter([pps.CreateDatumRequest(start=request)]))
    assert len(list(stream)) == 5
    batches = world.client.pps.generate_datums(world.pfs_input("in"), batch_size=5)
    assert [len(next(batches)), len(batches.send(3)), len(next(batches)), list(batches)] == [5, 3, 4, []]
    missing = world.client.pps.generate_datums(world.pfs_input("none"), batch_size=5)
    assert fails(lambda: next(missing))[0] is grpc.StatusCode.NOT_FOUND


def test_a_pipeline_is_run_again_on_the_commits_of_its_inputs(world, made):
    world.client.pps.run_pipeline(pipeline=made.job.pipeline)
    again = world.eventually(lambda: [it for it in world.jobs("p") if it.job.id != made.job.id])
    assert world.wait("p", again[0].job.id).data_processed == 1


def test_defaults_of_projects_go_below_a_pipelines_own_spec(world, fails):
    text = json.dumps({"createPipelineRequest": {"datumTries": 4}})
    answer = world.client.pps.set_project_defaults(project=world.project, project_defaults_json=text)
    assert answer.affected_pipelines == []
    kept = world.client.pps.get_project_defaults(project=world.project)
    assert json.loads(kept.project_defaults_json) == json.loads(text)
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "true")
    info = world.client.pps.inspect_pipeline(pipeline=world.pipeline("p"), details=True)
    assert info.details.datum_tries == 4
    bad = fails(world.client.pps.set_cluster_defaults, cluster_defaults_json="no", dry_run=True)
    assert bad[0] is grpc.StatusCode.INVALID_ARGUMENT
    assert isinstance(json.loads(world.client.pps.get_cluster_defaults().cluster_defaults_json), dict)


def test_a_jsonnet_template_gives_specs(client):
    template = 'function(name) {pipeline: {name: name}, transform: {cmd: ["true"]}}'
    answer = client.pps.render_template(template=template, args={"name": "p"})
    assert json.loads(answer.json)["pipeline"]["name"] == answer.specs[0].pipeline.name == "p"


def test_secrets_are_listed_without_their_values(client, project_name, fails):
    client.pps.create_secret(
        name=project_name, data={"text": "a", "bytes": b"b"}, labels={"l": "1"}, annotations={"a": "1"}
    )
    secret = pps.Secret(name=project_name)
    info = client.pps.inspect_secret(secret=secret)
    assert (info.secret, info.type) == (secret, "Opaque")
    assert secret in [it.secret for it in client.pps.list_secret().secret_info]
    client.pps.delete_secret(secret=secret)
    assert fails(client.pps.inspect_secret, secret=secret)[0] is grpc.StatusCode.NOT_FOUND


def test_without_kubernetes_and_loki_nothing_is_in_them(client):
    assert list(client.pps.get_kube_events(since=timedelta(hours=1), query="{}")) == []
    assert list(client.pps.query_loki(since=timedelta(hours=1), query="{}")) == []


def running(world, pipeline: str) -> pps.Job:
    world.create_repo("in-" + pipeline)
    id_ = world.shell(pipeline, world.pfs_input("in-" + pipeline, "/"), "sleep 60")
    world.put("in-" + pipeline, {"/file": "text"})
    world.wait(pipeline, id_)
    return next(iter(world.jobs(pipeline))).job


def test_jobs_are_stopped_in_a_transaction_when_it_ends(world):
    stopped, ended = running(world, "p"), running(world, "q")
    found = next(world.client.pps.subscribe_job(pipeline=stopped.pipeline, details=True))
    assert (found.job, found.details.transform.image) == (stopped, "host")
    with world.client.transaction.transaction():
        world.client.pps.stop_job(job=stopped, reason="enough")
        world.client.pps.update_job_state(job=ended, state=KILLED, reason="too much")
        time.sleep(0.1)
        outside = [world.client.pps.inspect_job(job=job).state for job in (stopped, ended)]
        assert KILLED not in outside
    infos = [world.wait(job.pipeline.name, job.id) for job in (stopped, ended)]
    assert [(info.state, info.reason) for info in infos] == [(KILLED, "enough"), (KILLED, "too much")]
    commits = [world.client.pfs.wait_commit(info.output_commit).error for info in infos]
    assert commits == ["enough", "too much"]


def test_a_pipeline_of_json_is_created_and_updated_in_transactions(world):
    world.create_repo("in")

    def spec(mark: str) -> str:
        return json.dumps(
            {
                "pipeline": {"name": "p", "project": {"name": world.project.name}},
                "transform": {"image": "host", "cmd": ["sh"], "stdin": [f"echo {mark} > /pfs/out/mark"]},
                "input": {"pfs": {"repo": "in", "glob": "/"}},
            }
        )

    for version, mark in enumerate(("one", "two"), start=1):
        with world.client.transaction.transaction() as transaction:
            with world.client.pfs.commit(branch=world.branch("in")):
                pass
            world.client.pps.create_pipeline_v2(
                create_pipeline_request_json=spec(mark), update=version > 1, reprocess=version > 1
            )
            kept = world.client.transaction.inspect_transaction(transaction=transaction).requests[-1]
            assert kept.create_pipeline_v2.user_json == spec(mark)
        assert world.wait("p", transaction.id).pipeline_version == version
        commits = world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=transaction.id))
        assert {it.commit.repo.name for it in commits} == {"in", "p"}
    (user,) = [world.client.pps.inspect_pipeline(pipeline=world.pipeline("p"))]
    assert (user.version, json.loads(user.user_spec_json)) == (2, json.loads(spec("two")))
