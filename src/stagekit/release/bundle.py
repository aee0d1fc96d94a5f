"""The bundle of an accepted model: the folder `model/` that can be taken away and served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stagekit import canonical
from stagekit.release import proof, provenance
from stagekit.release.card.page import Subject, model_card
from stagekit.release.manifests import Identity, kserve, seldon
from stagekit.release.serving import METRICS, RESULTS

CARD = "MODEL_CARD.md"
PROOF = "proof.json"
KSERVE = "manifests/kserve.yaml"
SELDON = "manifests/seldon.yaml"
MADE_HERE = (CARD, PROOF, KSERVE, SELDON, provenance.NAME)
"""The files that evaluate has not made. They name commits, whose ids are random; no other file does."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where the stage finds what it reads; all but the first two may be missing.

    `evaluated` is evaluate's output, `policy` the parameter file, `proofs` and `serving` the repos of these
    names, `balance` split's table of counts, `project` the project that the stage is in.
    """

    evaluated: Path
    policy: Path
    proofs: Path | None = None
    serving: Path | None = None
    balance: Path | None = None
    project: str = ""


def write_bundle(folder: Path, inputs: Inputs, files: Mapping[str, str], subject: Subject) -> None:
    """Write everything about `subject`; `files` are evaluate's, by path (`/a`) with their SHA-256."""
    params, evidence = subject.params, subject.evidence
    _refer(_carried(inputs, subject), folder)
    canonical.write_yaml(folder / KSERVE, kserve(subject.identity, params))
    canonical.write_yaml(folder / SELDON, seldon(subject.identity, params))
    canonical.write_bytes(folder / CARD, model_card(subject).encode())
    read = provenance.Read(files, _others(inputs, subject))
    told = provenance.statement(canonical.tree_digests(folder), read, evidence, params)
    canonical.write_json(folder / provenance.NAME, told)


def identity_of(model: str, found: proof.Proof | None) -> Identity:
    """Give what a model is called, by its content and by the commit that the proof is about."""
    return Identity(model, found.commit_id if found else "")


def _carried(inputs: Inputs, subject: Subject) -> dict[str, Path]:
    """List what the bundle takes over as it is, by its name there."""
    carried = {name: subject.model.folder / name for name in subject.model.digests}
    for name in (METRICS, RESULTS):
        carried |= {name: inputs.evaluated / name} if (inputs.evaluated / name).is_file() else {}
    if subject.evidence.proof is not None and inputs.proofs is not None:
        carried[PROOF] = inputs.proofs / proof.NAME
    return carried


def _others(inputs: Inputs, subject: Subject) -> dict[str, Path]:
    """List what else was read, by its place in the repos."""
    found = {f"pfs:params:/{inputs.policy.name}": inputs.policy}
    if subject.evidence.proof is not None and inputs.proofs is not None:
        found[f"pfs:proofs:/{proof.NAME}"] = inputs.proofs / proof.NAME
    if inputs.balance is not None:
        found[f"pfs:split:/{inputs.balance.name}"] = inputs.balance
    if inputs.serving is not None and (inputs.serving / "decision.json").is_file():
        found["pfs:serving:/decision.json"] = inputs.serving / "decision.json"
    return found


def _refer(files: Mapping[str, Path], bundle: Path) -> None:
    """Link files into the bundle: the engine stores what the links lead to, without a copy."""
    for name, path in files.items():
        link = bundle / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path.absolute())
