"""python-pachyderm and a server that other machines may reach: over TLS, with a token."""

from __future__ import annotations

import grpc
import pytest
import python_pachyderm


def test_by_host_port_token_and_certificate(guarded):
    host, _, port = guarded.address.rpartition(":")
    client = python_pachyderm.Client(
        host, int(port), auth_token=guarded.token, root_certs=guarded.certificate, tls=True
    )
    client.create_repo("files")
    with client.commit("files", "master") as commit:
        client.put_file_bytes(commit, "/file", b"x" * 5_000_000)
    assert len(client.get_file(commit, "/file").read()) == 5_000_000


def test_by_address_and_by_configuration(guarded, tmp_path, monkeypatch):
    by_address = python_pachyderm.Client.new_from_pachd_address(
        f"grpcs://{guarded.address}", auth_token=guarded.token, root_certs=guarded.certificate
    )
    by_address.create_repo("two")
    file = guarded.config(tmp_path)
    with file.open() as config:
        assert python_pachyderm.Client.new_from_config(config).inspect_repo("two")
    monkeypatch.setenv("PACH_CONFIG", str(file))
    assert python_pachyderm.Client().inspect_repo("two")


def test_the_token_of_the_environment(guarded, monkeypatch):
    monkeypatch.setenv("PACH_PYTHON_AUTH_TOKEN", guarded.token)
    host, _, port = guarded.address.rpartition(":")
    client = python_pachyderm.Client(host, int(port), root_certs=guarded.certificate)
    assert client.get_remote_version().additional == "-calf"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "no authentication token (try logging in)"),
        ("x" * 64, "provided auth token is corrupted or has expired (try logging in again)"),
    ],
)
def test_no_token_or_a_wrong_one_is_refused(guarded, token, said):
    host, _, port = guarded.address.rpartition(":")
    client = python_pachyderm.Client(host, int(port), auth_token=token, root_certs=guarded.certificate)
    for ask in (lambda: client.create_repo("never"), lambda: list(client.list_repo())):
        with pytest.raises(grpc.RpcError) as refused:
            ask()
        assert (refused.value.code(), refused.value.details()) == (grpc.StatusCode.UNAUTHENTICATED, said)
