"""Where a link leads, as the stage saw it: resolved by hand within a few folders, never by the kernel."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calf.runner.capture.errors import BadOutput
from calf.runner.open_below import open_entry

_MAX_HOPS = 40
_HANDLE = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that a stage could name: `roots` maps `pfs` and `tmp` to open handles.

    `aliases` maps paths of this machine to the ones inside, for stages that run without a sandbox and see
    those.
    """

    roots: Mapping[str, int]
    aliases: Mapping[str, str]

    def resolve(self, link: tuple[str, ...], target: str) -> tuple[str, ...]:
        """The parts of the place, free of links, that `target` means for a link lying at the parts `link`.

        Raises `BadOutput` when it leads elsewhere, in circles, or to nothing.
        """
        shown = "/" + "/".join(link)
        done: list[str] = list(link[:-1])
        todo = self._parts(target, done)
        hops = 1
        while todo:
            part = todo.pop()
            if part == "..":
                del done[-1:]
                continue
            if not done and part not in self.roots:
                raise BadOutput(
                    f"link {shown} leads to {target}, outside of this datum; copy what it should hold"
                )
            step = self._read_link([*done, part], shown, target) if done else None
            if step is None:
                done.append(part)
                continue
            hops += 1
            if hops > _MAX_HOPS:
                raise BadOutput(f"link {shown} leads to {target}, in circles")
            todo.extend(self._parts(step, done))
        if not done:
            raise BadOutput(
                f"link {shown} leads to {target}, outside of this datum; copy what it should hold"
            )
        return tuple(done)

    def open(self, parts: tuple[str, ...], flags: int) -> int:
        """An open handle to a place free of links. Raises `OSError`; never follows."""
        at = os.dup(self.roots[parts[0]])
        for number, part in enumerate(parts[1:], start=2):
            try:
                inner = open_entry(part, at, flags if number == len(parts) else _HANDLE)
            finally:
                os.close(at)
            at = inner
        return at

    def _parts(self, target: str, done: list[str]) -> list[str]:
        """The parts still to go, last first; empties `done` for an absolute target."""
        for here, inside in self.aliases.items():
            if target == here or target.startswith(here + "/"):
                target = inside + target[len(here) :]
                break
        if target.startswith("/"):
            done.clear()
        return [part for part in reversed(target.split("/")) if part not in {"", "."}]

    def _read_link(self, parts: list[str], shown: str, target: str) -> str | None:
        """Where the link at `parts` leads; None when it is something else."""
        try:
            folder = self.open(tuple(parts[:-1]), _HANDLE | os.O_DIRECTORY)
        except OSError:
            raise BadOutput(f"link {shown} leads to {target}, where nothing is") from None
        try:
            return os.readlink(parts[-1], dir_fd=folder)
        except FileNotFoundError:
            raise BadOutput(f"link {shown} leads to {target}, where nothing is") from None
        except OSError:
            return None  # not a link
        finally:
            os.close(folder)


def open_places(folders: Mapping[str, Path], aliases: Mapping[str, str]) -> Places:
    """Handles to `folders`; the caller closes them with `close_places`."""
    flags = os.O_RDONLY | os.O_DIRECTORY
    return Places({name: open_entry(str(path), None, flags) for name, path in folders.items()}, aliases)


def close_places(places: Places) -> None:
    """Close the handles."""
    for handle in places.roots.values():
        os.close(handle)
