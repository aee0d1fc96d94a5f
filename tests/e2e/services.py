"""Services of the pipeline, stood up by the commands that users give."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from driver.checkout import ROOT

PATIENCE = 60.0
"""Seconds until pages must be there; they take two or three."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def run(script: str, address: str, home: Path) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"PACHD_ADDRESS": address, "CALF_HOME": str(home), "XDG_CACHE_HOME": f"{home}.cache"}
    env = {**os.environ, "PATH": path, **own}
    shell = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(shell, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def wait_until_free(port: int) -> None:
    """A service that was deleted lets go of its port, once the server has ended its stage."""
    end = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                assert time.monotonic() < end, f"port {port} is still taken"
                time.sleep(0.05)
            else:
                return
