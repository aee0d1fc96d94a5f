"""Builds images in one store: the base, then each image on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from building.engine import Engine
from building.plans import BASE, Plan, fresh, make_base_context, make_context
from building.wheels import mounts

Say = Callable[[str], None]
BASE_NAME = "localhost/calf/base:python3.11"
ROOT_NAME = "localhost/calf/root"


def local_name(plan: Plan) -> str:
    """What an image is called in podman's store: never the name of a registry."""
    return f"localhost/{plan.name}"


def build_all(engine: Engine, python: str, plans: Sequence[Plan], scratch: Path, say: Say) -> dict[str, str]:
    """The ids of the base and of each image, by name. `python` is the image that the base is made of."""
    context = fresh(scratch / "base")
    make_base_context(context)
    ids = {"calf/base": engine.build(BASE_NAME, BASE / "Dockerfile", context, {"PYTHON": python})}
    for plan in plans:
        began = time.monotonic()
        context = fresh(scratch / plan.short)
        make_context(plan, context)
        arguments = {"BASE": BASE_NAME}
        ids[plan.name] = engine.build(local_name(plan), plan.dockerfile, context, arguments, mounts())
        say(f"{plan.name:18} {ids[plan.name][7:19]}  {time.monotonic() - began:5.1f} s")
    return ids


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """The images that did not come out the same twice."""
    return [name for name in first if second.get(name) != first[name]]
