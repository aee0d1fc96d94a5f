"""Repos with files to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client, connect
from calf.web.app import make_app
from calf.web.upstream import Upstream
from calf.wire.messages import Message, google, pfs
from tests.conftest import serving

HOST = "127.0.0.1:4000"
REPO = "/p/default/repos/data"

Put = Callable[..., str]
"""Puts files by path into the repo `data`, as one commit; gives its id. `None` removes a file."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A connection to a server for a whole module, with an empty repo `data`."""
    with (
        serving(tmp_path_factory.mktemp("web") / "home") as server,
        connect(server.address) as client,
    ):
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo()))
        yield client


@pytest.fixture(scope="module")
def web(shared: Client) -> Iterator[TestClient]:
    """The dashboard of that server."""
    upstream = Upstream(shared.target)
    made = TestClient(make_app(upstream, [HOST]), base_url=f"http://{HOST}", raise_server_exceptions=True)
    with made:
        yield made


@pytest.fixture(scope="module")
def put(shared: Client) -> Put:
    """See `Put`."""

    def put_files(files: Mapping[str, bytes | None], branch: str = "master", name: str = "data") -> str:
        target = pfs.Branch(repo=repo(name), name=branch)
        commit = shared.pfs.StartCommit(pfs.StartCommitRequest(branch=target))
        requests = [(pfs.ModifyFileRequest(set_commit=commit), None)]
        for path, content in files.items():
            requests.append((pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path)), None))
            if content is not None:
                add = pfs.AddFile(path=path, raw=google.BytesValue(value=content))
                requests.append((pfs.ModifyFileRequest(add_file=add), None))
        shared.send("/pfs_v2.API/ModifyFile", iter(requests))
        shared.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
        return str(commit.id)

    return put_files


def repo(name: str = "data") -> Message:
    """A repo of the project `default`."""
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))
