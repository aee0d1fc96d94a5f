"""Builds images in one store: the base, then each image on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from building.contexts import BASE, dockerfile_of
from building.engine import Engine
from building.plans import BuildError, Plan
from building.wheels import mounts

Say = Callable[[str], None]
BASE_NAME = "localhost/calf/base:python3.11"
ROOT_NAME = "localhost/calf/root"


def local_name(plan: Plan) -> str:
    """What an image is called in podman's store: never the name of a registry."""
    return f"localhost/{plan.name}"


def build_base(engine: Engine, python: str, contexts: Path) -> str:
    """The id of the base, which is made of the image `python`."""
    dockerfile = dockerfile_of(contexts, BASE)
    return engine.build(BASE_NAME, dockerfile, contexts / BASE, {"PYTHON": python}, anew=True)


def build_all(engine: Engine, plans: Sequence[Plan], contexts: Path, say: Say) -> dict[str, str]:
    """The ids of the images, by name, on the base that the store has."""
    ids = {}
    for plan in plans:
        began = time.monotonic()
        dockerfile = dockerfile_of(contexts, plan.short)
        arguments = {"BASE": BASE_NAME}
        built = engine.build(local_name(plan), dockerfile, contexts / plan.short, arguments, mounts())
        ids[plan.name] = built
        say(f"{plan.name:18} {built[7:19]}  {time.monotonic() - began:5.1f} s")
    return ids


def check_same(first: Mapping[str, str], second: Mapping[str, str]) -> None:
    """Raise `BuildError` for images that did not come out the same twice."""
    wrong = [name for name in first if second.get(name) != first[name]]
    if wrong:
        told = (f"{name}: {first[name]} the first time, {second.get(name)} the second" for name in wrong)
        raise BuildError("\n".join(("not the same twice:", *told)))
