"""The environments of images, installed once for all tests and not once a data folder."""

from __future__ import annotations

from pathlib import Path

INSTALLED = Path(__file__).parents[2] / ".cache/envs/images/envs"
"""Where `make` installs them; one that is not there yet is installed by the test that needs it."""


def share_environments(home: Path) -> Path:
    """Let a data folder that has no environments find the installed ones; gives the folder.

    An environment is what its lock says, whoever installed it, and it never changes.
    """
    home.mkdir(exist_ok=True)
    INSTALLED.mkdir(parents=True, exist_ok=True)
    (home / "envs").symlink_to(INSTALLED)
    return home
