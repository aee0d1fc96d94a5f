"""What a trial of a backend says of it, and what it does not."""

from __future__ import annotations

from pathlib import Path

from calf.runner.backends import Backend, Detector
from calf.runner.plan import Launch, Launcher, Plan

KILLED = 'echo x >> "$0"; if [ "$(wc -l < "$0")" -lt 3 ]; then kill -9 $$; fi'


def test_a_trial_that_somebody_kills_is_made_again(tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    def launcher(_plan: Plan) -> Launcher:
        return lambda _inside: Launch(("sh", "-c", KILLED, str(tries)))

    backend = Backend("x", "x", False, launcher, lambda _binds: str)
    assert Detector(tmp_path / "probes", Path("/etc")).complaint(backend) == ""
    assert tries.read_text() == "x\n" * 3
