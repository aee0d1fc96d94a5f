"""What is asked of a proof. Each way of spoiling one is found, and told in words."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagekit.release.chain import check_chain
from stagekit.release.checks import Check
from stagekit.release.evidence import examine
from stagekit.release.params import ReleaseParams
from tests.stagekit.release.made_proofs import (
    CLEAN,
    DAG,
    Document,
    Maker,
    commit_id,
    key_of,
    pem,
    write_proof,
)

FILES = {"/metrics.json": "a" * 64, "/model/weights.safetensors": "b" * 64}
MAKER = Maker(FILES)
PROOF = MAKER.proof()
Spoil = Callable[[str, Document], None]
Examine = Callable[..., dict[str, Check]]


@pytest.fixture
def checks(tmp_path: Path, make_params: Callable[..., ReleaseParams]) -> Examine:
    """Examine a proof; gives the checks by name."""

    def run(proof: Document | None, files: dict[str, str] = FILES, **policy: Any) -> dict[str, Check]:
        proofs = tmp_path / "proofs" if proof is None else write_proof(tmp_path / "proofs", proof)
        found = examine(files, proofs, make_params(**policy))
        return {check.name: check for check in found.checks}

    return run


def whole(spoil: Spoil = lambda name, statement: None, **more: Any) -> Document:
    maker = Maker(FILES, spoil=spoil, **more)
    return maker.proof() | {"reproduced": maker.replayed()}


def test_a_whole_proof_of_these_files_is_all_that_is_asked_for(checks: Examine) -> None:
    found = checks(whole())
    assert all(check.passed for check in found.values())
    assert [check.reason.partition(":")[0] for check in found.values()] == ["verified", "reproduced", "clean"]
    assert "4 statements" in found["verified"].reason
    assert "as none is trusted" in found["verified"].reason


def test_the_same_files_from_another_pipeline_are_not_what_evaluate_made(
    checks: Examine, tmp_path: Path, make_params: Callable[..., ReleaseParams]
) -> None:
    """Whoever may create pipelines can have any files handed out, and truly attested."""
    found = checks(whole(dag={"forged": ()}))["verified"]
    assert not found.passed
    assert f"about pfs:default/forged@{commit_id('forged')}, which is no output of evaluate" in found.reason
    proofs, params = write_proof(tmp_path / "proofs", whole()), make_params()
    assert examine(FILES, proofs, params, "default").checks[0].passed
    elsewhere = examine(FILES, proofs, params, "cats").checks[0]
    assert "which is no output of cats/evaluate" in elsewhere.reason


def test_without_a_proof_nothing_is_shown_and_the_reason_says_how_to_make_one(
    checks: Examine, make_params: Callable[..., ReleaseParams]
) -> None:
    assert [check.passed for check in checks(None).values()] == [False, False, False]
    (first, *_) = examine(FILES, None, make_params()).checks
    assert "pachctl attest evaluate@master" in first.reason
    assert checks(None)["verified"].reason == first.reason


def test_a_proof_about_another_commit_names_a_file_that_differs(checks: Examine) -> None:
    found = checks(whole(), {**FILES, "/metrics.json": "c" * 64})["verified"]
    assert found.reason == "unverified: the proof is about other files (/metrics.json differs)"
    assert "/more is in one only" in checks(whole(), {**FILES, "/more": "c" * 64})["verified"].reason


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("no JSON", "no JSON"),
        ("[]", "no proof: the document"),
        ("[" * 100_000, "no JSON"),
        ('{"v": 2}', "no proof: v"),
    ],
)
def test_what_is_no_proof_is_a_refusal_and_not_a_crash(
    tmp_path: Path, make_params: Callable[..., ReleaseParams], content: str, why: str
) -> None:
    (tmp_path / "evaluate.json").write_text(content)
    assert why in examine(FILES, tmp_path, make_params()).checks[0].reason


def test_only_a_trusted_key_counts_once_there_is_one(checks: Examine) -> None:
    trusted = (pem(key_of(1)),)
    assert checks(whole(), keys=trusted)["verified"].passed
    other = checks(whole(key=key_of(2)), keys=trusted)
    assert "which is not among the trusted keys" in other["verified"].reason
    assert [check.passed for check in other.values()] == [False, False, False]


def test_a_proof_that_names_a_trusted_key_but_was_signed_with_another_is_refused(checks: Examine) -> None:
    forged = whole(key=key_of(2)) | {"key": pem(key_of(1))}
    assert "no signature by a trusted key" in checks(forged, keys=(pem(key_of(1)),))["verified"].reason


def test_what_cannot_be_a_key_is_told(checks: Examine) -> None:
    assert "no public key in PEM" in checks(whole() | {"key": "abc"})["verified"].reason
    assert "no public key in PEM" in checks(whole(), keys=("abc",))["verified"].reason


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_any_changed_bit_of_any_statement_is_found(place: int, bit: int) -> None:
    proof = copy.deepcopy(PROOF)
    keys = [key_of(1).public_key()]
    assert not check_chain(proof["statements"], keys, proof["commit"]).problems
    envelope = proof["statements"][place % len(DAG)]
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[place % len(payload)] ^= 1 << bit
    envelope["payload"] = base64.b64encode(payload).decode()
    assert check_chain(proof["statements"], keys, proof["commit"]).problems


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda p: p["statements"].pop(1), "whose statement is not here"),
        (lambda p: p["statements"].reverse(), "its first statement is about pfs:default/ingest@"),
        (lambda p: p.update(statements=[]), "it has no statement that counts"),
        (
            lambda p: p["statements"].append(Maker(FILES, salt="2").proof()["statements"][3]),
            "no part of the chain",
        ),
        (lambda p: p["files"].pop("/metrics.json"), "its files are not those of its summary"),
        (lambda p: p["verified"].update(ok=False), "it says something else of the verification"),
        (lambda p: p.update(summary={}), "its summary: no DSSE envelope"),
        (lambda p: p.update(summary=p["statements"][0]), "its summary is of another kind"),
        (lambda p: p.update(summary=Maker(FILES, salt="2").proof()["summary"]), "with another content"),
        (lambda p: p["statements"][0].update(payloadType="text/plain"), "an envelope of type 'text/plain'"),
        (lambda p: p["statements"][0].update(signatures=[]), "no signature by a trusted key"),
    ],
)
def test_a_proof_that_does_not_agree_with_itself_is_refused(
    checks: Examine, spoil: Callable[[Document], object], why: str
) -> None:
    proof = whole()
    spoil(proof)
    found = checks(proof)["verified"]
    assert not found.passed
    assert why in found.reason


def test_a_statement_about_another_content_than_its_link_says_is_found(checks: Examine) -> None:
    def spoil(name: str, statement: Document) -> None:
        if name == "split":
            statement["subject"][0]["digest"] = {"blake3": "0" * 64}

    assert "but its statement says otherwise" in checks(whole(spoil))["verified"].reason


def test_a_signed_statement_of_another_form_is_told_and_no_crash(checks: Examine) -> None:
    def spoil(name: str, statement: Document) -> None:
        statement["predicate"]["buildDefinition"]["internalParameters"]["image"] = ["calf/train"]

    assert "no statement about an output of a job" in checks(whole(spoil))["verified"].reason


def test_a_verification_that_failed_refuses_with_what_the_engine_found(checks: Examine) -> None:
    maker = Maker(FILES)
    proof = maker.proof()
    sums = [item["digest"]["sha256"] for item in _payload(proof["summary"])["predicate"]["inputAttestations"]]
    summary = maker.summary(sums)
    summary["predicate"]["verificationResult"] = "FAILED"
    proof["summary"] = maker.sign(summary)
    proof["verified"] |= {"ok": False, "problems": ["/metrics.json: a byte is gone"]}
    assert checks(proof)["verified"].reason == (
        "unverified: the engine could not verify the commit: /metrics.json: a byte is gone"
    )


def test_jobs_that_nobody_replayed_are_a_refusal_with_the_command(checks: Examine) -> None:
    found = checks(whole() | {"reproduced": None})
    assert found["reproduced"].reason == (
        "unreproduced: nobody replayed the jobs; pachctl attest --replay all does"
    )
    assert found["verified"].passed


def test_each_job_must_have_been_replayed_and_must_match(checks: Examine) -> None:
    proof = whole()
    some = copy.deepcopy(proof)
    some["reproduced"]["jobs"] = [job for job in some["reproduced"]["jobs"] if "train" not in job["job"]]
    assert checks(some)["reproduced"].reason == "unreproduced: default/train was not replayed"
    within = Maker(FILES).replayed(evaluate="within tolerance")
    found = checks(proof | {"reproduced": within})["reproduced"]
    assert found.passed
    assert found.reason.endswith("but for files that their pipelines declare to differ: default/evaluate")
    differs = Maker(FILES).replayed(train="differs")
    differs["jobs"][2]["detail"] = "/model/weights.safetensors"
    reason = checks(proof | {"reproduced": differs})["reproduced"].reason
    assert reason == "unreproduced: replay of default/train: differs (/model/weights.safetensors)"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"signed": None}, "that it was reproduced is signed by nobody"),
        ({"result": "within tolerance"}, "that it was within tolerance is not what is signed"),
        ({"signed": MAKER.replayed()["jobs"][1]["signed"]}, "what is signed is about pfs:default/split@"),
        ({"signed": MAKER.proof()["summary"]}, "what is signed is of another kind"),
        ({"signed": MAKER.sign({})}, "what is signed is nothing of the engine's"),
        (
            {"signed": Maker(FILES, key_of(2)).replayed()["jobs"][2]["signed"]},
            "no signature by a trusted key",
        ),
        ({"signed": Maker(FILES, salt="x").replayed()["jobs"][2]["signed"]}, "what is signed is about pfs:"),
    ],
)
def test_a_replay_that_the_engine_did_not_sign_is_none(checks: Examine, change: Document, why: str) -> None:
    proof = whole()
    proof["reproduced"]["jobs"][2] |= change
    found = checks(proof)
    assert found["reproduced"].reason.startswith(f"unreproduced: replay of default/train: {why}")
    assert found["verified"].passed


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ({**CLEAN, "dirty": True, "changed": ["src/a.py"]}, "code that was not committed (src/a.py)"),
        ({**CLEAN, "dirty": None}, "nobody knows which commit"),
        ({**CLEAN, "commit": ""}, "nobody knows which commit"),
    ],
)
def test_code_that_nobody_can_get_again_is_dirty(checks: Examine, source: Document, why: str) -> None:
    found = checks(whole(sources={"train": source}))
    assert found["clean"].reason.startswith("dirty: default/train: ")
    assert why in found["clean"].reason
    assert found["verified"].passed


def test_an_image_without_a_digest_is_dirty(checks: Examine) -> None:
    def spoil(name: str, statement: Document) -> None:
        statement["predicate"]["buildDefinition"]["internalParameters"]["image"]["digest"] = ""

    assert "default/evaluate: its image is not pinned by a digest" in checks(whole(spoil))["clean"].reason


def test_what_the_policy_does_not_ask_for_is_waived_and_says_so(checks: Examine) -> None:
    dirty = whole(sources={"train": {**CLEAN, "dirty": True}}) | {"reproduced": None}
    found = checks(dirty, waive="reproduced clean")
    assert [(check.passed, check.waived, check.stops) for check in found.values()] == [
        (True, False, False),
        (False, True, False),
        (False, True, False),
    ]
    assert found["reproduced"].reason.startswith("waived: unreproduced: ")


def test_many_problems_are_counted_and_not_all_told(checks: Examine) -> None:
    proof = whole(key=key_of(2)) | {"key": pem(key_of(1))}
    assert checks(proof)["verified"].reason.count(";") == 3


def _payload(envelope: Document) -> Document:
    return dict(json.loads(base64.b64decode(envelope["payload"])))


def test_a_job_that_ran_other_files_than_its_image_has(checks: Examine) -> None:
    def spoil(name: str, statement: Document) -> None:
        identity = ["calf image", 1, {"files": [["/stage/main.py", False, "00"]]}]
        statement["predicate"]["buildDefinition"]["internalParameters"]["image"]["identity"] = identity

    assert "ran calf/evaluate when its files were not as" in checks(whole(spoil))["verified"].reason
