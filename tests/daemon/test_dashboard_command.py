"""`calf dashboard`: somebody's own dashboard of any server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calf.daemon.dashboard_command import _find
from calf.daemon.main import main
from calf.model.errors import NotFound
from tests.daemon.test_dashboard import LIMIT, ask, link_in
from tests.in_process import run_here


def test_it_shows_a_server_until_it_is_interrupted(server_address: str) -> None:
    command = [sys.executable, "-m", "calf.daemon.main", "dashboard", "--server", server_address]
    process = subprocess.Popen([*command, "--address", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert ask(link_in(process.stdout.readline())) == 200
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 0


@pytest.mark.parametrize("address", ["0.0.0.0:4000", "192.0.2.1:4000", "example.org:4000"])
def test_it_listens_where_nobody_else_comes(address: str) -> None:
    refused = run_here(main, ["dashboard", "--address", address], {})
    assert refused.returncode == 2
    assert b"other machines could use your token" in refused.stderr


@pytest.fixture
def contexts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `pachctl` is set up for."""
    there = {"pachd_address": "grpc://there:1", "session_token": "secret"}
    contexts = {"here": {"pachd_address": "grpc://here:1"}, "there": there}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"v2": {"active_context": "there", "contexts": contexts}}))
    monkeypatch.setenv("PACH_CONFIG", str(config))
    for name in ("PACH_CONTEXT", "PACHD_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("contexts")
def test_a_server_is_that_of_pachctl_a_context_or_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream, token = _find("")
    assert (upstream.address, token) == ("grpc://there:1", "secret")
    upstream, token = _find("here")
    assert (upstream.address, token) == ("grpc://here:1", "")
    upstream, token = _find("elsewhere:7")
    assert (upstream.address, token) == ("elsewhere:7", "")
    monkeypatch.setenv("PACH_CONTEXT", "nowhere")
    with pytest.raises(NotFound):
        _find("")
