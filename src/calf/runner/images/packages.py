"""The packages that a lock pins."""

from __future__ import annotations

import re
from collections.abc import Mapping

LOCK = "requirements.lock"
"""The lock as it was installed, beside what it brought: in the folder of an environment."""
_LINE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;\\]+)(\s*;)?", re.MULTILINE)
_RUNS = re.compile(r"[-_.]+")


def locked_packages(lock: str) -> tuple[str, ...]:
    """Names and versions as `numpy==2.4.6`, in the order of the lock, without extras."""
    return tuple(f"{name}=={version}" for name, version, _ in _LINE.findall(lock))


def wanted_packages(lock: bytes, there: Mapping[str, str]) -> dict[str, str]:
    """What a lock asks for, by plain name, beside what is `there`: what is wanted on conditions may lack."""
    found = _LINE.findall(lock.decode("utf-8", "replace"))
    return {plain(name): version for name, version, marker in found if not marker or plain(name) in there}


def plain(name: str) -> str:
    """The name of a package as indexes write it: `Typing_Extensions` is `typing-extensions`."""
    return _RUNS.sub("-", name).lower()
