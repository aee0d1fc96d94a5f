"""What clients ask before anything else, and how they recognise that auth is off."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from calf.rpc.builtin import builtin_handlers
from calf.wire.messages import admin, google, health
from calf.wire.methods import load_methods

AUTH_OFF = "the auth service is not activated"
PROBES = [path for path, method in load_methods().items() if method.service == "auth_v2.API"]
PROBES += ["/identity_v2.API/DeleteAll", "/license_v2.API/DeleteAll"]


@pytest.fixture
def call(serve: Any, ask: Any) -> Any:
    return ask(serve(builtin_handlers("c0ffee")))


def test_the_version_is_one_of_the_2_line(call: Any) -> None:
    version = call("/versionpb_v2.API/GetVersion", google.Empty())
    assert (version.major, version.minor, version.additional) == (2, 12, "-calf")


def test_inspect_cluster_names_the_deployment_and_warns_of_nothing(call: Any) -> None:
    info = call("/admin_v2.API/InspectCluster", admin.InspectClusterRequest())
    assert info.deployment_id == info.id == "c0ffee"
    assert info.warnings_ok
    assert [*info.warnings, info.paused, info.pending_restart] == [False, False]


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
