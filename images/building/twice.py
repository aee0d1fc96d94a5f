"""Builds images in one store: the base, then each image on it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from building.engine import Engine
from building.plans import BASE, ROOT, Plan, fresh, make_base_context, make_context
from building.wheels import mounts

Say = Callable[[str], None]
BASE_NAME = "localhost/calf/base:python3.11"
ROOT_NAME = "localhost/calf/root"


def local_name(plan: Plan) -> str:
    """What an image is called in podman's store: never the name of a registry."""
    return f"localhost/{plan.name}"


def make_contexts(plans: Sequence[Plan], folder: Path, root: Path = ROOT) -> None:
    """What all builds take their files from, copied once: somebody may write code while they run."""
    make_base_context(fresh(folder / "base"))
    for plan in plans:
        make_context(plan, fresh(folder / plan.short), root)
        shutil.copyfile(plan.dockerfile, folder / f"{plan.short}.Dockerfile")


def build_all(engine: Engine, python: str, plans: Sequence[Plan], contexts: Path, say: Say) -> dict[str, str]:
    """The ids of the base and of each image, by name. `python` is the image that the base is made of."""
    base = BASE / "Dockerfile"
    ids = {"calf/base": engine.build(BASE_NAME, base, contexts / "base", {"PYTHON": python})}
    for plan in plans:
        began = time.monotonic()
        dockerfile = contexts / f"{plan.short}.Dockerfile"
        arguments = {"BASE": BASE_NAME}
        built = engine.build(local_name(plan), dockerfile, contexts / plan.short, arguments, mounts())
        ids[plan.name] = built
        say(f"{plan.name:18} {built[7:19]}  {time.monotonic() - began:5.1f} s")
    return ids


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """The images that did not come out the same twice."""
    return [name for name in first if second.get(name) != first[name]]
