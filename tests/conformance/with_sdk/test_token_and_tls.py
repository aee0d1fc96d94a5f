"""pachyderm-sdk and a server that other machines may reach: over TLS, with a token."""

from __future__ import annotations

import grpc
import pytest
from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs


def _repo(name: str) -> pfs.Repo:
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))


def test_by_host_port_token_and_certificate(guarded):
    host, _, port = guarded.address.rpartition(":")
    client = Client(host, int(port), auth_token=guarded.token, root_certs=guarded.certificate, tls=True)
    client.pfs.create_repo(repo=_repo("files"))
    with client.pfs.commit(branch=pfs.Branch(repo=_repo("files"), name="master")) as commit:
        commit.put_file_from_bytes("/file", b"x" * 5_000_000)
    with client.pfs.pfs_file(pfs.File(commit=commit, path="/file")) as stream:
        assert len(stream.read()) == 5_000_000


def test_by_address_and_by_configuration(guarded, tmp_path):
    url = f"grpcs://{guarded.address}"
    by_address = Client.from_pachd_address(url, auth_token=guarded.token, root_certs=guarded.certificate)
    by_config = Client.from_config(guarded.config(tmp_path))
    by_address.pfs.create_repo(repo=_repo("two"))
    assert by_config.pfs.inspect_repo(repo=_repo("two")).repo == _repo("two")


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "no authentication token (try logging in)"),
        ("x" * 64, "provided auth token is corrupted or has expired (try logging in again)"),
    ],
)
def test_no_token_or_a_wrong_one_is_refused(guarded, fails, token, said):
    url = f"grpcs://{guarded.address}"
    client = Client.from_pachd_address(url, auth_token=token, root_certs=guarded.certificate)
    refused = (grpc.StatusCode.UNAUTHENTICATED, said)
    assert fails(client.pfs.create_repo, repo=_repo("never")) == refused
    assert fails(client.pfs.list_repo) == refused
    assert fails(client.get_version) == refused
    requests = [pfs.ModifyFileRequest(set_commit=pfs.Commit(repo=_repo("files"), id="master"))]
    assert fails(client.pfs.modify_file, iter(requests)) == refused
