"""Release: decide, and bundle what was accepted."""

from __future__ import annotations

from pathlib import Path

from stagekit import canonical
from stagekit.release.card import model_card
from stagekit.release.figures import read_figures
from stagekit.release.manifests import kserve, seldon, served_name
from stagekit.release.model import Model, read_model
from stagekit.release.params import ReleaseParams
from stagekit.release.policy import Decision, decide
from stagekit.release.provenance import statement


def release(evaluated: Path, policy: Path, out: Path, params: ReleaseParams) -> Decision:
    """Write `decision.json`, and for an accepted model the bundle under `model/`; give the decision.

    `evaluated` is evaluate's output, `policy` the parameter file that `params` came from. Raises
    `StageError` when there is nothing to decide on: no metrics, or no whole model.
    """
    model = read_model(evaluated / "model")
    figures = read_figures(evaluated / "metrics.json")
    decision = decide(figures, model.id, params)
    canonical.write_json(out / "decision.json", decision.as_json())
    if decision.accepted:
        bundle = out / "model"
        _refer(model, bundle)
        name = served_name(model.id, params)
        canonical.write_json(bundle / "provenance.json", statement(model, name, evaluated, policy, params))
        canonical.write_bytes(bundle / "MODEL_CARD.md", model_card(model, figures, decision, params).encode())
        canonical.write_yaml(bundle / "manifests" / "kserve.yaml", kserve(model.id, params))
        canonical.write_yaml(bundle / "manifests" / "seldon.yaml", seldon(model.id, params))
    return decision


def _refer(model: Model, bundle: Path) -> None:
    """Link the model's files into the bundle: the engine stores what the links lead to, without a copy."""
    for name in model.digests:
        link = bundle / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to((model.folder / name).absolute())
