"""What an engine says of the images in its own store: built on this machine, pulled, or loaded."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calf.kit.errors import Precondition
from calf.runner.containers.tool import Silent, Tool, find_tool

SOURCES = "dev.calf.sources"
"""The label with the digest that `calf image build` gives to an image of the same files; put on last."""
_BEGINS = "the image is "
"""Before this there may be warnings; besides, podman mends what begins with json."""
_ASKED = _BEGINS + "{{.Id}} {{json .Config}} {{json .RepoDigests}} {{json .RepoTags}}"
_STEP = "a step was "
_UNKNOWN = re.compile(
    r"no such (?:image|object)|image not known|invalid reference format|reference format", re.I
)
_NUMBER, _NUMBERS = re.compile("[0-9]{1,10}"), 2**31
_PART_OF_ID = re.compile("(?:sha256:)?[0-9a-f]{1,63}")
_PASSWD = "/etc/passwd"  # noqa: S105 - a file of everybody's
_ANSWERS_WITHIN, _RESTS = 20.0, 10.0


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


class Patience:
    """For an engine that does not answer: it is not asked again for a while, since many may ask, and hold up
    others meanwhile. Thread-safe.
    """

    def __init__(self, within: float = _ANSWERS_WITHIN, rests: float = _RESTS) -> None:
        self._within, self._rests = within, rests
        self._last: tuple[float, Silent] | None = None

    def ask(self, tool: Tool, *words: str) -> list[str]:
        """As `Tool.ask`."""
        last = self._last
        if last is not None and time.monotonic() < last[0]:
            raise Silent(last[1].message, last[1].hint)
        try:
            return tool.ask(*words, within=self._within)
        except Silent as error:
            self._last = time.monotonic() + self._rests, error
            raise


@dataclass(frozen=True, slots=True)
class EngineStore:
    """The store of the engine `name`; thread-safe. `place` is a folder that its client may run in."""

    name: str
    place: Path
    patience: Patience = field(default_factory=Patience)

    def find(self, name: str) -> EngineImage | None:
        """By a name or an id; None where there is none. Never pulls. Raises `Precondition` when the engine
        cannot be asked, or nobody understands it.
        """
        asked = ("image", "inspect", "--format", _ASKED, "--", name)
        try:
            said = "".join(self.patience.ask(self._tool(), *asked))
        except Precondition as error:
            if _UNKNOWN.search(error.message):
                return None
            raise
        number, _, rest = said.partition(_BEGINS)[2].partition(" ")
        try:
            config, digests, tags = _documents(rest)
        except ValueError as error:
            raise Precondition(
                f"{self.name} image: not understood: {said[:80]}", f"`{self.name} image inspect` must say it"
            ) from error
        if _PART_OF_ID.fullmatch(name) and not any(_plain(tag) == name for tag in tags or ()):
            return None  # engines take the beginning of an id for a name
        found = _read(number, config or {}, digests or ())
        return found if self._is_labelled_last(found) else replace(found, sources="")

    def _is_labelled_last(self, image: EngineImage) -> bool:
        """Whether its label was put on as the last step. Images that are built on another have its labels."""
        if not image.sources:
            return True
        asked = ("history", "--no-trunc", "--format", _STEP + "{{.CreatedBy}}", "--", image.id)
        steps = [line for line in self.patience.ask(self._tool(), *asked) if line.startswith(_STEP)]
        return bool(steps) and f"{SOURCES}={image.sources}" in steps[0].replace('"', "").split()

    def user(self, image: EngineImage, user: str) -> int:
        """The number of a user that the image names. Raises `Precondition` when nobody there is called so."""
        for line in self._users(image):
            name, _, number = (*line.split(":")[:3], "", "", "")[:3]
            if name == user and (found := user_number(number)) is not None:
                return found
        raise Precondition(f'user "{user}" does not exist in the image', "use a number")

    def _users(self, image: EngineImage) -> list[str]:
        """The lines of the file that lists them, if it has one, in what an archive is besides, of which the
        bytes around are zero. Nothing of it is written here.
        """
        tool, name = self._tool(), f"calf-users-{uuid.uuid4().hex}"
        try:
            tool.ask("create", "--pull", "never", "--name", name, "--entrypoint", "/", image.id)
            with suppress(Precondition):  # it has no such file
                return "\n".join(tool.ask("cp", f"{name}:{_PASSWD}", "-")).replace("\0", "\n").split("\n")
        finally:
            with suppress(Precondition):
                tool.ask("rm", name)
        return []

    def _tool(self) -> Tool:
        self.place.mkdir(parents=True, exist_ok=True)
        return find_tool(self.name, self.place)


def user_number(text: str) -> int | None:
    """The number of a user, as people write it; None for what is none."""
    return int(text) if _NUMBER.fullmatch(text) and int(text) < _NUMBERS else None


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
