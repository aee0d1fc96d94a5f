"""What a trial of a backend says of it, and what it does not."""

from __future__ import annotations

from pathlib import Path

from calf.runner.backends import Backend, Detector
from calf.runner.plan import Plan

KILLED = 'echo x >> "$0"; if [ "$(wc -l < "$0")" -lt 3 ]; then kill -9 $$; fi'


def test_a_trial_that_somebody_kills_is_made_again(tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    def command(_plan: Plan) -> tuple[str, ...]:
        return ("sh", "-c", KILLED, str(tries))

    backend = Backend("x", "x", False, command, lambda _folder: None, lambda _binds: str)
    assert Detector(tmp_path / "probes", Path("/etc")).complaint(backend) == ""
    assert tries.read_text() == "x\n" * 3
