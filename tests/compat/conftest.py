"""Runs scenarios of `clients/` in the environments of unmodified foreign clients, against a server of
ours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".cache" / "envs"
ARE_WARNINGS_THEIRS = "-Wignore"


@pytest.fixture
def run_client(server_address: str) -> Callable[[str, str], str]:
    """Runs `clients/<script>` with the client's Python; the script raises when something is wrong."""

    def run(client: str, script: str) -> str:
        python = ENVIRONMENTS / client / "bin" / "python"
        if not python.exists():
            pytest.skip(
                f"no .cache/envs/{client}; `make compat-test` builds it from tests/compat/{client}.lock"
            )
        done = subprocess.run(
            [python, ARE_WARNINGS_THEIRS, HERE / "clients" / script, server_address],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
