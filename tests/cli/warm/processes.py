"""Commands as processes, warm and cold."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from socket import AF_UNIX, SOCK_SEQPACKET, socket
from typing import Any

from calf.cli.warm import door

LIMIT = 30
COLD = "from calf.cli.main import main; import sys; sys.exit(main())"
ONLY_WARM = f"import sys; sys.modules['calf.cli.root'] = None; {COLD}"
"""A pachctl that cannot run a command itself."""


Ended = subprocess.CompletedProcess[bytes]


def wait_until_it_listens(tag: str) -> None:
    deadline = time.monotonic() + LIMIT
    with socket(AF_UNIX, SOCK_SEQPACKET) as connection:
        while connection.connect_ex(door.name(tag)):
            assert time.monotonic() < deadline
            time.sleep(0.01)


@dataclass(frozen=True)
class Pachctl:
    """Runs commands as processes, by the warm process or without it, with the same environment."""

    tag: str
    env: Mapping[str, str] = field(default_factory=dict)

    def environment(self, tag: str) -> dict[str, str]:
        return {**os.environ, **self.env, door.SWITCH: tag}

    def warm(self, *words: str | bytes, after: str = "", **options: Any) -> Ended:
        """Run a command warm, or not at all; `after` are a shell's words that stand before it."""
        return self._run(_line(after, ONLY_WARM, words), self.tag, options)

    def cold(self, *words: str | bytes, after: str = "", **options: Any) -> Ended:
        """The same command in its own process."""
        return self._run(_line(after, COLD, words), door.OFF, options)

    def start(self, *words: str, after: str = "", **options: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(_line(after, ONLY_WARM, words), env=self.environment(self.tag), **options)

    def _run(self, command: Sequence[str | bytes], tag: str, options: dict[str, Any]) -> Ended:
        given = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "env": self.environment(tag),
            **options,
        }
        return subprocess.run(command, check=False, timeout=LIMIT, **given)


def _line(after: str, script: str, words: Sequence[str | bytes]) -> list[str | bytes]:
    command = [sys.executable, "-c", script, *words]
    return ["sh", "-c", f'{after} "$@"', "sh", *command] if after else command
