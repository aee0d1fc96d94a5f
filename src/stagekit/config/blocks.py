"""The list of all parameter blocks."""

from __future__ import annotations

from typing import Any

from stagekit.calibrate.params import CALIBRATE
from stagekit.config.block import Block
from stagekit.config.shared import SHARED
from stagekit.evaluate.params import EVALUATE
from stagekit.ingest.params import INGEST
from stagekit.release.params import RELEASE
from stagekit.split.params import SPLIT
from stagekit.train.params import TRAIN
from stagekit.tune.params import TUNE


def all_blocks() -> tuple[Block[Any], ...]:
    """List the blocks in the order of the stages; `shared` comes first, and is no stage's."""
    return (SHARED, INGEST, SPLIT, TRAIN, TUNE, CALIBRATE, EVALUATE, RELEASE)
