"""podman, in as much as images are built with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from building.plans import EPOCH, ROOT, BuildError

SETTINGS = ROOT / "images/containers.conf"
_LAST = 15
"""Lines of a failed command that are shown."""


@dataclass(frozen=True, slots=True)
class Mount:
    """What a build sees beside its context, and what of it gets into the image: nothing."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class Engine:
    """podman with a store of images: this machine's, or one at `options`."""

    options: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: str | Path) -> str:
        """What the command prints. Raises `BuildError` with its last words when it fails."""
        command = ["podman", *self.options, *map(str, words)]
        done = subprocess.run(
            command, env={**os.environ, **self.env}, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = "\n".join((done.stdout + done.stderr).splitlines()[-_LAST:])
            raise BuildError(f"podman {' '.join(map(str, words[:2]))} ... failed:\n{said}")
        return done.stdout

    def build(
        self,
        name: str,
        dockerfile: Path,
        context: Path,
        arguments: Mapping[str, str],
        mounts: Sequence[Mount] = (),
        *,
        anew: bool = False,
    ) -> str:
        """Build an image without a network; its id.

        `anew`: without layers of before. podman takes one even where the image below it was called otherwise
        then, and that stands in the history.
        """
        told = [f"--build-arg={key}={value}" for key, value in arguments.items()]
        bound = [f"--volume={mount.source}:{mount.target}:ro" for mount in mounts]
        self.run(
            *("build", "--pull=never", "--network=none", "--format=oci", "--identity-label=false"),
            *(f"--timestamp={EPOCH}", "--layers", *(["--no-cache"] if anew else []), *told, *bound),
            *("--file", dockerfile, "--tag", name, context),
        )
        return self.id_of(name)

    def id_of(self, name: str) -> str:
        """The id of an image."""
        return "sha256:" + self.run("image", "inspect", "--format={{.Id}}", name).strip()

    def load(self, layout: Path, reference: str, name: str) -> None:
        """Take an image from a layout.

        It has this name alone: histories tell what an image was built from, and the name that podman gives it
        has the path of the checkout.
        """
        identity = self.run("pull", "--quiet", f"oci:{layout}:{reference}").strip().splitlines()[-1]
        self.run("untag", identity)
        self.run("tag", identity, name)

    def save(self, name: str, folder: Path) -> None:
        """Write an image's blobs to a folder, layers as they are."""
        self.run("push", "--quiet", name, f"dir:{folder}")

    def ask(self, name: str, script: str) -> Any:
        """What a Python script prints in a container, read as JSON.

        Its root is not read-only, on purpose: what an image's user may write shows.
        """
        words = ("--rm", "--pull=never", "--network=none", "--cap-drop=all")
        return json.loads(self.run("run", *words, name, "python3", "-c", script))

    def works(self, name: str) -> str:
        """Empty when containers of an image run, else why not."""
        try:
            self.run("run", "--rm", "--pull=never", "--network=none", name, "true")
        except BuildError as error:
            return str(error)
        return ""


def find_engine() -> Engine | str:
    """podman, if it answers; else why it does not. That it is on the path says nothing."""
    if shutil.which("podman") is None:
        return "podman lacks (Debian: apt-get install podman buildah runc)"
    try:
        Engine().run("info")
    except BuildError as error:
        return str(error)
    return Engine()


def with_settings(engine: Engine) -> Engine:
    """The same with our settings, unless somebody has set others."""
    return engine if "CONTAINERS_CONF" in os.environ else _with(engine, CONTAINERS_CONF=str(SETTINGS))


@contextmanager
def second_store(engine: Engine) -> Iterator[Engine]:
    """An engine with an empty store of its own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="calf-images-", dir="/var/tmp"))
    root = folder / "root"
    try:
        store = ("--root", str(root), "--runroot", str(folder / "run"), "--storage-driver=overlay")
        yield Engine(store, engine.env)
    finally:
        subprocess.run(["umount", "--quiet", root / "overlay"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _with(engine: Engine, **env: str) -> Engine:
    return Engine(engine.options, {**engine.env, **env})
