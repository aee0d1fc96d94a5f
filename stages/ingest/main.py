"""Stage 1: photos and trimaps to samples. Runs batched: one process, many datums."""

from __future__ import annotations

import sys

from stagekit import pfs
from stagekit.batching import run_datums
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.ingest.params import INGEST
from stagekit.stage import run_stage


def datum() -> None:
    """Ingest what `/pfs` holds."""
    params = load_block(INGEST)
    seed_everything(params.seed)
    from stagekit.ingest.run import ingest  # after seeding, which must come before NumPy

    ingest(pfs.optional_input("images"), pfs.optional_input("trimaps"), pfs.out(), params)


if __name__ == "__main__":
    sys.exit(run_stage(lambda: run_datums(datum)))
