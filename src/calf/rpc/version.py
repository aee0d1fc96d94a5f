"""The version that we speak: Pachyderm's number, marked as ours."""

from __future__ import annotations

from typing import Any

from calf.rpc.call import Call, Handlers
from calf.wire.messages import version

MAJOR, MINOR, MICRO = 2, 12, 2
ADDITIONAL = "-calf"


def handlers() -> Handlers:
    """GetVersion."""
    return {"/versionpb_v2.API/GetVersion": get_version}


def get_version(_request: Any, _call: Call) -> Any:
    """A real number of the 2.x line: clients compare its parts with their own."""
    return version.Version(major=MAJOR, minor=MINOR, micro=MICRO, additional=ADDITIONAL)
