"""`python -m calf.web DESCRIPTOR`, as a server starts it: serves on the socket of that number.

What else there is to know stands in the first line of its standard input, as JSON; it ends when that does.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calf.kit.logs import log_to

if TYPE_CHECKING:
    from calf.web.serving import Offer
    from calf.web.taken_in import Code


def main() -> None:
    """Serve until told to stop, until idle, or until the server that started us is gone."""
    began = time.time_ns()
    gc.disable()  # nothing of what is loaded goes before the end, and somebody waits for the first page
    from calf.web.serving import serve
    from calf.web.taken_in import Code

    gc.freeze()
    gc.enable()
    log_to(sys.stderr, logging.WARNING)
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_go_with_the_server, name="lifeline", daemon=True).start()
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        serve(read_offer(asked, Code(began)), listener)
    logging.shutdown()
    os._exit(0)  # whoever still waits for the server need not be waited for


def read_offer(asked: dict[str, Any], code: Code | None = None) -> Offer:
    """What to serve, as `calf.daemon.dashboard` writes it, while `code` is current."""
    from calf.web.keeper import Keeper
    from calf.web.serving import Offer
    from calf.web.upstream import Upstream

    certificate, key = asked["certificate"], asked["key"]
    return Offer(
        Upstream(asked["server"]),
        tuple(asked["hosts"]),
        Keeper(tokens=tuple(asked["tokens"])),
        Path(certificate) if certificate else None,
        Path(key) if key else None,
        asked["idle"],
        tuple(asked["free"]),
        code,
    )


def _go_with_the_server() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
