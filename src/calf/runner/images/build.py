"""Builds an image from a stage's folder; twice is as good as once."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from calf.kit.errors import InvalidArgument
from calf.kit.paths import safe_join
from calf.model.pps_infos import Image
from calf.runner.images.dockerfile import Recipe, read_dockerfile
from calf.runner.images.environment import Say, make_environment
from calf.runner.images.files import ImageFile, collect
from calf.runner.images.folders import make_once
from calf.runner.images.identity import environment_digest, image_digest
from calf.runner.images.packages import locked_packages
from calf.runner.images.source import find_source, record_source
from calf.runner.images.store import STAGE, ImageStore, Manifest, tree_of, write_manifest

DOCKERFILE = "Dockerfile"
_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]*(?::[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Built:
    """An image, whether it had to be made, and what was wrong with the one that was there (mended now)."""

    image: Image
    fresh: bool
    changed: str = ""


def build_image(
    images: ImageStore, folder: Path, name: str, context: Path, env: Mapping[str, str], say: Say
) -> Built:
    """Build the image of `folder/Dockerfile` with the files of `context`, and call it `name`.

    `env` is the environment to find package registries with, `say` gets a line for each step. Nothing is
    done when nothing changed. Safe beside other builds, and beside a running server. Raises
    `InvalidArgument` for a Dockerfile that is not understood, `Precondition` when packages cannot be
    installed, `NoSpace` when the disk is full.
    """
    if not _NAME.fullmatch(name):
        raise InvalidArgument(f'"{name}" is not a name for an image', "use small letters, digits and . _ - /")
    dockerfile = folder / DOCKERFILE
    if not dockerfile.is_file():
        raise InvalidArgument(
            f"there is no {dockerfile}", "name a stage's folder, which holds its Dockerfile"
        )
    recipe = read_dockerfile(dockerfile)
    _check_base(recipe, dockerfile)
    if recipe.venv and "PATH" not in recipe.env:
        say(f"{dockerfile}: a container engine also needs ENV PATH={recipe.venv}/bin:$PATH")
    files = collect(recipe, context, dockerfile)
    lock = _lock(recipe, files, dockerfile)
    digest = image_digest(recipe, files, lock)
    environment = environment_digest(lock) if recipe.venv else ""
    images.builds.mkdir(parents=True, exist_ok=True)
    image = Image(name, digest, STAGE)
    changed = images.changed(image) if images.folder(digest).exists() else ""
    if environment:
        make_environment(images.envs, environment, lock, env, say)
    manifest = Manifest(
        digest=digest,
        python=platform.python_version(),
        base=recipe.base,
        env=dict(recipe.env),
        workdir=recipe.workdir,
        venv=recipe.venv,
        environment=environment.partition(":")[2],
        files=len(files),
        digests={file.target: blake3(file.data).hexdigest() for file in files},
        packages=locked_packages(lock.decode()),
    )
    fresh = make_once(
        images.folder(digest), lambda draft: _fill(draft, files, manifest), lambda: not images.changed(image)
    )
    record_source(images.source_file(digest), find_source(context, dockerfile, recipe, files))
    if images.names().get(name) != digest:
        images.tag(name, digest)
    return Built(image, fresh, changed.partition(";")[0])


def find_context(folder: Path) -> Path:
    """The repository's root above `folder`, or the folder itself."""
    here = folder.resolve()
    return next((place for place in (here, *here.parents) if (place / ".git").exists()), here)


def _fill(draft: Path, files: tuple[ImageFile, ...], manifest: Manifest) -> None:
    tree = tree_of(draft)
    tree.mkdir()
    for file in files:
        target = safe_join(tree, file.target)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
        target.chmod(0o555 if file.executable else 0o444)
    write_manifest(draft, manifest)


def _lock(recipe: Recipe, files: tuple[ImageFile, ...], dockerfile: Path) -> bytes:
    if not recipe.lock:
        return b""
    found = next((file for file in files if file.target == recipe.lock), None)
    if found is None:
        raise InvalidArgument(
            f"{dockerfile}: no COPY brings {recipe.lock}, which RUN installs", "copy the lock there"
        )
    return found.data


def _check_base(recipe: Recipe, dockerfile: Path) -> None:
    """The base is this machine's Python here, so it must be of the version that FROM names."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    named = re.search(r"python:?(\d+\.\d+)", recipe.base)
    if named and named[1] != ours:
        raise InvalidArgument(
            f"{dockerfile}: FROM {recipe.base} is Python {named[1]}, and calf runs on Python {ours}",
            f"run calf with Python {named[1]}, or base the image on {ours}",
        )
