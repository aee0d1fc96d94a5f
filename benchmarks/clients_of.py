"""Running a script in python-pachyderm's own environment."""

from __future__ import annotations

import json
import os
from pathlib import Path

from peers import ENVS
from serving import Server, run_tool

PYTHON = ENVS / "python-pachyderm/bin/python"
SCRIPT = Path(__file__).parent / "clients/python_pachyderm_transfer.py"


def python_pachyderm(what: str, server: Server, count: int, size: int, seed: int) -> dict[str, float]:
    """Seconds that the client says it took (`wall`, and `client`: its CPU), and the `server`'s CPU meanwhile.

    The server's includes what little a connection costs.
    """
    before = server.cpu()
    words = (what, server.address, str(count), str(size), str(seed))
    said = run_tool(PYTHON, "-Wignore", SCRIPT, *words, env=os.environ)
    return {**json.loads(said), "server": server.cpu() - before}
