"""What builds take their files from: copies, made once, with rights of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from building.plans import ROOT, Plan, fresh
from building.sources import LABEL, File, Sources, label, read_base, read_sources
from calf.runner.images.dockerfile import read_dockerfile

BASE = "base"


def make_contexts(plans: Sequence[Plan], folder: Path, python: str, root: Path = ROOT) -> dict[str, Sources]:
    """What all builds take their files from, copied once: somebody may write code while they run.

    `python` is the version that the images have. What each is made of comes back, by name, `base` too.
    """
    made = {BASE: read_base()}
    _write(folder, BASE, made[BASE].dockerfile, made[BASE].files)
    for plan in plans:
        sources = made[plan.name] = read_sources(plan, root)
        told = label(read_dockerfile(plan.dockerfile), sources.files, python)
        _write(folder, plan.short, f"{sources.dockerfile}LABEL {LABEL}={told}\n", sources.files)
    return made


def dockerfile_of(folder: Path, short: str) -> Path:
    """The Dockerfile to a context."""
    return folder / f"{short}.Dockerfile"


def _write(folder: Path, short: str, dockerfile: str, files: Sequence[File]) -> None:
    """Rights are the same whatever the checkout's are, for they are part of what an image's id is made of."""
    context = fresh(folder / short)
    for file in files:
        _write_file(context / file.place, file)
    for path in (context, *context.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    _write_file(dockerfile_of(folder, short), File(short, dockerfile.encode(), executable=False))


def _write_file(target: Path, file: File) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(file.data)
    target.chmod(0o755 if file.executable else 0o644)
