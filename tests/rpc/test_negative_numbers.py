"""How much a client wants: a negative number is its mistake, whatever it counts."""

from __future__ import annotations

from typing import Any

import pytest

from calf.client.connection import connect
from calf.model.errors import InvalidArgument
from calf.wire.messages import Message, logs, pfs, pps

COMMIT = pfs.Commit(repo=pfs.Repo(name="a", type="user", project=pfs.Project(name="default")), id="master")
JOB = pps.Job(pipeline=pps.Pipeline(name="p", project=pfs.Project(name="default")), id="0" * 32)
PAGE = {"page_size": -1}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from calf.daemon.build import start
    from calf.daemon.config import Config

    server = start(Config(tmp_path_factory.mktemp("home"), "127.0.0.1:0"), lambda _where, _error: None)
    with connect(server.address) as client:
        yield client
    server.stop()


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("ListJob", pps.ListJobRequest(number=-1)),
        ("ListJobSet", pps.ListJobSetRequest(number=-1)),
        ("ListPipeline", pps.ListPipelineRequest(page=PAGE)),
        ("ListDatum", pps.ListDatumRequest(number=-1, job=JOB)),
        ("GetLogs", pps.GetLogsRequest(master=True, tail=-1)),
    ],
)
def test_of_pipelines_jobs_and_datums(client: Any, method: str, request_: Message) -> None:
    with pytest.raises(InvalidArgument, match="must not be negative"):
        list(getattr(client.pps, method)(request_))


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("ListRepo", pfs.ListRepoRequest(page=PAGE)),
        ("ListFile", pfs.ListFileRequest(file=pfs.File(commit=COMMIT, path="/"), number=-1)),
    ],
)
def test_of_repos_commits_and_files(client: Any, method: str, request_: Message) -> None:
    with pytest.raises(InvalidArgument, match="must not be negative"):
        list(getattr(client.pfs, method)(request_))


def test_a_number_beyond_all_records_is_as_good_as_none(client: Any) -> None:
    page = {"page_size": 2**63 - 1, "page_index": 2**63 - 1}
    assert list(client.pps.ListPipeline(pps.ListPipelineRequest(page=page))) == []
    request = logs.GetLogsRequest(query={"user": {"project": "default"}})
    request.filter.limit = request.filter.time_range.offset = 2**64 - 1
    request.want_paging_hint = True
    answer = client.call("/logs.API/GetLogs", request)
    assert [it.WhichOneof("response_type") for it in answer] == ["paging_hint"]
