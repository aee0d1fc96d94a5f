"""The proofs that the stage's tests make and spoil are what the engine's own check takes and refuses."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from calf.model.statement.proof import check_proof, read_key
from tests.stagekit.release.made_proofs import Document, Maker

FILES = {"/metrics.json": "a" * 64, "/model/weights.safetensors": "b" * 64}
MAKER = Maker(FILES)
PROOF = MAKER.proof() | {"reproduced": MAKER.replayed(train="within tolerance")}


def test_a_made_proof_is_whole() -> None:
    assert list(check_proof(PROOF, read_key(PROOF), FILES)) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda proof: proof["statements"].pop(1),
        lambda proof: proof["statements"].reverse(),
        lambda proof: proof["files"].pop("/metrics.json"),
        lambda proof: proof["verified"].update(ok=False),
        lambda proof: proof.update(summary=proof["statements"][0]),
        lambda proof: proof["statements"][0].update(payloadType="text/plain"),
        lambda proof: proof["reproduced"]["jobs"][0].pop("signed"),
        lambda proof: proof["reproduced"]["jobs"][0].update(result="within tolerance"),
    ],
)
def test_a_spoilt_one_is_not(spoil: Callable[[Document], object]) -> None:
    proof = copy.deepcopy(PROOF)
    spoil(proof)
    assert list(check_proof(proof, read_key(proof), None))
