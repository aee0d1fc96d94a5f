"""What an image adds to a sandbox: its files, its environment, its folder to start in."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from calf.runner.host_system import PATH, is_below_usr
from calf.runner.plan import Base, Bind


@dataclass(frozen=True, slots=True)
class View:
    """An image as a sandbox shows it: on this machine's own programs, or on a `base` of its own."""

    binds: tuple[Bind, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    path: str = PATH
    workdir: str = "/"
    base: Base | None = None


def host_view() -> View:
    """This machine's own programs; its Python is found first when it does not lie below `/usr`."""
    if is_below_usr(sys.base_prefix):
        return View()
    return View(path=f"{sys.base_prefix}/bin:{PATH}")
