from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stages.laid_out import Image, lay_out


@pytest.fixture
def image(tmp_path: Path) -> Callable[[str], Image]:
    """Lay out the image of a stage by its name."""
    number = itertools.count()
    return lambda stage: lay_out(stage, tmp_path / "images" / str(next(number)), Path(sys.executable))
