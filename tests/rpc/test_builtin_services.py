"""What clients ask before anything else, and how they recognise that auth is off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.model.names import is_id
from calf.pfs.engine import Pfs
from calf.rpc.admin import handlers as admin_handlers
from calf.rpc.builtin import builtin_handlers
from calf.rpc.call import Call
from calf.wire.messages import admin, google, health, version
from calf.wire.messages import pfs as pfs_api
from calf.wire.methods import load_methods

INSPECT = "/admin_v2.API/InspectCluster"
AUTH_OFF = "the auth service is not activated"
AUTH = ("auth_v2.API", "identity_v2.API")
PROBES = [path for path, method in load_methods().items() if method.service in AUTH]
PROBES += ["/license_v2.API/DeleteAll", "/pfs_v2.API/ActivateAuth", "/pps_v2.API/ActivateAuth"]


@pytest.fixture
def call(serve: Any, ask: Any, tmp_path: Path) -> Any:
    pfs = Pfs.open(tmp_path)
    yield ask(serve({**builtin_handlers(), **admin_handlers(pfs)}))
    pfs.close()


def test_the_version_is_one_of_the_2_line(call: Any) -> None:
    found = call("/versionpb_v2.API/GetVersion", google.Empty())
    assert (found.major, found.minor, found.additional) == (2, 12, "-calf")


def test_inspect_cluster_names_the_deployment_and_warns_of_nothing(call: Any) -> None:
    info = call(INSPECT, admin.InspectClusterRequest())
    assert info.deployment_id == info.id
    assert is_id(info.id)
    assert info.warnings_ok
    assert [*info.warnings, info.paused, info.pending_restart] == [False, False]


def test_the_deployment_stays_the_same_over_restarts(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        pfs = Pfs.open(tmp_path)
        seen.append(admin_handlers(pfs)[INSPECT](admin.InspectClusterRequest(), Call()).deployment_id)
        pfs.close()
    assert seen[0] == seen[1]


@pytest.mark.parametrize(("number", "count"), [("2.7.0", 0), ("2.12.9", 0), ("2.13.0", 1), ("1.13.0", 1)])
def test_a_client_of_another_line_is_warned(call: Any, number: str, count: int) -> None:
    major, minor, micro = map(int, number.split("."))
    client = version.Version(major=major, minor=minor, micro=micro)
    assert len(call(INSPECT, admin.InspectClusterRequest(client_version=client)).warnings) == count


def test_a_current_project_that_is_not_there_is_warned_of(call: Any) -> None:
    for name, count in (("default", 0), ("nowhere", 1)):
        request = admin.InspectClusterRequest(current_project=pfs_api.Project(name=name))
        assert len(call(INSPECT, request).warnings) == count


def test_restarting_is_the_owners_matter(call: Any) -> None:
    with pytest.raises(grpc.RpcError, match="does not restart itself"):
        call("/admin_v2.API/RestartPachyderm", admin.RestartPachydermRequest())


def test_health_is_serving_and_watching_ends_with_the_call(call: Any) -> None:
    request = health.HealthCheckRequest()
    assert call("/grpc.health.v1.Health/Check", request).status == health.HealthCheckResponse.SERVING
    watch = call("/grpc.health.v1.Health/Watch", request)
    assert next(watch).status == health.HealthCheckResponse.SERVING
    watch.cancel()


def test_everything_of_auth_says_that_auth_is_off(call: Any) -> None:
    assert len(PROBES) > 20
    for path in PROBES:
        with pytest.raises(grpc.RpcError) as caught:
            call(path, load_methods()[path].request())
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.UNIMPLEMENTED, AUTH_OFF)


def test_enterprise_is_none_and_licences_are_gone(call: Any) -> None:
    table = load_methods()
    state = call("/enterprise_v2.API/GetState", table["/enterprise_v2.API/GetState"].request())
    assert state.state == 0
    path = "/license_v2.API/ListUserClusters"
    assert not call(path, table[path].request()).clusters
    with pytest.raises(grpc.RpcError, match="enterprise server is deprecated"):
        call("/enterprise_v2.API/Activate", table["/enterprise_v2.API/Activate"].request())
    with pytest.raises(grpc.RpcError, match="license server is deprecated"):
        call("/license_v2.API/GetActivationCode", table["/license_v2.API/GetActivationCode"].request())
