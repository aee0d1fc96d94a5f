"""The packages that a lock pins."""

from __future__ import annotations

import re

LOCK = "requirements.lock"
"""The lock as it was installed, beside what it brought: in the folder of an environment."""
_LINE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;\\]+)", re.MULTILINE)


def locked_packages(lock: str) -> tuple[str, ...]:
    """Names and versions as `numpy==2.4.6`, in the order of the lock, without extras."""
    return tuple(f"{name}=={version}" for name, version in _LINE.findall(lock))
