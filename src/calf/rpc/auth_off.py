"""Auth, enterprise, licence and identity, all of them off: the answers by which clients recognise that.

`client.delete_all()` of python-pachyderm and every command of pachctl probe some of these and go by the text.
"""

from __future__ import annotations

from typing import Any, NoReturn

from calf.model.errors import Unimplemented
from calf.rpc.call import Call, Handler, Handlers
from calf.wire.messages import enterprise, licence
from calf.wire.methods import load_methods

AUTH_OFF = "the auth service is not activated"
_AUTH = ("auth_v2.API", "identity_v2.API")
_ALSO_AUTH = ("/license_v2.API/DeleteAll", "/pfs_v2.API/ActivateAuth", "/pps_v2.API/ActivateAuth")
_DEPRECATED = {
    "enterprise_v2.API": "enterprise server is deprecated",
    "license_v2.API": "license server is deprecated",
}


def handlers() -> Handlers:
    """Every method of the four services, and what pfs and pps do when auth is turned on."""
    found: dict[str, Handler] = {}
    for path, method in load_methods().items():
        if method.service in _AUTH or path in _ALSO_AUTH:
            found[path] = _refuse(AUTH_OFF)
        elif method.service in _DEPRECATED:
            found[path] = _refuse(_DEPRECATED[method.service])
    found["/enterprise_v2.API/GetState"] = get_state
    found["/enterprise_v2.API/PauseStatus"] = pause_status
    found["/license_v2.API/ListUserClusters"] = list_user_clusters
    return found


def get_state(_request: Any, _call: Call) -> Any:
    """No enterprise features."""
    return enterprise.GetStateResponse(state=enterprise.NONE)


def pause_status(_request: Any, _call: Call) -> Any:
    """Never paused."""
    return enterprise.PauseStatusResponse(status=enterprise.PauseStatusResponse.UNPAUSED)


def list_user_clusters(_request: Any, _call: Call) -> Any:
    """No clusters."""
    return licence.ListUserClustersResponse()


def _refuse(text: str) -> Handler:
    def refuse(_request: Any, _call: Call) -> NoReturn:
        raise Unimplemented(text)

    return refuse
