"""Ways through the wall of a sandbox, which has no network: each ends in one Unix socket and nothing else.

On the inside `inside/relay.py` carries bytes between the socket and a port of the sandbox's own loopback.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

API_FOLDER = "/run/calf/api"
"""Where a stage finds the sockets that lead out; it cannot write there."""
DOOR_FOLDER = "/run/calf/door"
"""Where the relay of a serving stage makes the socket that leads in."""
DOOR = "service.sock"
WORKER_PORT = 1080
SERVER_PORT = 1650
SERVER_SOCKET = "pachd.sock"


@dataclass(frozen=True, slots=True)
class Way:
    """Out: `port` listens inside and leads to `socket`. In: `socket` leads to the port, where a stage serves.

    `env` names variables that tell the stage of the port, as in `grpc://localhost:%d`.
    """

    port: int
    socket: str
    inward: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


WORKER_SOCKET = "worker.sock"
DIRECT_SOCKET = "next.sock"
TO_WORKER = Way(
    WORKER_PORT,
    f"{API_FOLDER}/{WORKER_SOCKET}",
    env={"PPS_WORKER_GRPC_PORT": "%d", "CALF_NEXT_DATUM": f"{API_FOLDER}/{DIRECT_SOCKET}"},
)
TO_SERVER = Way(
    SERVER_PORT,
    f"{API_FOLDER}/{SERVER_SOCKET}",
    env={
        "PACHD_ADDRESS": "grpc://localhost:%d",
        "PACHD_PEER_SERVICE_HOST": "localhost",
        "PACHD_PEER_SERVICE_PORT": "%d",
    },
)


def into(port: int) -> Way:
    """The way in to the port that a stage serves at."""
    return Way(port, f"{DOOR_FOLDER}/{DOOR}", inward=True)


def describe(ways: Sequence[Way], limits: Mapping[str, int], env: Mapping[str, str], *, fixed: bool) -> str:
    """What the relay is told; unless `fixed`, ports of ways out are whatever is free (0). The `limits`, as in
    `rlimits`, and the `env` are those that the stage is to have and the relay has not.
    """
    told = [
        {
            "port": way.port if way.inward or fixed else 0,
            "socket": way.socket,
            "inward": way.inward,
            "env": dict(way.env),
        }
        for way in ways
    ]
    return json.dumps({"ways": told, "limits": dict(limits), "env": dict(env)})
