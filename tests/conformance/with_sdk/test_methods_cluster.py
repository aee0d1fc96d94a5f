"""Methods of pachyderm-sdk for the server as a whole: what it is, its logs, transactions, debugging."""

from __future__ import annotations

from datetime import timedelta

import grpc
import pytest
from pachyderm_sdk import Client
from pachyderm_sdk.api import debug, enterprise, logs, pfs, pps, transaction
from pachyderm_sdk.errors import AuthServiceNotActivated

AUTH_OFF = "the auth service is not activated"


def test_clients_learn_that_there_is_no_licence_and_no_auth(client):
    assert client.enterprise.get_state().state == enterprise.State.NONE
    paused = enterprise.PauseStatusResponsePauseStatus
    assert client.enterprise.pause_status().status == paused.UNPAUSED
    assert client.license.list_user_clusters().clusters == []
    for activate in (client.pfs.activate_auth, client.pps.activate_auth):
        with pytest.raises(AuthServiceNotActivated, match=AUTH_OFF):
            activate()


def test_a_cluster_tells_who_it_is_and_does_not_restart(client, fails):
    info = client.admin.inspect_cluster()
    assert (info.id, info.warnings_ok, info.warnings, info.paused) == (info.deployment_id, True, [], False)
    version = client.get_version()
    assert (version.major, version.minor) == (2, 12)
    code, text = fails(client.admin.restart_pachyderm, reason="why not")
    assert code is grpc.StatusCode.UNIMPLEMENTED
    assert "does not restart itself" in text


def test_a_token_is_ignored_while_auth_is_off(world):
    world.client.auth_token = "whatever"
    assert world.client.get_version().major == 2
    assert list(world.client.pfs.list_repo(projects=[world.project])) == []


def test_no_server_is_a_connection_error_that_says_so():
    with pytest.raises(ConnectionError, match="Could not connect to pachyderm instance"):
        Client.from_pachd_address("localhost:1").get_version()


def test_debug_dumps_profiles_and_log_levels(client):
    assert b"".join(chunk.content.content for chunk in client.debug.dump() if chunk.content)
    template = client.debug.get_dump_v2_template(filters=[]).request
    assert list(client.debug.dump_v2(system=template.system, timeout=timedelta(seconds=10)))
    assert template.system.version
    here = debug.Filter(pachd=True)
    profile = debug.Profile(name="cpu", duration=timedelta(milliseconds=20))
    assert b"".join(message.value for message in client.debug.profile(profile=profile))
    assert b"".join(message.value for message in client.debug.binary())
    assert all(message.value for message in client.debug.profile(profile=profile, filter=here))
    assert all(message.value for message in client.debug.binary(filter=here))
    level = debug.SetLogLevelRequestLogLevel.DEBUG
    answer = client.debug.set_log_level(pachyderm=level, duration=timedelta(milliseconds=100))
    assert answer.affected_pods == ["pachd"]


def test_what_only_a_cluster_has_is_unimplemented(client, fails):
    calls = [client.debug.trace, client.debug.run_pfs_load_test, client.debug.run_pfs_load_test_default]
    for call in [*calls, client.pps.run_load_test, client.pps.run_load_test_default]:
        assert fails(call)[0] is grpc.StatusCode.UNIMPLEMENTED


def test_logs_of_the_service_for_logs(world):
    world.create_repo("in")
    world.put("in", {"/file": "text"})
    job = world.shell("p", world.pfs_input("in"), "echo said")
    world.wait("p", job)
    pipeline = logs.PipelineLogQuery(project=world.project.name, pipeline="p")
    (datum,) = world.datums("p", job)
    asked = {
        "project": world.project.name,
        "pipeline": pipeline,
        "job": job,
        "datum": datum.datum.id,
        "pipeline_job": logs.PipelineJobLogQuery(pipeline=pipeline, job=job),
        "job_datum": logs.JobDatumLogQuery(job=job, datum=datum.datum.id),
        "pipeline_datum": logs.PipelineDatumLogQuery(pipeline=pipeline, datum=datum.datum.id),
    }
    for kind, whose in asked.items():
        query = logs.LogQuery(user=logs.UserLogQuery(**{kind: whose}))
        answers = world.client.logs.get_logs(query=query, filter=logs.LogFilter(user_logs_only=True))
        assert [it.log.pps_log_message.message for it in answers] == ["said"], kind
    nobody = logs.LogQuery(user=logs.UserLogQuery(datum="0" * 64))
    (hint,) = world.client.logs.get_logs(query=nobody, want_paging_hint=True)
    assert hint.paging_hint.older.query == nobody


def test_transactions_are_batched_listed_and_left(world, fails):
    requests = [
        transaction.TransactionRequest(create_repo=pfs.CreateRepoRequest(repo=world.repo(name)))
        for name in ("a", "b")
    ]
    done = world.client.transaction.batch_transaction(requests=requests)
    assert (len(done.requests), len(done.responses)) == (2, 2)
    assert world.client.pfs.repo_exists(world.repo("b"))
    with world.client.transaction.transaction() as open_:
        listed = world.client.transaction.list_transaction().transaction_info
        assert open_.id in [it.transaction.id for it in listed]
        info = world.client.transaction.inspect_transaction(transaction=open_)
        assert (info.transaction, info.requests) == (open_, [])
    gone = fails(world.client.transaction.inspect_transaction, transaction=open_)
    assert gone == (grpc.StatusCode.NOT_FOUND, f"transaction {open_.id} not found")


def test_deleting_all_leaves_the_default_project_alone(own_pachd):
    client = Client.from_pachd_address(own_pachd)
    repo = pfs.Repo(name="in")
    client.pfs.create_repo(repo=repo)
    client.pps.create_pipeline(
        pipeline=pps.Pipeline(name="p"),
        transform=pps.Transform(image="host", cmd=["true"]),
        input=pps.Input(pfs=pps.PfsInput(repo="in", glob="/")),
    )
    client.transaction.start_transaction()
    client.transaction.delete_all()
    assert client.transaction.list_transaction().transaction_info == []
    client.transaction_id = ""
    client.pps.delete_all()
    assert list(client.pps.list_pipeline()) == []
    client.pfs.delete_all()
    assert list(client.pfs.list_repo()) == []
    assert [info.project.name for info in client.pfs.list_project()] == ["default"]
