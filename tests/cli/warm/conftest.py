from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.cli.warm import door
from calf.daemon.warm import Warm
from tests.cli.warm.processes import Pachctl, wait_until_it_listens


@pytest.fixture(scope="session")
def warm_tag() -> Iterator[str]:
    """A warm process of these tests' own, by its tag."""
    tag = f"t{os.getpid()}"
    keeper = Warm({door.SWITCH: tag})
    keeper.look(0.0)
    wait_until_it_listens(tag)
    yield tag
    keeper.stop()


@pytest.fixture
def both(warm_tag: str, tmp_path: Path) -> Pachctl:
    """Commands that reach no server."""
    own = {"PACH_CONFIG": str(tmp_path / "pachyderm.json"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return Pachctl(warm_tag, {**own, "PACHD_ADDRESS": "127.0.0.1:1"})


@pytest.fixture
def served(both: Pachctl, server_address: str) -> Pachctl:
    """Commands that reach a fresh server."""
    return Pachctl(both.tag, {**both.env, "PACHD_ADDRESS": server_address})
