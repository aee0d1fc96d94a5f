"""The version that we speak: Pachyderm's number, marked as ours."""

from __future__ import annotations

from typing import Any

from calf.rpc.call import Call, Handlers
from calf.wire.limits import API_VERSION
from calf.wire.messages import version

ADDITIONAL = "-calf"


def handlers() -> Handlers:
    """GetVersion."""
    return {"/versionpb_v2.API/GetVersion": get_version}


def get_version(_request: Any, _call: Call) -> Any:
    """A real number of the 2.x line: clients compare its parts with their own."""
    major, minor, micro = API_VERSION
    return version.Version(major=major, minor=minor, micro=micro, additional=ADDITIONAL)
