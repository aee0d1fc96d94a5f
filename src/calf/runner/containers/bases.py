"""Containers that stand on an image of their engine: its files are the root, and nothing else of it counts.

What an image says of itself (its command, variables, health, volumes) is for the stage at most, and never for
our own program, which is the container's first process.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calf.runner.plan import Base, Plan

_IDS = 65536
"""As many user numbers as images have names for."""


def podman_base(base: Base, plan: Plan) -> Iterator[str]:
    """What podman is told, up to the words that our program gets."""
    yield from ("--image-volume", "ignore")
    for name in base.variables:
        yield from ("--unsetenv", name)
    yield from _base(base, plan)


def docker_base(base: Base, plan: Plan) -> Iterator[str]:
    """The same for docker, which unsets what its client has not, and the client has none for the loader. For
    that, an empty one may be as good as any.
    """
    for name in base.variables:
        yield from ("--env", name if name.startswith("LD_") else f"{name}=")
    yield from _base(base, plan)


def _base(base: Base, plan: Plan) -> Iterator[str]:
    yield "--no-healthcheck"
    yield from ("--entrypoint", plan.python[0], base.id.removeprefix("sha256:"), *plan.python[1:])


def user_ranges(user: int) -> tuple[str, ...]:
    """Whom the users inside are outside (inside:outside:how many), all that there can be: the files of an
    image have owners. The stage's is root, who the server is, so what it makes is the server's.
    """
    highest = _ids_here()
    ranges = [(user, 0, 1), (0, 1, min(user, highest - 1))]
    ranges += [(user + 1, user + 1, highest - user - 1)] if user + 1 < highest else []
    return tuple(f"{inside}:{outside}:{many}" for inside, outside, many in ranges if many > 0)


def _ids_here() -> int:
    """How many there are for root of this namespace of users, from 0 up."""
    first = Path("/proc/self/uid_map").read_text().split()[:3]
    return min(int(first[2]), _IDS) if first[:1] == ["0"] else 1
