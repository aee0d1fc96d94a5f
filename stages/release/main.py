"""Stage 7: decide by policy, and bundle the model that may be served."""

from __future__ import annotations

import sys

from stagekit import pfs
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.release.params import RELEASE
from stagekit.release.run import release
from stagekit.stage import run_stage


def main() -> None:
    """Decide on what `/pfs/evaluate` holds."""
    params = load_block(RELEASE)
    seed_everything(params.seed)
    policy = pfs.input_path("params") / "release.yaml"
    decision = release(pfs.input_path("evaluate"), policy, pfs.out(), params)
    told = decision.as_json()
    print(f"{told['decision']}: {decision.model}")
    print("\n".join(f"  {reason}" for reason in told["reasons"]))


if __name__ == "__main__":
    sys.exit(run_stage(main))
