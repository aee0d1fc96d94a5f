"""pachyderm-sdk 2.12.2: every method about auth, enterprise, identity, licence, admin, version, debugging."""

import sys
from datetime import timedelta

import grpc
from pachyderm_sdk import Client
from pachyderm_sdk.api import debug
from pachyderm_sdk.api.auth import ApiStub as Auth
from pachyderm_sdk.api.enterprise import ApiStub as Enterprise
from pachyderm_sdk.api.enterprise import PauseStatusResponsePauseStatus, State
from pachyderm_sdk.api.identity import ApiStub as Identity
from pachyderm_sdk.api.license import ApiStub as License
from pachyderm_sdk.errors import AuthServiceNotActivated
from walking import outcome, public_methods

client = Client.from_pachd_address(sys.argv[1])


def auth_is_off(owner, stub):
    for name in public_methods(stub):
        try:
            getattr(owner, name)()
            raise AssertionError(f"{name} must find auth off")
        except AuthServiceNotActivated:
            pass


def is_deprecated(owner, stub, text, answered):
    for name in set(public_methods(stub)) - answered:
        found = outcome(getattr(owner, name))
        assert found == (grpc.StatusCode.UNIMPLEMENTED, text), (name, found)


auth_is_off(client.auth, Auth)
auth_is_off(client.identity, Identity)
is_deprecated(client.enterprise, Enterprise, "enterprise server is deprecated", {"get_state", "pause_status"})
is_deprecated(client.license, License, "license server is deprecated", {"list_user_clusters", "delete_all"})
try:
    client.license.delete_all()
    raise AssertionError("delete_all must find auth off")
except AuthServiceNotActivated:
    pass
assert client.license.list_user_clusters().clusters == []
assert client.enterprise.get_state().state == State.NONE
assert client.enterprise.pause_status().status == PauseStatusResponsePauseStatus.UNPAUSED
cluster = client.admin.inspect_cluster()
assert cluster.deployment_id == cluster.id
assert cluster.warnings == []
assert client.get_version().major == 2
assert "does not restart itself" in outcome(client.admin.restart_pachyderm)[1]

assert list(client.debug.dump())
assert client.debug.get_dump_v2_template().request.system.version
profile = debug.Profile(name="cpu", duration=timedelta(milliseconds=20))
assert b"".join(chunk.value for chunk in client.debug.profile(profile=profile))
assert b"".join(chunk.value for chunk in client.debug.binary())
level = debug.SetLogLevelRequestLogLevel.INFO
assert client.debug.set_log_level(pachyderm=level).affected_pods == ["pachd"]
for refused in (client.debug.trace, client.debug.run_pfs_load_test, client.debug.run_pfs_load_test_default):
    assert outcome(refused)[0] is grpc.StatusCode.UNIMPLEMENTED

# a token is ignored while auth is off
client.auth_token = "whatever"
assert client.get_version().major == 2
assert list(client.pfs.list_repo()) == []
print("ok")
