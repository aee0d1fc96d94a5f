from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pfs.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh data folder with a clock that ticks; at the end its checks must find nothing."""
    made = World.open(tmp_path / "home")
    yield made
    assert made.fsck() == []
    made.pfs.close()
