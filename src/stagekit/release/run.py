"""Release: decide, and bundle what was accepted."""

from __future__ import annotations

import os
from pathlib import Path

from stagekit import canonical, pfs
from stagekit.release.bundle import Inputs, identity_of, write_bundle
from stagekit.release.card.page import Subject
from stagekit.release.evidence import examine
from stagekit.release.figures import read_figures
from stagekit.release.model import read_model
from stagekit.release.params import ReleaseParams
from stagekit.release.policy import Decision, decide
from stagekit.release.serving import METRICS, compare, read_candidate


def find_inputs() -> Inputs:
    """Find them where the engine lays them out."""
    split = pfs.optional_input("split")
    return Inputs(
        evaluated=pfs.input_path("evaluate"),
        policy=pfs.input_path("params") / "release.yaml",
        proofs=pfs.optional_input("proofs"),
        serving=pfs.optional_input("serving"),
        balance=split / "balance.csv" if split else None,
        project=os.environ.get("PPS_PROJECT_NAME", ""),
    )


def release(inputs: Inputs, out: Path, params: ReleaseParams) -> Decision:
    """Write `decision.json`, and for an accepted model the bundle under `model/`; give the decision.

    Raises `StageError` when there is nothing to decide on: no metrics, or no whole model.
    """
    model = read_model(inputs.evaluated / "model")
    figures = read_figures(inputs.evaluated / METRICS)
    files = {f"/{path}": digest for path, digest in canonical.tree_digests(inputs.evaluated).items()}
    evidence = examine(files, inputs.proofs, params, inputs.project)
    against_serving = compare(read_candidate(model.id, inputs.evaluated), inputs.serving, params)
    decision = decide(figures, model.id, params, (*evidence.checks, against_serving))
    canonical.write_json(out / "decision.json", decision.as_json())
    if decision.accepted:
        identity = identity_of(model.id, evidence.proof)
        subject = Subject(identity, model, figures, decision, evidence, params, inputs.balance)
        write_bundle(out / "model", inputs, files, subject)
    return decision
