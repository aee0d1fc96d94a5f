from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from calf.views.differences.describing import describe
from calf.views.differences.pair import Difference, Pair

Compare = Callable[[str, bytes, bytes], Difference]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """What is said of two files of a name."""

    def run(name: str, recorded: bytes, again: bytes) -> Difference:
        (tmp_path / "recorded").write_bytes(recorded)
        (tmp_path / "again").write_bytes(again)
        return describe(Pair(name, tmp_path / "recorded", tmp_path / "again", lambda: tmp_path))

    return run
