"""The root of a container: empty folders and files to mount on, and the links of the plan."""

from __future__ import annotations

from pathlib import Path

from calf.runner.plan import Plan
from calf.runner.workspace import remove_tree

_OF_ENGINES = ("/dev", "/proc", "/run", "/sys")


def make_root(root: Path, plan: Plan) -> None:
    """Make it anew at `root`.

    The links come last, and where something else is there is none: nothing here may be made through a link,
    which would lead to this machine's own folders.
    """
    remove_tree(root)
    root.mkdir()
    for folder in (*_OF_ENGINES, *plan.folders):
        _at(root, folder).mkdir(parents=True, exist_ok=True)
    for bind in plan.binds:
        place = _at(root, bind.target)
        if bind.source.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    for target, at in plan.links:
        place = _at(root, at)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)


def _at(root: Path, place: str) -> Path:
    """Raises `ValueError` for a place that leads up."""
    path = Path(place.lstrip("/"))
    if ".." in path.parts:
        raise ValueError(f"{place} is no place in a container")
    return root / path
