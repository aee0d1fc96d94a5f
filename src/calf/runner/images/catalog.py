"""All images that stages may run in here: those built here, this machine itself, and those of a container
engine.

An engine is asked only where stages run in its containers. What it has by a name is what who asked for it
meant; what `calf image build` made by the same name must then be made of the same files, or the name says too
little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from calf.kit.errors import IntegrityError, NotFound, Precondition
from calf.model.pps_infos import CONTAINER, HOST, Image, ImageFault
from calf.model.statement.facts import ImageFacts
from calf.runner.containers.images import EngineImage, EngineStore, Patience, user_number
from calf.runner.host_system import PATH
from calf.runner.images.store import DIGEST, STAGE, ImageStore
from calf.runner.plan import Base
from calf.runner.view import View

LOCAL = "localhost/"
"""Begins the names of what was built on this machine, in engines' stores and nowhere else."""
_ROOT = {"root": 0}


def no_engine() -> str:
    """For servers that run no stage in a container."""
    return ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Implements `ports.Images`; thread-safe. `engine` names the container engine in use, empty for none; its
    client runs in the folder `place`. With it, this machine's own system stands in for an image that is not
    there only if `stands_in`.
    """

    own: ImageStore
    place: Path
    engine: Callable[[], str] = no_engine
    stands_in: bool = False
    _patience: Patience = field(default_factory=Patience, compare=False)

    def resolve(self, name: str) -> Image:
        """See `ports.Images`. Raises `Precondition` when the engine cannot be asked, and for a name of two
        images that are not known to be the same.
        """
        store = None if name == HOST else self._store()
        if store is None:
            return self.own.resolve(name)
        plain, _, pinned = name.partition("@")
        own = None if plain.startswith(LOCAL) else self._own(name)
        if own is not None and own.kind == STAGE and pinned:
            return own
        found = store.find(name) or _otherwise(store, plain, pinned)
        if found is None:
            if own is None or (own.stand_in and not self.stands_in):
                raise _nowhere(store.name, name, own)
            return own
        if own is not None and own.kind == STAGE and found.sources != own.digest:
            raise _two(store.name, plain, found, own)
        return Image(name, found.id, CONTAINER)

    def named(self) -> list[Image]:
        """What each name of an image that was built here stands for now; of two, the one built here."""
        return [self._named(name) for name in sorted(self.own.names())]

    def _named(self, name: str) -> Image:
        try:
            return self.resolve(name)
        except Precondition:
            return self.own.resolve(name)

    def view(self, image: Image) -> View:
        """What an image adds to a sandbox, or stands for. Raises `NotFound` when it was removed since."""
        if image.kind != CONTAINER:
            return self.own.view(image)
        store = self._needed(image)
        found = self._there(store, image)
        base = Base(found.id, tuple(found.env), lambda user: _number(store, found, user))
        return View((), found.env, found.env.get("PATH", PATH), found.workdir, base)

    def describe(self, image: Image) -> ImageFacts:
        """See `ports.Images`. Of an engine's image that is what its engine says, and of one that was made of
        the same files as one of ours also what is known of those.
        """
        if image.kind != CONTAINER:
            return self.own.describe(image)
        store = self._store()
        found = store.find(image.digest) if store else None
        return self._facts(found) if found else ImageFacts()

    def changed(self, image: Image) -> str:
        """See `ports.Images`. An engine's image is as its id says for as long as it is there."""
        if image.kind != CONTAINER:
            return self.own.changed(image)
        try:
            self._there(self._needed(image), image)
        except (NotFound, Precondition) as error:
            return f"{error.message}; {error.hint}" if error.hint else error.message
        return ""

    def examine(self, image: Image, *, packages: bool = False) -> tuple[ImageFault, ...]:
        """See `ports.Images`. Files of an engine's image are not read: the engine vouches for them."""
        if image.kind != CONTAINER:
            return self.own.examine(image, packages=packages)
        self._there(self._needed(image), image)
        return ()

    def _facts(self, found: EngineImage) -> ImageFacts:
        known = ImageFacts(manifest=found.manifest, sources=found.sources)
        if not DIGEST.fullmatch(found.sources):
            return known
        try:
            same = self.own.describe(Image("", found.sources, STAGE))
        except (IntegrityError, NotFound):
            return known
        return replace(known, packages=same.packages, python=same.python, source=same.source)

    def _store(self) -> EngineStore | None:
        name = self.engine()
        return EngineStore(name, self.place, self._patience) if name else None

    def _own(self, name: str) -> Image | None:
        try:
            return self.own.resolve(name)
        except NotFound:
            return None

    def _needed(self, image: Image) -> EngineStore:
        store = self._store()
        if store is None:
            raise Precondition(
                f"image {image.name} ({image.digest}) is in a container engine's store, and this server runs"
                " stages without one",
                "`CALF_RUNNER=podman` (or docker) at its start has it run there; `pachctl update pipeline`"
                " takes what is here by that name",
            )
        return store

    def _there(self, store: EngineStore, image: Image) -> EngineImage:
        found = store.find(image.digest)
        if found is None:
            now = store.find(image.name.partition("@")[0])
            other = f", where that name is {now.id} now" if now else ""
            raise NotFound(
                f"image {image.name} ({image.digest}) is not in the store of {store.name} any more{other}",
                f"{_brings_back(store.name, image)}; `pachctl update pipeline` takes what is there then",
            )
        if found.volumes and store.name == "docker":
            raise Precondition(
                f"image {image.name} declares volumes ({', '.join(found.volumes)}), which docker would make"
                " writable folders that stay from datum to datum",
                "build it without VOLUME, or use podman",
            )
        return found


def _otherwise(store: EngineStore, plain: str, pinned: str) -> EngineImage | None:
    """What has that digest, whatever it is called; docker's names say no "localhost"."""
    if pinned:
        return store.find(pinned) if DIGEST.fullmatch(pinned) else None
    local = store.name == "docker" and plain.startswith(LOCAL)
    return store.find(plain.removeprefix(LOCAL)) if local else None


def _nowhere(engine: str, name: str, own: Image | None) -> NotFound:
    other = "; `--host-image` at the server's start has this machine's own system stand in" if own else ""
    return NotFound(
        f'image "{name}" is known neither to {engine} on this machine nor to calf',
        f"`{engine} pull {name}`, `{engine} build -t {name} FOLDER` or"
        f" `calf image build FOLDER -t {name.partition('@')[0]}` brings it here; nothing is pulled by itself"
        + other,
    )


def _brings_back(engine: str, image: Image) -> str:
    name, _, pinned = image.name.partition("@")
    if name.startswith((LOCAL, "calf/")):
        return "built again with the same id, it goes on"
    return f"`{engine} pull {image.name}` brings it back" + (
        "" if pinned else ", if that name is the same still"
    )


def _two(engine: str, name: str, found: EngineImage, own: Image) -> Precondition:
    of = (
        f"made of other files ({found.sources})" if found.sources else "which does not say what it is made of"
    )
    local = name if "/" in name and "." in name.partition("/")[0] else f"{LOCAL}{name}"
    return Precondition(
        f"image {name} is two: {found.id} of {engine}, {of}, and {own.digest} of `calf image build`",
        f"build {engine}'s of the same files (`make images` does, for calf's own stages), remove one"
        f" (`{engine} untag {local}`), or say which: {local}, or {name}@{own.digest}",
    )


def _number(store: EngineStore, found: EngineImage, user: str) -> int | None:
    """Who a stage is in there: the `user` that its spec names, else the one that the image does, if any."""
    named = (user or found.user).partition(":")[0]
    if not named:
        return None
    number = _ROOT.get(named, user_number(named))
    return store.user(found, named) if number is None else number
