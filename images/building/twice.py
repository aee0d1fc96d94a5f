"""Builds images in one store: the base, then each image on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from building.engine import Engine
from building.plans import BASE, ROOT, Plan, fresh, make_base_context, open_up, write_file
from building.sources import LABEL, Sources, read_sources
from building.wheels import mounts

Say = Callable[[str], None]
BASE_NAME = "localhost/calf/base:python3.11"
ROOT_NAME = "localhost/calf/root"


def local_name(plan: Plan) -> str:
    """What an image is called in podman's store: never the name of a registry."""
    return f"localhost/{plan.name}"


def make_contexts(plans: Sequence[Plan], folder: Path, python: str, root: Path = ROOT) -> dict[str, Sources]:
    """What all builds take their files from, copied once: somebody may write code while they run.

    `python` is the version that the images have. What each is made of comes back, by name.
    """
    make_base_context(fresh(folder / "base"))
    return {plan.name: _make_context(plan, folder, python, root) for plan in plans}


def _make_context(plan: Plan, folder: Path, python: str, root: Path) -> Sources:
    """What the Dockerfile takes and nothing else; and the Dockerfile, which gives the image its label."""
    sources = read_sources(plan, root)
    context = fresh(folder / plan.short)
    for file in sources.files:
        write_file(context / sources.place(file), file.data, file.executable)
    open_up(context)
    label = f"LABEL {LABEL}={sources.label(python)}\n"
    write_file(folder / f"{plan.short}.Dockerfile", (sources.dockerfile + label).encode(), executable=False)
    return sources


def build_all(engine: Engine, python: str, plans: Sequence[Plan], contexts: Path, say: Say) -> dict[str, str]:
    """The ids of the base and of each image, by name. `python` is the image that the base is made of."""
    base = BASE / "Dockerfile"
    ids = {"calf/base": engine.build(BASE_NAME, base, contexts / "base", {"PYTHON": python}, anew=True)}
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
