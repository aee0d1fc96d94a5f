"""The parameters of this pipeline: all its blocks, given to the library `stagekit.config`.

`python -m stagekit.parameters` resolves them and writes their schemas. No stage imports this: each has the
block of its own room.
"""

from __future__ import annotations

from typing import Any

from stagekit.calibrate.params import CALIBRATE
from stagekit.config.block import Block
from stagekit.evaluate.params import EVALUATE
from stagekit.ingest.params import INGEST
from stagekit.parameters.shared import SHARED
from stagekit.release.params import RELEASE
from stagekit.split.params import SPLIT
from stagekit.train.params import TRAIN
from stagekit.tune.params import TUNE


def all_blocks() -> tuple[Block[Any], ...]:
    """List the blocks in the order of the stages; `shared` comes first, and is no stage's."""
    return (SHARED, INGEST, SPLIT, TRAIN, TUNE, CALIBRATE, EVALUATE, RELEASE)
