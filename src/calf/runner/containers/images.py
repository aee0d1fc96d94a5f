"""What an engine says of the images in its own store: built on this machine, pulled, or loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calf.kit.errors import Precondition
from calf.runner.containers.tool import Tool, find_tool

SOURCES = "dev.calf.sources"
"""The label with the digest that `calf image build` gives to an image of the same files."""
_ASKED = (
    "{{.Id}} {{json .Config}} {{json .RepoDigests}} {{json .RepoTags}}"  # podman mends what begins with json
)
_UNKNOWN = re.compile(
    r"no such (?:image|object)|image not known|invalid reference format|reference format", re.I
)
_PART_OF_ID = re.compile("(?:sha256:)?[0-9a-f]{1,63}")
_PASSWD = "/etc/passwd"  # noqa: S105 - a file of everybody's


@dataclass(frozen=True, slots=True)
class EngineImage:
    """One that is there. `id` is the digest of its configuration, which names its layers and so everything in
    it; `manifest` that by which registries know it, empty where none does.
    """

    id: str
    env: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = ""
    volumes: Sequence[str] = ()
    sources: str = ""
    manifest: str = ""


@dataclass(frozen=True, slots=True)
class EngineStore:
    """The store of the engine `name`; thread-safe. `place` is a folder that its client may run in."""

    name: str
    place: Path

    def find(self, name: str) -> EngineImage | None:
        """By a name or an id; None where there is none. Never pulls. Raises `Precondition` when the engine
        cannot be asked.
        """
        try:
            said = "".join(self._tool().ask("image", "inspect", "--format", _ASKED, "--", name))
        except Precondition as error:
            if _UNKNOWN.search(error.message):
                return None
            raise
        number, _, rest = said.partition(" ")
        config, digests, tags = _documents(rest)
        if _PART_OF_ID.fullmatch(name) and not any(_plain(tag) == name for tag in tags or ()):
            return None  # engines take the beginning of an id for a name
        return _read(number, config or {}, digests or ())

    def user(self, image: EngineImage, user: str) -> int:
        """The number of a user that the image names. Raises `Precondition` when nobody there is called so."""
        made = self._tool().ask("create", "--pull", "never", "--entrypoint", "/", image.id)[-1].strip()
        copy = self.place / f"passwd-{made}"
        try:
            self._tool().ask("cp", f"{made}:{_PASSWD}", str(copy))
            lines = copy.read_text(errors="replace").splitlines() if _is_plain(copy) else []
        except Precondition:  # it has no such file
            lines = []
        finally:
            copy.unlink(missing_ok=True)
            self._tool().ask("rm", made)
        for line in lines:
            name, _, rest = line.partition(":")
            number = rest.split(":")[1:2]
            if name == user and number and number[0].isdigit():
                return int(number[0])
        raise Precondition(f'user "{user}" does not exist in the image', "use a number")

    def _tool(self) -> Tool:
        self.place.mkdir(parents=True, exist_ok=True)
        return find_tool(self.name, self.place)


def _documents(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    for _ in range(3):
        document, at = decoder.raw_decode(text, at)
        yield document
        at += 1


def _read(number: str, config: Mapping[str, Any], digests: Sequence[str]) -> EngineImage:
    env = dict(entry.split("=", 1) for entry in config.get("Env") or () if "=" in entry)
    return EngineImage(
        id=f"sha256:{number.removeprefix('sha256:')}",
        env=env,
        workdir=config.get("WorkingDir") or "/",
        user=str(config.get("User") or ""),
        volumes=tuple(sorted(config.get("Volumes") or ())),
        sources=str((config.get("Labels") or {}).get(SOURCES, "")),
        manifest=min((digest.partition("@")[2] for digest in digests), default=""),
    )


def _plain(tag: str) -> str:
    return tag.rpartition("/")[2].partition(":")[0]


def _is_plain(path: Path) -> bool:
    """Whether it is a file, and no link to one of this machine's."""
    return path.is_file() and not path.is_symlink()
