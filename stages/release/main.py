"""Stage 7: decide by policy, and bundle the model that may be served."""

from __future__ import annotations

import sys

from stagekit import pfs
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.release.params import RELEASE
from stagekit.release.run import find_inputs, release
from stagekit.stage import run_stage


def main() -> None:
    """Decide on what `/pfs/evaluate` holds."""
    params = load_block(RELEASE)
    seed_everything(params.seed)
    told = release(find_inputs(), pfs.out(), params).as_json()
    print(f"{told['decision']}: {told['model']}")
    print("\n".join(f"  {reason}" for reason in told["reasons"]))


if __name__ == "__main__":
    sys.exit(run_stage(main))
