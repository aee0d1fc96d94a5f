"""Carries a stage's connections through the wall of its sandbox, which has no network.

Usage: `python -I -S relay.py TOLD COMMAND…`; TOLD is JSON: `ways`, a list of `{port, socket, inward, env}`;
`limits` to set for COMMAND, by the names of `setrlimit`, and variables that only COMMAND has, `env`. A way
out listens on 127.0.0.1:port (0: any free port) and leads to the Unix socket; a way in makes the Unix socket
and leads to 127.0.0.1:port. Runs COMMAND with the variables of a way's `env`, `%d` in them being the port,
and ends with it, giving its exit code. It moves bytes and knows nothing of what they mean.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PIECE = 64 * 1024


def main() -> None:
    """Listen, run the stage, relay until it ends."""
    told, command = json.loads(sys.argv[1]), sys.argv[2:]
    ways = told["ways"]
    for way in ways:
        way["socket"] = short(way["socket"])
    servers = [listen(way) for way in ways]
    stage = os.fork()
    if stage == 0:
        try:
            for name, value in told["limits"].items():
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
            os.environ.update(told["env"])
            os.execvp(command[0], command)  # noqa: S606 - no shell wanted
        except OSError as error:
            sys.stderr.write(f"cannot run {command[0]}: {error.strerror}\n")
        os._exit(127)
    for way, server in zip(ways, servers, strict=True):
        threading.Thread(target=accept, args=(server, way), daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(stage, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def listen(way: dict[str, Any]) -> socket.socket:
    """Open the near end of a way, and tell the stage of it."""
    if way["inward"]:
        server = socket.socket(socket.AF_UNIX)
        server.bind(way["socket"])
        server.listen()
        return server
    server = socket.create_server(("127.0.0.1", way["port"]))
    for name, text in way["env"].items():
        os.environ[name] = text.replace("%d", str(server.getsockname()[1]))
    return server


def accept(server: socket.socket, way: dict[str, Any]) -> None:
    """Give each connection one of its own to the far end; say when nobody is there, and when again."""
    silent = False
    while True:
        near, _ = server.accept()
        try:
            far = dial(way)
        except OSError:
            near.close()  # who should answer does not: the caller sees that its connection ended
            silent = silent or tell(way, "nothing listens on port %d of the stage yet")
            continue
        silent = silent and not tell(way, "something listens on port %d of the stage now")
        threading.Thread(target=carry, args=(near, far), daemon=True).start()
        threading.Thread(target=carry, args=(far, near), daemon=True).start()


def tell(way: dict[str, Any], words: str) -> bool:
    """Say of a way in how it is."""
    if way["inward"]:
        sys.stderr.write(words % way["port"] + "\n")
        sys.stderr.flush()
    return True


def dial(way: dict[str, Any]) -> socket.socket:
    """Connect to the far end of a way."""
    if way["inward"]:
        return socket.create_connection(("127.0.0.1", way["port"]))
    far = socket.socket(socket.AF_UNIX)
    try:
        far.connect(way["socket"])
    except OSError:
        far.close()
        raise
    return far


def short(path: str) -> str:
    """The same place by a name that fits into a socket's address, whose limit is 107 bytes."""
    folder, _, name = path.rpartition("/")
    return f"/proc/self/fd/{os.open(folder, os.O_PATH | os.O_DIRECTORY)}/{name}"


def carry(source: socket.socket, target: socket.socket) -> None:
    """Copy until one side has closed, then close the other's."""
    try:
        while piece := source.recv(PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        target.close()


if __name__ == "__main__":
    main()
