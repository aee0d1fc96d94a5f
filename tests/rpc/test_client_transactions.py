"""Client transactions over the wire: nothing until the end, then all at once (E1, scenarios 103 and 104)."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from calf.model.names import is_id
from calf.pfs.engine import Pfs
from calf.rpc import pfs_branches, pfs_commits, pfs_commitsets, pfs_modify_file, pfs_repos
from calf.rpc.call import Call
from calf.rpc.transactions import with_transactions
from calf.wire.limits import NO_FILES
from calf.wire.messages import google, pfs
from calf.wire.messages import transaction as api
from tests.fresh_folder import lay

API = "/transaction_v2.API/"


@pytest.fixture
def engine(tmp_path: Any) -> Any:
    made = Pfs.open(lay(tmp_path / "data"))
    yield made
    made.close()


@pytest.fixture
def call(engine: Pfs, serve: Any, ask: Any) -> Any:
    modules = (pfs_repos, pfs_branches, pfs_commits, pfs_commitsets, pfs_modify_file)
    handlers = {path: it for module in modules for path, it in module.handlers(engine).items()}
    asking = ask(serve(with_transactions(engine, handlers)))

    def call(name: str, request: Any, within: str | None = None) -> Any:
        path = name if name.startswith("/") else f"/pfs_v2.API/{name}"
        metadata = None if within is None else [("pach-transaction", within)]
        return asking(path, request, metadata=metadata)

    return call


def repo(name: str) -> Any:
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))


def branch(name: str) -> Any:
    of, _, text = name.partition("@")
    return pfs.Branch(repo=repo(of), name=text)


def create_repo(name: str) -> Any:
    return pfs.CreateRepoRequest(repo=repo(name))


def start(call: Any) -> str:
    id_: str = call(API + "StartTransaction", api.StartTransactionRequest()).id
    return id_


def finish(call: Any, id_: str) -> Any:
    return call(API + "FinishTransaction", api.FinishTransactionRequest(transaction=api.Transaction(id=id_)))


def inspect(call: Any, id_: str) -> Any:
    request = api.InspectTransactionRequest(transaction=api.Transaction(id=id_))
    return call(API + "InspectTransaction", request)


def repos(call: Any) -> list[str]:
    return sorted(info.repo.name for info in call("ListRepo", pfs.ListRepoRequest(type="user")))


def commits(call: Any, name: str) -> list[str]:
    return [info.commit.id for info in call("ListCommit", pfs.ListCommitRequest(repo=repo(name)))]


def test_what_a_transaction_asks_for_is_invisible_until_it_is_finished(call: Any) -> None:
    within = start(call)
    assert is_id(within)
    call("CreateRepo", create_repo("a"), within)
    call("CreateBranch", pfs.CreateBranchRequest(branch=branch("a@x")), within)
    assert repos(call) == []
    info = finish(call, within)
    assert repos(call) == ["a"]
    assert [stored.HasField("create_branch") for stored in info.requests] == [False, True]
    with pytest.raises(grpc.RpcError, match="not found"):
        inspect(call, within)


def test_a_commit_of_a_transaction_has_its_id(call: Any) -> None:
    within = start(call)
    call("CreateRepo", create_repo("a"), within)
    answer = call("StartCommit", pfs.StartCommitRequest(branch=branch("a@master")), within)
    assert answer.id == within
    info = inspect(call, within)
    assert [response.commit.id for response in info.responses] == ["", within]
    assert info.version == 2
    finish(call, within)
    assert commits(call, "a") == [within]


def test_two_inputs_of_one_transaction_give_one_commit_downstream(call: Any) -> None:
    """F9.104."""
    for name in ("a", "b", "c"):
        call("CreateRepo", create_repo(name))
    provenance = [branch("a@master"), branch("b@master")]
    call("CreateBranch", pfs.CreateBranchRequest(branch=branch("c@master"), provenance=provenance))
    before = commits(call, "c")
    within = start(call)
    for name in ("a@master", "b@master"):
        started = call("StartCommit", pfs.StartCommitRequest(branch=branch(name)), within)
        call("FinishCommit", pfs.FinishCommitRequest(commit=started), within)
    finish(call, within)
    assert commits(call, "c") == [within, *before]


def test_deleting_a_transaction_leaves_nothing(call: Any) -> None:
    within = start(call)
    call("CreateRepo", create_repo("a"), within)
    delete = api.DeleteTransactionRequest(transaction=api.Transaction(id=within))
    call(API + "DeleteTransaction", delete)
    assert repos(call) == []
    with pytest.raises(grpc.RpcError) as caught:
        call(API + "DeleteTransaction", delete)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_request_that_fails_is_not_kept_and_says_which_it_was(call: Any) -> None:
    within = start(call)
    call("CreateRepo", create_repo("a"), within)
    with pytest.raises(grpc.RpcError, match="error running request 2 of 2: repo default/a already exists"):
        call("CreateRepo", create_repo("a"), within)
    assert len(inspect(call, within).requests) == 1
    finish(call, within)
    assert repos(call) == ["a"]


def test_what_the_end_would_find_wrong_shows_when_it_is_asked_for(call: Any) -> None:
    for name in ("a", "b", "c"):
        call("CreateRepo", create_repo(name))
    for name in ("a@x", "a@y"):
        call("CreateBranch", pfs.CreateBranchRequest(branch=branch(name)))
    within = start(call)
    upstream = pfs.CreateBranchRequest(branch=branch("b@x"), provenance=[branch("a@x")])
    call("CreateBranch", upstream, within)
    both = pfs.CreateBranchRequest(branch=branch("c@x"), provenance=[branch("b@x"), branch("a@y")])
    with pytest.raises(grpc.RpcError, match="cannot participate in a DAG"):
        call("CreateBranch", both, within)
    assert len(inspect(call, within).requests) == 1


def test_a_finish_that_fails_keeps_the_transaction_and_changes_nothing(call: Any) -> None:
    within = start(call)
    call("CreateRepo", create_repo("a"), within)
    call("CreateRepo", create_repo("b"), within)
    call("CreateRepo", create_repo("b"))
    with pytest.raises(grpc.RpcError, match=r"error running request 2 of 2: .*already exists"):
        finish(call, within)
    assert repos(call) == ["b"]
    assert len(inspect(call, within).requests) == 2


def test_a_batch_is_all_or_nothing(call: Any) -> None:
    requests = [api.TransactionRequest(create_repo=create_repo(name)) for name in ("a", "b")]
    more = api.TransactionRequest(start_commit=pfs.StartCommitRequest(branch=branch("a@master")))
    info = call(API + "BatchTransaction", api.BatchTransactionRequest(requests=[*requests, more]))
    assert repos(call) == ["a", "b"]
    assert info.responses[2].commit.id == info.transaction.id == commits(call, "a")[0]
    wrong = [api.TransactionRequest(create_repo=create_repo(name)) for name in ("c", "a")]
    with pytest.raises(grpc.RpcError, match="error running request 2 of 2"):
        call(API + "BatchTransaction", api.BatchTransactionRequest(requests=wrong))
    assert repos(call) == ["a", "b"]


def test_a_request_of_no_kind_is_refused(call: Any) -> None:
    with pytest.raises(grpc.RpcError, match="unrecognized transaction request type"):
        call(API + "BatchTransaction", api.BatchTransactionRequest(requests=[api.TransactionRequest()]))


def test_an_empty_id_means_no_transaction(call: Any) -> None:
    call("CreateRepo", create_repo("a"), "")
    assert repos(call) == ["a"]


def test_an_id_that_is_gone_harms_only_what_would_join_it(call: Any) -> None:
    call("CreateRepo", create_repo("a"), "")
    gone = "0123456789ab4def0123456789abcdef"
    assert call("InspectRepo", pfs.InspectRepoRequest(repo=repo("a")), gone).repo.name == "a"
    put = pfs.ModifyFileRequest(set_commit=pfs.Commit(branch=branch("a@master")))
    call("ModifyFile", iter([put]), gone)
    with pytest.raises(grpc.RpcError) as caught:
        call("CreateRepo", create_repo("b"), gone)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_files_are_refused_while_the_transaction_is_open(call: Any) -> None:
    call("CreateRepo", create_repo("a"))
    put = pfs.ModifyFileRequest(set_commit=pfs.Commit(branch=branch("a@master")))
    within = start(call)
    with pytest.raises(grpc.RpcError, match=NO_FILES):
        call("ModifyFile", iter([put]), within)
    assert commits(call, "a") == []


def test_transactions_are_listed_newest_first_and_deleted_all_at_once(call: Any) -> None:
    opened = [start(call), start(call)]
    found = call(API + "ListTransaction", api.ListTransactionRequest()).transaction_info
    assert [info.transaction.id for info in found] == opened[::-1]
    assert all(info.started.seconds for info in found)
    call(API + "DeleteAll", api.DeleteAllRequest())
    assert not call(API + "ListTransaction", api.ListTransactionRequest()).transaction_info


def test_open_transactions_survive_a_restart(engine: Pfs, call: Any, tmp_path: Any) -> None:
    within = start(call)
    call("CreateRepo", create_repo("a"), within)
    engine.close()
    again = Pfs.open(tmp_path / "data")
    try:
        handlers = with_transactions(again, pfs_repos.handlers(again))
        info = handlers[API + "FinishTransaction"](
            api.FinishTransactionRequest(transaction=api.Transaction(id=within)), Call()
        )
    finally:
        again.close()
    assert len(info.requests) == 1


def test_trying_is_not_doing(engine: Pfs, call: Any) -> None:
    """What is tried leaves no trace, not even in the ledger."""
    from calf.db import ledger

    within = start(call)
    call("CreateRepo", create_repo("a"), within)
    with engine.read() as tx:
        kinds = [event.kind for event in ledger.read(tx, 0, 100)]
    assert kinds == ["project-created"]
    assert google.Empty() == call("CreateRepo", create_repo("b"), within)
