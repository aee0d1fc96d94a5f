"""python-pachyderm 7.6.0: every method about auth, enterprise, identity, licence, admin, health, version and
debugging."""

import sys
import tempfile

import grpc
import python_pachyderm
from google.protobuf import duration_pb2
from python_pachyderm.errors import AuthServiceNotActivated
from python_pachyderm.mixin.auth import AuthMixin
from python_pachyderm.mixin.enterprise import EnterpriseMixin
from python_pachyderm.mixin.identity import IdentityMixin
from python_pachyderm.mixin.license import LicenseMixin
from walking import outcome, public_methods, sample_arguments

host, port = sys.argv[1].rsplit(":", 1)
client = python_pachyderm.Client(host, int(port))
AUTH_OFF = (grpc.StatusCode.UNIMPLEMENTED, "the auth service is not activated")
NOT_OFFERED_BY_THE_CLIENT = {"extract_auth_tokens", "restore_auth_token"}
RAISES_ITS_OWN = {
    "deactivate_auth": client.deactivate_auth,
    "delete_all_identity": client.delete_all_identity,
    "delete_all_license": client.delete_all_license,
}


def walk(mixin, answered, expected):
    for name, method in public_methods(mixin).items():
        if name in answered or name in NOT_OFFERED_BY_THE_CLIENT or name in RAISES_ITS_OWN:
            continue
        found = outcome(getattr(client, name), **sample_arguments(method))
        assert found == expected, (name, found)


walk(AuthMixin, {}, AUTH_OFF)
walk(IdentityMixin, {}, AUTH_OFF)
deprecated = (grpc.StatusCode.UNIMPLEMENTED, "license server is deprecated")
assert client.list_user_clusters() is not None
walk(LicenseMixin, {"list_user_clusters", "get_activation_code"}, deprecated)
deprecated = (grpc.StatusCode.UNIMPLEMENTED, "enterprise server is deprecated")
walk(EnterpriseMixin, {"get_enterprise_state", "get_pause_status", "get_activation_code"}, deprecated)
assert "deprecated" in outcome(client.get_activation_code)[1]
for name, method in RAISES_ITS_OWN.items():
    try:
        method()
        raise AssertionError(f"{name} must find auth off")
    except AuthServiceNotActivated:
        pass

assert client.get_enterprise_state().state == 0
assert client.get_pause_status().status == 0
assert client.health_check().status == 1
assert (client.get_remote_version().major, client.get_remote_version().minor) == (2, 12)
cluster = client.inspect_cluster()
assert cluster.deployment_id == cluster.id

# the deployment id is checked against the configuration
CONFIG = '{"v2": {"active_context": "a", "contexts": {"a": {"pachd_address": "grpc://%s", %s}}}}'
with tempfile.TemporaryFile("w+") as file:
    file.write(CONFIG % (sys.argv[1], f'"cluster_deployment_id": "{cluster.deployment_id}"'))
    file.seek(0)
    assert python_pachyderm.Client.new_from_config(file).get_remote_version().major == 2

assert all(chunk.content.content for chunk in client.dump())
assert client.get_dump_template().system.version
assert b"".join(client.profile_cpu(duration_pb2.Duration(nanos=20_000_000)))
assert b"".join(client.binary())

# a token is ignored while auth is off
client.auth_token = "whatever"
assert client.get_remote_version().major == 2
assert list(client.list_repo()) == []
print("ok")
