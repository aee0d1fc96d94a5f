"""Asking an engine's command line: a tool of ours, which needs the environment of who runs the server."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.output import Lines
from calf.runner.process import Command, run_within

_LONGEST = 120.0
_CURE = "the same must work by hand"
_NEEDED = ("HOME", "PATH", "TMPDIR", "DBUS_SESSION_BUS_ADDRESS")
_NEEDED_OF = ("CONTAINERS_", "CONTAINER_", "DOCKER_", "REGISTRY_", "STORAGE_", "XDG_")


class Silent(Precondition):
    """A tool did not answer in time."""


@dataclass(frozen=True, slots=True)
class Tool:
    """`podman` or `docker` at `path`, run in the folder `place`."""

    name: str
    path: str
    place: Path

    def ask(self, *words: str, within: float = _LONGEST) -> list[str]:
        """What it prints and complains of, in lines. Raises `Precondition`, with its last words, when it
        fails, and `Silent` when it has not ended after so many seconds.
        """
        said: list[str] = []
        command = Command((self.path, *words), _environment(), self.place)
        try:
            code = run_within(command, Lines(said.append), within)
        except OSError as error:
            raise Precondition(f"{self.name} {words[0]}: {error.strerror}", _CURE) from error
        if code is None:
            raise Silent(f"{self.name} {words[0]}: no answer within {within:g} s", _CURE)
        if code != 0:
            why = next((line for line in reversed(said) if line.strip()), f"exit code {code}")
            raise Precondition(f"{self.name} {words[0]}: {why}", _CURE)
        return said


def find_tool(name: str, place: Path) -> Tool:
    """The one of that name on the path. Raises `Precondition` when there is none."""
    path = shutil.which(name)
    if path is None:
        raise Precondition(f"{name} is not installed here", f"install the package {name}")
    return Tool(name, path, place)


def _environment() -> dict[str, str]:
    """Where its settings and its engine are; nothing else of the server's. It runs in another folder."""
    env = {n: v for n, v in os.environ.items() if n in _NEEDED or n.startswith(_NEEDED_OF)}
    return {n: str(Path(v).absolute()) if v and n.endswith("_CONF") else v for n, v in env.items()}
