"""What the stages of a worker stand on, and who they are there: this machine's own system, or an image's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.backends import Backend
from calf.runner.cgroup import Groups
from calf.runner.containers.images import user_number
from calf.runner.containers.portable import PortablePython
from calf.runner.host_system import FOLDERS, image_binds, system_binds, system_links
from calf.runner.plan import USER_ID, Bind, Plan, interpreter
from calf.runner.view import View

_KNOWN_USERS = {"": USER_ID, "calf": USER_ID, "root": 0, "nobody": 65534}


@dataclass(frozen=True, slots=True)
class Site:
    """What all sandboxes of a server share; `etc` as for `host_system`."""

    groups: Groups
    etc: Path
    python: PortablePython


def plan_on(site: Site, backend: Backend, place: Path, view: View, own: tuple[Bind, ...], user: str) -> Plan:
    """What a sandbox looks like where a stage of `view` runs as `user`, and `own` is shown to it.

    Raises `Precondition` for a user whom nobody there knows, and for an image that this backend cannot take
    as a root.
    """
    base = view.base
    if base is None:
        binds = (*system_binds(site.etc), *own)
        return Plan(place, binds, FOLDERS, system_links(), _known(user), python=(interpreter(),))
    if not backend.kept:
        raise Precondition(
            f"an image of a container engine cannot run by {backend.name}", "CALF_RUNNER names the engine"
        )
    shown, python = site.python.shown()
    number = base.user(user) if user or backend.any_user else None
    return Plan(
        place,
        (*image_binds(site.etc), shown, *own),
        user=USER_ID if number is None else number,
        base=base,
        python=python,
    )


def _known(user: str) -> int:
    known = _KNOWN_USERS.get(user, user_number(user))
    if known is None:
        names = ", ".join(name for name in _KNOWN_USERS if name)
        raise Precondition(f'user "{user}" does not exist in the sandbox', f"use a number, or one of {names}")
    return known
