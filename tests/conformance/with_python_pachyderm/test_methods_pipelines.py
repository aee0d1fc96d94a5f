"""Every call about pipelines, jobs, datums, secrets and logs, with its defaults and with its options."""

from __future__ import annotations

import json

import pytest
import python_pachyderm
from google.protobuf.duration_pb2 import Duration
from python_pachyderm import RpcError
from python_pachyderm.pfs import Commit
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

ALL_VERSIONS = -1


@pytest.fixture
def head(client, project):
    client.create_repo("in", project_name=project)
    return Commit("in", "master", project=project)


@pytest.fixture
def create(client, head):
    """Makes a pipeline on what is at `head`, in that project."""

    def make(name, *stdin, image="alpine", glob="/*", **options):
        client.create_pipeline(
            name,
            transform=pps_pb2.Transform(cmd=["sh"], image=image, stdin=stdin),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="in", glob=glob, project=head.project)),
            project_name=head.project,
            **options,
        )
        return next(client.list_job(name, project_name=head.project), None)

    return make


def _ended(client, info):
    job = info.job
    return next(
        client.inspect_job(job.id, job.pipeline.name, wait=True, project_name=job.pipeline.project.name)
    )


@pytest.mark.parametrize("image", ["", "ubuntu:20.04", "python:3.8-slim", "pachyderm/opencv"])
def test_images_of_plain_systems_run_here_and_the_log_says_so(client, head, create, image):
    client.put_file_bytes(head, "/f", b"x")
    info = _ended(client, create("p", "cp /pfs/in/* /pfs/out/", image=image))
    assert info.state == pps_pb2.JOB_SUCCESS
    told = [line.message for line in client.get_job_logs("p", info.job.id, project_name=head.project)]
    assert any("this machine's own system stands in for it" in message for message in told)


def test_an_image_that_is_not_here_waits_for_it(client, head, create):
    create("p", "true", image="example/image")
    info = next(client.inspect_pipeline("p", project_name=head.project))
    assert info.state == pps_pb2.PIPELINE_CRASHING
    assert 'image "example/image" is not known on this machine' in info.reason
    client.delete_pipeline("p", force=True, project_name=head.project)


def test_create_pipeline_takes_everything_that_needs_no_cluster(client, head, create):
    resources = pps_pb2.ResourceSpec(cpu=0.1, memory="64M", disk="1G")
    create(
        "p",
        "true",
        parallelism_spec=pps_pb2.ParallelismSpec(constant=2),
        reprocess_spec="every_job",
        output_branch_name="out",
        resource_requests=resources,
        resource_limits=pps_pb2.ResourceSpec(memory="256M"),
        sidecar_resource_limits=resources,
        sidecar_resource_requests=resources,
        description="told",
        datum_set_spec=pps_pb2.DatumSetSpec(number=1),
        datum_timeout=Duration(seconds=30),
        job_timeout=Duration(seconds=60),
        salt="salt",
        datum_tries=1,
        scheduling_spec=pps_pb2.SchedulingSpec(priority_class_name="low", node_selector={"disk": "ssd"}),
        pod_patch="[]",
        metadata=pps_pb2.Metadata(annotations={"a": "b"}, labels={"c": "d"}),
        autoscaling=True,
        tolerations=[pps_pb2.Toleration(key="k", operator=pps_pb2.EXISTS)],
    )
    details = next(client.inspect_pipeline("p", details=True, project_name=head.project)).details
    assert (details.output_branch, details.description, details.salt) == ("out", "told", "salt")
    assert (details.datum_tries, details.parallelism_spec.constant) == (1, 2)
    assert (details.resource_limits.memory, details.metadata.labels["c"]) == ("256M", "d")
    assert (details.datum_timeout.seconds, details.job_timeout.seconds) == (30, 60)
    assert details.autoscaling


def test_a_dry_run_makes_nothing(client, projects, create):
    create("p", "true", dry_run=True)
    assert list(client.list_pipeline(projects_filter=projects)) == []


def test_an_update_is_a_new_version(client, head, projects, create):
    client.put_file_bytes(head, "/f", b"x")
    first = create("p", "true")
    create("p", "echo", update=True)
    create("p", "echo", update=True, reprocess=True)
    versions = client.inspect_pipeline("p", history=ALL_VERSIONS, project_name=head.project)
    assert [info.version for info in versions] == [3, 2, 1]
    assert [info.version for info in client.list_pipeline(history=1, projects_filter=projects)] == [3, 2]
    jobs = list(client.list_job("p", history=ALL_VERSIONS, project_name=head.project))
    assert (len(jobs), jobs[-1].job.id) == (3, first.job.id)
    with pytest.raises(RpcError, match="already exists"):
        create("p", "true")


def test_create_pipeline_from_request(client, head, projects):
    spec = {
        "pipeline": {"name": "p", "project": {"name": head.project}},
        "description": "made of JSON",
        "input": {"pfs": {"glob": "/*", "repo": "in", "project": head.project}},
        "transform": {"cmd": ["true"], "image": "alpine"},
    }
    client.create_pipeline_from_request(python_pachyderm.parse_json_pipeline_spec(json.dumps(spec)))
    spec["update"] = True
    client.create_pipeline_from_request(python_pachyderm.parse_dict_pipeline_spec(spec))
    (info,) = client.list_pipeline(projects_filter=projects, details=True)
    assert (info.version, info.details.description) == (2, "made of JSON")


def test_records_of_pipelines(scene):
    client, name = scene.client, scene.pipeline
    info = next(client.inspect_pipeline(name))
    assert (info.pipeline.name, info.version, info.stopped) == (name, 1, False)
    assert (info.type, info.state) == (pps_pb2.PipelineInfo.PIPELINE_TYPE_TRANSFORM, pps_pb2.PIPELINE_RUNNING)
    assert not info.HasField("details")
    details = next(client.inspect_pipeline(name, details=True)).details
    assert (details.input.pfs.repo, details.input.pfs.branch, details.input.pfs.name) == (
        *(scene.repo, "master", scene.repo),
    )
    assert details.created_at.seconds
    names = {
        each.pipeline.name for each in client.list_pipeline(jqFilter='select(.state=="PIPELINE_RUNNING")')
    }
    assert name in names
    at = [each.pipeline.name for each in client.list_pipeline(commit_set=pfs_pb2.CommitSet(id=scene.job))]
    assert at == [name]
    with pytest.raises(RpcError, match='pipeline "default/nope" not found'):
        client.inspect_pipeline("nope")


def test_stop_pipeline_and_start_pipeline_and_delete_pipeline(client, head, projects, create):
    create("p", "true")
    client.stop_pipeline("p", project_name=head.project)
    stopped = next(client.inspect_pipeline("p", project_name=head.project))
    assert (stopped.stopped, stopped.state) == (True, pps_pb2.PIPELINE_PAUSED)
    client.start_pipeline("p", project_name=head.project)
    assert not next(client.inspect_pipeline("p", project_name=head.project)).stopped
    client.delete_pipeline("p", keep_repo=True, project_name=head.project)
    assert list(client.list_pipeline(projects_filter=projects)) == []
    assert {info.repo.name for info in client.list_repo(projects_filter=projects)} == {"in", "p"}


def test_run_cron(client, scene, project):
    client.create_pipeline(
        "p",
        transform=pps_pb2.Transform(cmd=["true"], image="alpine"),
        input=pps_pb2.Input(cron=pps_pb2.CronInput(name="time", spec="@never")),
        project_name=project,
    )
    before = len(list(client.list_job("p", project_name=project)))
    client.run_cron("p", project_name=project)
    jobs = list(client.list_job("p", project_name=project))
    assert len(jobs) == before + 1
    assert _ended(client, jobs[0]).state == pps_pb2.JOB_SUCCESS
    with pytest.raises(RpcError, match="pipeline doesn't have a cron input"):
        scene.client.run_cron(scene.pipeline)


def test_list_job(scene):
    client = scene.client
    jobs = list(client.list_job(scene.pipeline))
    assert [len(jobs), jobs[0].job.id, jobs[0].data_processed, jobs[0].data_total] == [2, scene.job, 1, 1]
    assert (jobs[0].output_commit.branch.repo.name, jobs[0].output_commit.branch.name) == (
        *(scene.pipeline, "master"),
    )
    read = (scene.repo, scene.commit.id)
    for given in (read, [read]):
        assert [info.job.id for info in client.list_job(scene.pipeline, input_commit=given)] == [scene.job]
    good = 'select(.state == "JOB_SUCCESS")'
    assert len(list(client.list_job(scene.pipeline, jqFilter=good, details=True, reverse=True))) == 2
    assert len(list(client.list_job(scene.pipeline, number=1))) == 1
    sets = {each.job_set.id: each.jobs for each in client.list_job()}
    assert [info.job.pipeline.name for info in sets[scene.job]] == [scene.pipeline]
    assert len(list(client.list_job(number=1, details=True, reverse=True))) == 1


def test_inspect_job(scene):
    info = next(scene.client.inspect_job(scene.job, scene.pipeline, wait=True, details=True))
    assert (info.job.id, info.job.pipeline.name, info.state) == (
        *(scene.job, scene.pipeline, pps_pb2.JOB_SUCCESS),
    )
    assert (info.details.input.pfs.commit, list(info.details.transform.cmd)) == (scene.commit.id, ["sh"])
    assert info.finished.seconds >= info.started.seconds >= info.created.seconds > 0
    (in_set,) = scene.client.inspect_job(scene.job)
    assert in_set.job == info.job
    with pytest.raises(RpcError, match="not found"):
        scene.client.inspect_job("467c580611234cdb8cc9758c7aa96087", scene.pipeline)


def test_stop_job_and_delete_job(client, head, create):
    client.put_file_bytes(head, "/f", b"x")
    job = create("p", "sleep 60").job
    client.stop_job(job.id, "p", reason="because", project_name=head.project)
    ended = next(client.inspect_job(job.id, "p", wait=True, project_name=head.project))
    assert (ended.state, ended.reason) == (pps_pb2.JOB_KILLED, "because")
    client.delete_job(job.id, "p", project_name=head.project)
    assert list(client.list_job("p", project_name=head.project)) == []


def test_list_datum_and_inspect_datum(scene):
    client = scene.client
    (found,) = client.list_datum(scene.pipeline, scene.job)
    assert (found.state, found.data[0].file.path) == (pps_pb2.DatumState.SUCCESS, "/file.dat")
    info = client.inspect_datum(scene.pipeline, scene.job, found.datum.id)
    assert (info.state, info.datum.job.id) == (pps_pb2.DatumState.SUCCESS, scene.job)
    assert (info.pfs_state.commit.id, info.pfs_state.commit.branch.name) == (scene.job, "master")
    failed = pps_pb2.ListDatumRequest.Filter(state=[pps_pb2.DatumState.FAILED])
    assert list(client.list_datum(scene.pipeline, scene.job, datum_filter=failed)) == []
    assert len(list(client.list_datum(scene.pipeline, scene.job, number=1, reverse=True))) == 1
    one = pps_pb2.Input(pfs=pps_pb2.PFSInput(repo=scene.repo, glob="/*"))
    other = pps_pb2.Input(pfs=pps_pb2.PFSInput(repo=scene.pipeline, branch="master", glob="/"))
    (pair,) = client.list_datum(input=pps_pb2.Input(cross=[one, other]))
    assert [pair.state, *(file.file.path for file in pair.data)] == [
        *(pps_pb2.DatumState.UNKNOWN, "/file.dat", "/"),
    ]


def test_secrets(client, project_name):
    name = f"secret-{project_name}"
    client.create_secret(name, {"text": "value", "bytes": b"\xff"}, labels={"a": "b"}, annotations={"c": "d"})
    info = client.inspect_secret(name)
    assert (info.secret.name, info.creation_timestamp.seconds > 0) == (name, True)
    assert name in [each.secret.name for each in client.list_secret()]
    client.delete_secret(name)
    assert name not in [each.secret.name for each in client.list_secret()]
    with pytest.raises(RpcError):
        client.inspect_secret(name)


def test_get_job_logs(scene):
    client, names = scene.client, (scene.pipeline, scene.job)
    lines = list(client.get_job_logs(*names))
    assert [line.message for line in lines if line.user] == ["copied"]
    assert {(line.pipeline_name, line.job_id) for line in lines} == {names}
    (datum,) = client.list_datum(*names)
    for options in ({"datum": datum.datum}, {"data_filters": ["/file.dat"]}):
        assert [line.message for line in client.get_job_logs(*names, **options)] == ["copied"]
    assert list(client.get_job_logs(*names, follow=True)) == lines
    hour = Duration(seconds=3600)
    assert len(list(client.get_job_logs(*names, tail=1, use_loki_backend=True, since=hour))) == 1


def test_get_pipeline_logs(scene):
    client = scene.client
    assert next(client.get_pipeline_logs(scene.pipeline)).pipeline_name == scene.pipeline
    assert not next(client.get_pipeline_logs(scene.pipeline, master=True)).user
    following = client.get_pipeline_logs(scene.pipeline, follow=True)
    assert next(following).message
    following.cancel()
    with pytest.raises(RpcError, match="not found"):
        next(client.get_pipeline_logs("nope"))


def test_without_kubernetes_and_loki_their_streams_are_empty(client):
    assert list(client.get_kube_events(since=Duration(seconds=10))) == []
    assert list(client.query_loki('{suite="pachyderm"}', since=Duration(seconds=10))) == []


def test_spouts_and_services_stand(client, head):
    sleep = pps_pb2.Transform(cmd=["sh"], image="alpine", stdin=["sleep 60"])
    client.create_pipeline("spout", sleep, head.project, spout=pps_pb2.Spout())
    client.create_pipeline(
        "service",
        sleep,
        head.project,
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="in", glob="/", project=head.project)),
        service=pps_pb2.Service(internal_port=8000),
    )
    kinds = [
        next(client.inspect_pipeline(name, project_name=head.project)).type for name in ("spout", "service")
    ]
    info = pps_pb2.PipelineInfo
    assert kinds == [info.PIPELINE_TYPE_SPOUT, info.PIPELINE_TYPE_SERVICE]
    for name in ("spout", "service"):
        client.delete_pipeline(name, project_name=head.project)
