"""Every call about the server itself, and about what is off: auth, identity, enterprise, licence."""

from __future__ import annotations

import io
import json

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from python_pachyderm import BadClusterDeploymentID, Client, RpcError
from python_pachyderm.errors import AuthServiceNotActivated
from python_pachyderm.service import auth_proto, debug_proto, health_proto, identity_proto

CLUSTER = auth_proto.Resource(type=auth_proto.CLUSTER)
AUTH_OFF = {
    "activate_auth": ("root",),
    "get_auth_configuration": (),
    "set_auth_configuration": (auth_proto.OIDCConfig(issuer="http://localhost:1658"),),
    "get_role_binding": (CLUSTER,),
    "modify_role_binding": (CLUSTER, "user:someuser", ["clusterAdmin"]),
    "get_oidc_login": (),
    "authenticate_oidc": ("state",),
    "authenticate_id_token": ("token",),
    "authorize": (CLUSTER, [auth_proto.Permission.REPO_READ]),
    "who_am_i": (),
    "get_roles_for_permission": (auth_proto.Permission.REPO_READ,),
    "get_robot_token": ("robot", 30),
    "revoke_auth_token": ("token",),
    "set_groups_for_user": ("user:someuser", ["group"]),
    "modify_members": ("group", ["user:one"], ["user:two"]),
    "get_groups": (),
    "get_users": ("group",),
    "set_identity_server_config": (identity_proto.IdentityServerConfig(issuer="http://localhost:1658"),),
    "get_identity_server_config": (),
    "create_idp_connector": (identity_proto.IDPConnector(id="id", type="github"),),
    "update_idp_connector": (identity_proto.IDPConnector(id="id"),),
    "list_idp_connectors": (),
    "get_idp_connector": ("id",),
    "delete_idp_connector": ("id",),
    "create_oidc_client": (identity_proto.OIDCClient(id="id"),),
    "update_oidc_client": (identity_proto.OIDCClient(id="id"),),
    "get_oidc_client": ("id",),
    "delete_oidc_client": ("id",),
    "list_oidc_clients": (),
}
DEPRECATED = {
    "activate_license": ("code",),
    "add_cluster": ("id", "grpc://localhost:1650"),
    "update_cluster": ("id", "grpc://localhost:1650"),
    "delete_cluster": ("id",),
    "list_clusters": (),
    "get_activation_code": (),
    "activate_enterprise": ("grpc://localhost:1650", "id", "secret"),
    "deactivate_enterprise": (),
    "pause_enterprise": (),
    "unpause_enterprise": (),
}


@pytest.mark.parametrize(("name", "arguments"), AUTH_OFF.items())
def test_auth_and_identity_are_off(client, name, arguments):
    with pytest.raises(RpcError) as caught:
        getattr(client, name)(*arguments)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == "the auth service is not activated"
    assert isinstance(AuthServiceNotActivated.try_from(caught.value), AuthServiceNotActivated)


@pytest.mark.parametrize("name", ["deactivate_auth", "delete_all_identity", "delete_all_license"])
def test_the_client_knows_that_auth_is_off(client, name):
    with pytest.raises(AuthServiceNotActivated):
        getattr(client, name)()


@pytest.mark.parametrize(("name", "arguments"), DEPRECATED.items())
def test_enterprise_and_licence_are_gone(client, name, arguments):
    with pytest.raises(RpcError, match=r"(enterprise|license) server is deprecated"):
        getattr(client, name)(*arguments)


def test_what_enterprise_can_say_without_a_licence(client):
    state = client.get_enterprise_state()
    assert (state.state, state.activation_code) == (0, "")
    assert client.get_pause_status().status == 0
    assert list(client.list_user_clusters()) == []


def test_who_serves(client):
    version, cluster = client.get_remote_version(), client.inspect_cluster()
    assert (version.major, version.minor) == (2, 12)
    assert cluster.id == cluster.deployment_id != ""
    assert client.health_check().status == health_proto.HealthCheckResponse.SERVING


def _config(address, **context):
    context = {"pachd_address": f"grpc://{address}", **context}
    return io.StringIO(json.dumps({"v2": {"active_context": "local", "contexts": {"local": context}}}))


def test_every_way_to_connect(pachd, client, monkeypatch, tmp_path):
    deployment = client.inspect_cluster().deployment_id
    host, _, port = pachd.rpartition(":")
    monkeypatch.setenv("PACHD_PEER_SERVICE_HOST", host)
    monkeypatch.setenv("PACHD_PEER_SERVICE_PORT", port)
    (tmp_path / "config.json").write_text(_config(pachd).read())
    monkeypatch.setenv("PACH_CONFIG", str(tmp_path / "config.json"))
    for found in (
        Client(),
        Client("localhost", int(port)),
        Client.new_in_cluster(),
        Client.new_from_pachd_address(f"grpc://{pachd}"),
        Client.new_from_config(_config(pachd, session_token="any", cluster_deployment_id=deployment)),
    ):
        assert found.inspect_cluster().deployment_id == deployment
    with pytest.raises(BadClusterDeploymentID):
        Client.new_from_config(_config(pachd, cluster_deployment_id="another"))


def test_the_client_goes_on_where_pachctl_is(pachctl, pachd, projects, monkeypatch, tmp_path):
    pachctl("connect", f"grpc://{pachd}")
    pachctl("start", "transaction")
    monkeypatch.setenv("PACH_CONFIG", str(tmp_path / "config.json"))
    with_transaction = Client()
    with_transaction.create_repo("r", project_name=projects[0].name)
    assert list(with_transaction.list_repo(projects_filter=projects)) == []
    pachctl("finish", "transaction")
    with (tmp_path / "config.json").open() as config:
        found = Client.new_from_config(config).list_repo(projects_filter=projects)
    assert [info.repo.name for info in found] == ["r"]


def test_a_stale_transaction_in_the_configuration_does_not_hinder_looking(pachd, scene):
    stale = _config(pachd, active_transaction="6fe754facd9c41e99d04e1037e3be9ee")
    assert scene.repo in [info.repo.name for info in Client.new_from_config(stale).list_repo()]


def test_a_token_is_ignored_while_auth_is_off(client, scene):
    client.auth_token = "whatever"
    assert client.get_remote_version().major == 2
    assert scene.repo in [info.repo.name for info in client.list_repo()]


def test_debugging(client, scene):
    template = client.get_dump_template()
    assert template.system.version
    assert all(chunk.content.content for chunk in client.dump())
    assert b"".join(client.profile_cpu(Duration(nanos=10_000_000)))
    assert b"".join(client.binary())
    assert all(chunk.WhichOneof("chunk") for chunk in client.dump(system=template.system))
    assert list(client.dump(pipelines=[debug_proto.Pipeline(name=scene.pipeline)], input_repos=True))
    pachd = debug_proto.Filter(pachd=True)
    assert all(client.profile_cpu(Duration(nanos=10_000_000), pachd))
    assert next(client.binary(pachd))
    level = debug_proto.SetLogLevelRequest.LogLevel
    assert client.set_log_level(level.INFO, level.INFO, Duration(seconds=1)) is not None
