from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pps.pipelines.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Pipelines on a fresh folder with a repo `in`; at the end its checks must find nothing."""
    made = Bench.open(tmp_path / "home")
    made.world.repo("in")
    yield made
    assert made.fsck() == []
    made.world.pfs.close()
