"""F9: transactions, as python-pachyderm drives them: by its context manager, and request by request."""

from __future__ import annotations

import pytest
from python_pachyderm import RpcError
from python_pachyderm.errors import InvalidTransactionOperation
from python_pachyderm.pfs import Commit
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2


def names(client, projects) -> list[str]:
    return sorted(info.repo.name for info in client.list_repo(projects_filter=projects))


def test_103_what_is_made_in_a_transaction_shows_when_it_is_finished(client, project, projects):
    with client.transaction() as transaction:
        client.create_repo("r", project_name=project)
        client.create_branch("r", "master", project_name=project)
        assert names(client, projects) == []
        client.create_repo("s", project_name=project)
        commit = client.start_commit("s", "master", project_name=project)
        assert commit.id == transaction.id
        info = client.inspect_transaction(transaction)
        assert [info.transaction.id, len(info.requests), len(info.responses)] == [transaction.id, 4, 4]
        assert info.responses[3].commit.id == transaction.id
        assert transaction.id in [each.transaction.id for each in client.list_transaction()]
    assert names(client, projects) == ["r", "s"]
    for name in ("r", "s"):
        assert client.inspect_branch(name, "master", project_name=project).head.id == transaction.id
    with pytest.raises(RpcError, match="not found"):
        client.inspect_transaction(transaction)


def test_103_an_exception_deletes_the_transaction_and_restores_the_id(client, project, projects):
    client.transaction_id = ""
    with pytest.raises(ZeroDivisionError):
        create_and_fail(client, project)
    assert client.transaction_id == ""
    assert names(client, projects) == []


def create_and_fail(client, project) -> None:
    with client.transaction():
        client.create_repo("r", project_name=project)
        raise ZeroDivisionError


def test_103_transactions_nest_by_their_ids(client, project, projects):
    with client.transaction():
        outer = client.transaction_id
        client.create_repo("outer", project_name=project)
        with client.transaction():
            assert client.transaction_id != outer
            client.create_repo("inner", project_name=project)
        assert client.transaction_id == outer
        assert names(client, projects) == ["inner"]
    assert client.transaction_id is None
    assert names(client, projects) == ["inner", "outer"]


def test_103_a_deleted_transaction_does_nothing_and_is_gone(client, project, projects):
    transaction = client.start_transaction()
    client.transaction_id = transaction.id
    client.create_repo("r", project_name=project)
    client.delete_transaction(transaction)
    assert names(client, projects) == []
    with pytest.raises(RpcError, match="not found"):
        client.delete_transaction(transaction)


def test_103_a_batch_runs_at_once(client, project, projects):
    wanted = [pfs_pb2.Repo(name=f"r{n}", project=pfs_pb2.Project(name=project)) for n in range(3)]
    requests = [
        transaction_pb2.TransactionRequest(create_repo=pfs_pb2.CreateRepoRequest(repo=repo))
        for repo in wanted
    ]
    info = client.batch_transaction(requests)
    assert len(info.responses) == 3
    assert names(client, projects) == ["r0", "r1", "r2"]
    with pytest.raises(RpcError, match="error running request 1 of 3"):
        client.batch_transaction(requests)


def test_103_files_are_refused_by_the_client_itself(client, project):
    client.create_repo("r", project_name=project)
    with client.transaction(), pytest.raises(InvalidTransactionOperation):
        client.put_file_bytes(Commit("r", "master", project=project), "/f", b"x")


def test_103_data_is_written_between_two_transactions(client, project):
    for name in ("a", "b"):
        client.create_repo(name, project_name=project)
    with client.transaction() as started:
        commits = [client.start_commit(name, "master", project_name=project) for name in ("a", "b")]
    for commit in commits:
        client.put_file_bytes(commit, "/f", b"x")
    with client.transaction():
        for commit in commits:
            client.finish_commit(commit)
    for commit in commits:
        info = client.inspect_commit(commit)
        assert [each.commit.id for each in info] == [started.id]
        assert all(each.HasField("finished") for each in info)


def test_103_a_transaction_is_finished_by_hand_and_all_are_listed(client, project, projects):
    transaction = client.start_transaction()
    client.transaction_id = transaction.id
    client.create_repo("r", project_name=project)
    client.transaction_id = ""
    assert names(client, projects) == []
    assert client.finish_transaction(transaction.id).transaction == transaction
    assert names(client, projects) == ["r"]
    assert transaction.id not in [each.transaction.id for each in client.list_transaction()]
