"""Becomes the process that serves TensorBoard's pages."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

PORT = 6006
"""Where the pages are, on the stage's own loopback: the internal port of the service."""


def serve(logs: Path, port: int = PORT) -> NoReturn:
    """Serve the runs below `logs` until the process is ended; they are read once, for they do not change."""
    sys.stdout.flush()
    options = (f"--logdir={logs}", "--host=127.0.0.1", f"--port={port}", "--reload_interval=0")
    # The reader in Python: that in Rust is a second process, for logs a thousand times as long.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "tensorboard.main", *options, "--load_fast=false"])  # noqa: S606 - no shell is wanted
