"""The dashboard of a server: `python dashboard.py ADDRESS PORT` prints its URL (port 0: any) and serves."""

from __future__ import annotations

import json
import socket
import sys

import uvicorn

from calf.web.app import make_app
from calf.web.upstream import Upstream


def main(address: str, port: int) -> None:
    """Serve until told to stop."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        print(json.dumps({"url": f"http://{host}"}), flush=True)
        app = make_app(Upstream(address), [host])
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
