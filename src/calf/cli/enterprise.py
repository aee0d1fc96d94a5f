"""pachctl enterprise."""

from __future__ import annotations

from calf.cli.passing import Passed, passing_group

_API = "enterprise_v2.API"

command = passing_group(
    "enterprise",
    "Ask about Pachyderm's enterprise features.",
    [
        Passed("get-state", "Show whether enterprise features are on.", f"{_API}/GetState"),
        Passed("heartbeat", "Report to the licence server now.", f"{_API}/Heartbeat"),
        Passed(
            "register",
            "Register with a licence server.",
            f"{_API}/Activate",
            ("id", "license_server", "secret"),
        ),
        Passed("deactivate", "Switch enterprise features off.", f"{_API}/Deactivate"),
        Passed("pause", "Stop everything that writes.", f"{_API}/Pause"),
        Passed("unpause", "End a pause.", f"{_API}/Unpause"),
        Passed("pause-status", "Show whether the server is paused.", f"{_API}/PauseStatus"),
    ],
    "calf has no enterprise features and no limits that one could lift",
)
