"""What the stage of a spout may ask of the server: all reads, and writes of its own output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.model.refs import Pipeline, Repo
from calf.pfs import repos
from calf.pfs.engine import Pfs
from calf.rpc import pfs_commits, pfs_files, pfs_modify_file, pfs_repos
from calf.rpc.call import Call
from calf.rpc.stage_api import serve_stage_api
from calf.rpc.transactions import with_transactions
from calf.wire.messages import pfs as api
from calf.wire.messages import transaction
from calf.wire.methods import load_methods
from tests.fresh_folder import lay


@pytest.fixture
def pfs(tmp_path: Path) -> Iterator[Pfs]:
    opened = Pfs.open(lay(tmp_path / "data"))
    with opened.transaction() as txn:
        for name in ("mine", "other"):
            repos.create(txn, Repo("default", name))
    yield opened
    opened.close()


@pytest.fixture
def call(pfs: Pfs, tmp_path: Path) -> Iterator[Any]:
    """Calls a method of pfs as the stage of spout `mine` does."""
    parts = (pfs_commits, pfs_files, pfs_modify_file, pfs_repos)
    handlers = {path: it for part in parts for path, it in part.handlers(pfs).items()}
    close = serve_stage_api(handlers, tmp_path / "s", Pipeline("default", "mine"))
    with grpc.insecure_channel(f"unix:{tmp_path / 's'}") as channel:

        def ask(name: str, request: Any, **more: Any) -> Any:
            method = load_methods()[f"/pfs_v2.API/{name}"]
            kind = "stream_unary" if method.client_streaming else "unary_unary"
            kind = "unary_stream" if method.server_streaming else kind
            to, back = method.request.SerializeToString, method.response.FromString
            stub = getattr(channel, kind)(
                f"/pfs_v2.API/{name}", request_serializer=to, response_deserializer=back
            )
            answer = stub(request, timeout=20, **more)
            return list(answer) if method.server_streaming else answer

        yield ask
    close()


def branch(repo: str) -> Any:
    return api.Branch(repo=api.Repo(name=repo, type="user"), name="master")


def modify(repo: str, **file: Any) -> Iterator[Any]:
    yield api.ModifyFileRequest(set_commit=api.Commit(branch=branch(repo)))
    yield api.ModifyFileRequest(add_file=api.AddFile(path="/f", **file))


def denied(call: Any, name: str, request: Any) -> str:
    with pytest.raises(grpc.RpcError) as refused:
        call(name, request)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    return str(refused.value.details())


def test_it_reads_everything_and_writes_its_own_output(call: Any) -> None:
    commit = call("StartCommit", api.StartCommitRequest(branch=branch("mine")))
    call("ModifyFile", modify("mine", raw={"value": b"text"}))
    call("FinishCommit", api.FinishCommitRequest(commit=commit))
    (piece,) = call("GetFile", api.GetFileRequest(file=api.File(commit=commit, path="/f")))
    assert piece.value == b"text"
    assert len(call("ListRepo", api.ListRepoRequest())) == 2


def test_it_writes_nothing_else(call: Any) -> None:
    said = "a stage may write its own output, default/mine, and nothing else: not default/other"
    assert denied(call, "StartCommit", api.StartCommitRequest(branch=branch("other"))) == said
    assert denied(call, "ModifyFile", modify("other", raw={"value": b"text"})) == said
    for name in ("CreateRepo", "DeleteRepo", "DeleteRepos"):
        request = load_methods()[f"/pfs_v2.API/{name}"].request()
        assert denied(call, name, request) == f"a stage may not call pfs_v2.API/{name}"


def test_the_server_reaches_no_url_for_it(call: Any) -> None:
    url = "http://127.0.0.1:1/"
    assert url in denied(call, "ModifyFile", modify("mine", url=api.AddFile.URLSource(URL=url)))
    file = api.File(commit=api.Commit(branch=branch("mine")), path="/f")
    assert url in denied(call, "GetFile", api.GetFileRequest(file=file, URL=url))


def test_a_transaction_that_it_names_is_not_used(pfs: Pfs, call: Any) -> None:
    opened = with_transactions(pfs, {})["/transaction_v2.API/StartTransaction"](None, Call())
    as_in = {"metadata": (("pach-transaction", opened.id),)}
    commit = call("StartCommit", api.StartCommitRequest(branch=branch("mine")), **as_in)
    assert commit.id != opened.id
    call("FinishCommit", api.FinishCommitRequest(commit=commit), **as_in)
    info = call("InspectCommit", api.InspectCommitRequest(commit=commit))
    assert info.HasField("finished")
    read = with_transactions(pfs, {})["/transaction_v2.API/InspectTransaction"]
    assert not read(transaction.InspectTransactionRequest(transaction=opened), Call()).requests
