"""A proof holds, and whatever is changed in it, it does not hold any more."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.model.errors import InvalidArgument
from calf.model.pps_infos import Image, JobInfo, PipelineInfo
from calf.model.refs import Commit, Job, Pipeline, Repo
from calf.model.spec import parse
from calf.model.statement.canonical import canonical
from calf.model.statement.composing import Made, Material, compose
from calf.model.statement.dsse import Envelope, read_envelope
from calf.model.statement.facts import ImageFacts, Machine, Source
from calf.model.statement.proof import check_proof, read_key, sources_of
from calf.model.statement.reading import Claim, read_statement
from calf.model.statement.replays import Replay, compose_replay
from calf.model.statement.signing import PublicKey, Signer
from calf.model.statement.summary import Summary, compose_summary
from calf.model.states import JobState, PipelineState, PipelineType

SIGNER, FORGER = Signer(bytes(range(32))), Signer(bytes(32))
FILES = {"/a": "11" * 32, "/b": "22" * 32}
Proof = dict[str, Any]


def stated(name: str, *sources: Material, root: int = 1, facts: ImageFacts | None = None) -> Envelope:
    pipeline = Pipeline("default", name)
    spec = parse({"pipeline": {"name": name}, "transform": {"cmd": ["x"], "image": "i"}})
    job = Job(pipeline, f"{root:02x}" * 16)
    made = Made(
        job=JobInfo(job, 1, Commit(pipeline.repo, job.id), JobState.SUCCESS, finished=1.7e9),
        pipeline=PipelineInfo(
            *(pipeline, 1, Commit(pipeline.spec_repo, "55" * 16), PipelineType.TRANSFORM),
            *(PipelineState.RUNNING, spec, "salt"),
        ),
        image=Image("i", "sha256:1", "stage"),
        facts=facts or ImageFacts(source=Source("cafe", False)),
        machine=Machine("m", ("avx",), "k", "0"),
        environment={},
        root=bytes([root]) * 32,
        materials=sources,
    )
    return SIGNER.sign(canonical(compose(made)))


def material(envelope: Envelope) -> Material:
    read = read_statement(envelope.payload)
    project, _, rest = read.of.uri.removeprefix("pfs:").partition("/")
    name, _, commit_id = rest.partition("@")
    return Material(Commit(Repo(project, name), commit_id), bytes.fromhex(read.of.digest), read.sha256)


def made_proof() -> Proof:
    """Of `two`, which was made from `one`, which was made from what a user put in."""
    one = stated("one", Material(Commit(Repo("default", "in"), "99" * 16), None), root=1)
    two = stated("two", material(one), root=2)
    statements = [read_statement(each.payload) for each in (two, one)]
    of = statements[0].of
    summary = Summary(Claim(of.uri, of.digest), FILES, [each.sha256 for each in statements], passed=True)
    return {
        "v": 1,
        "commit": of.uri,
        "files": dict(FILES),
        "verified": {"ok": True, "statements": 2, "files": 2, "bytes": 7, "problems": []},
        "reproduced": None,
        "sources": sources_of(statements),
        "statements": [two.document(), one.document()],
        "summary": SIGNER.sign(canonical(compose_summary(summary, 1.7e9))).document(),
        "key": SIGNER.public.pem(),
    }


def replayed(result: str = "reproduced", number: int = 0, of: str = "") -> dict[str, Any]:
    """What `attest --replay` adds to `GOOD` about the job of a statement; `of` is what is signed."""
    statement = read_statement(read_envelope(GOOD["statements"][number]).payload)
    document = compose_replay(Replay(statement.of, "77" * 32, of or result), 1.7e9)
    signed = SIGNER.sign(canonical(document)).document()
    return {"job": statement.job, "result": result, "detail": "", "signed": signed}


GOOD = made_proof()


def wrong(proof: Proof, files: dict[str, str] | None = None, key: PublicKey = SIGNER.public) -> list[str]:
    return list(check_proof(proof, key, files))


def test_a_good_proof_holds_with_its_files_and_without() -> None:
    assert wrong(GOOD) == []
    assert wrong(GOOD, FILES) == []
    assert read_key(GOOD) == SIGNER.public


def test_files_are_compared_by_name_and_content() -> None:
    assert wrong(GOOD, {**FILES, "/a": "33" * 32}) == [
        f"/a is not as it was: its SHA-256 is {'33' * 32}, and was {'11' * 32}"
    ]
    assert wrong(GOOD, {"/a": FILES["/a"]}) == ["/b is not there"]
    assert wrong(GOOD, {**FILES, "/c": "44" * 32}) == ["/c is no file of the commit"]


def test_another_key_is_told_of() -> None:
    lines = wrong(GOOD, key=FORGER.public)
    assert len(lines) == 2
    assert lines[0].startswith(f"statement 1 of 2: it is not signed with key {FORGER.public.keyid} (it names")


Change = Callable[[Proof], object]


def swap_link(proof: Proof) -> None:
    """The statement of an input is replaced by a good one about another commit."""
    other = stated("other", root=3)
    proof["statements"][1] = other.document()
    proof["sources"] = sources_of([read_statement(each.payload) for each in (opened(proof, 0), other)])


def add_stranger(proof: Proof) -> None:
    other = stated("other", root=3)
    proof["statements"].append(other.document())
    every = [*(opened(proof, n) for n in range(2)), other]
    proof["sources"] = sources_of([read_statement(each.payload) for each in every])


def forge(proof: Proof) -> None:
    """All signed anew, by somebody else, whose key the proof brings along."""
    proof["statements"] = [FORGER.sign(opened(proof, n).payload).document() for n in range(2)]
    proof["key"] = FORGER.public.pem()


def opened(proof: Proof, number: int) -> Envelope:
    from calf.model.statement.dsse import read_envelope

    return read_envelope(proof["statements"][number])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda proof: proof["files"].update({"/a": "33" * 32}), "are not those of the summary: /a"),
        (lambda proof: proof["files"].pop("/b"), "are not those of the summary: /b"),
        (
            lambda proof: proof.update(commit="pfs:default/two@1"),
            "the first statement must be about",
        ),
        (lambda proof: proof["sources"][0].update(dirty=True), "something else of images and sources"),
        (lambda proof: proof["verified"].update(ok=False), "something else of the verification"),
        (lambda proof: proof["statements"].pop(), "whose statement is not here"),
        (lambda proof: proof["statements"].reverse(), "the first statement must be about"),
        (lambda proof: proof["statements"].clear(), "there are no statements in it"),
        (lambda proof: proof.pop("summary"), "not of the form"),
        (lambda proof: proof.pop("statements"), "not of the form"),
        (lambda proof: proof.update(statements=[1]), "not a DSSE envelope"),
        (swap_link, "whose statement is not here"),
        (add_stranger, "is no part of the chain"),
        (forge, "it is not signed with key"),
    ],
)
def test_what_was_changed_is_told(change: Change, said: str) -> None:
    proof = copy.deepcopy(GOOD)
    change(proof)
    assert any(said in line for line in wrong(proof)), wrong(proof)


def test_a_summary_of_another_commit_does_not_do() -> None:
    proof, other = copy.deepcopy(GOOD), Summary(Claim("pfs:default/x@1", "00"), FILES, [], passed=True)
    proof["summary"] = SIGNER.sign(canonical(compose_summary(other, 1.7e9))).document()
    assert wrong(proof) == [
        f"the summary is about pfs:default/x@1, not about {GOOD['commit']}",
        "the summary is of other statements",
    ]


def test_a_commit_that_could_not_be_verified_is_told_of() -> None:
    proof = copy.deepcopy(GOOD)
    statements = [read_statement(opened(proof, n).payload) for n in range(2)]
    of = statements[0].of
    failed = Summary(Claim(of.uri, of.digest), FILES, [each.sha256 for each in statements], passed=False)
    proof["summary"] = SIGNER.sign(canonical(compose_summary(failed, 1.7e9))).document()
    proof["verified"] |= {"ok": False, "problems": ["pfs:default/in@9: dropped"]}
    assert wrong(proof) == ["the engine could not verify the commit: pfs:default/in@9: dropped"]


@given(st.data())
def test_a_changed_byte_of_what_is_signed_is_found(data: st.DataObject) -> None:
    proof = copy.deepcopy(GOOD)
    envelope = data.draw(st.sampled_from([*proof["statements"], proof["summary"]]))
    signature = envelope["signatures"][0]
    place, key = data.draw(st.sampled_from([(envelope, "payload"), (signature, "sig")]))
    text = place[key]
    number = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda it: it != text[number]))
    place[key] = text[:number] + letter + text[number + 1 :]
    assert wrong(proof)


def test_another_spelling_of_the_same_signature_is_found() -> None:
    proof = copy.deepcopy(GOOD)
    signature = proof["summary"]["signatures"][0]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters.index(signature["sig"][-3])
    signature["sig"] = signature["sig"][:-3] + letters[last ^ 1] + "=="
    assert wrong(proof)


def test_another_version_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="not a proof of version 1"):
        read_key({**GOOD, "v": 2})


def test_a_proof_is_json() -> None:
    assert wrong(json.loads(json.dumps(GOOD)), FILES) == []


def both(*jobs: dict[str, Any], ok: bool = True) -> Proof:
    return {**GOOD, "reproduced": {"ok": ok, "jobs": list(jobs)}}


def test_what_came_of_replays_is_signed() -> None:
    assert wrong(both(replayed(number=1), replayed("within tolerance"))) == []
    assert wrong(both(replayed("differs"), replayed(number=1), ok=False)) == []
    assert wrong(both({"job": "default/x@1", "result": "not replayed", "detail": ""}, ok=False)) == []


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        ([{**replayed(), "signed": None}, replayed(number=1)], "that it was reproduced is signed by nobody"),
        (
            [replayed(of="differs"), replayed(number=1)],
            "the proof says reproduced, and what is signed differs",
        ),
        ([replayed(of="within tolerance"), replayed(number=1)], "and what is signed within tolerance"),
        ([{**replayed(number=1), "job": replayed()["job"]}], "about another statement, on pfs:default/one@"),
        ([{**replayed(), "job": "default/x@1"}], "replay of default/x@1: that is no job of the chain"),
        ([{**replayed(), "signed": GOOD["summary"]}, replayed(number=1)], "a statement of another kind"),
        ([{**replayed(), "signed": 7}, replayed(number=1)], "not a DSSE envelope"),
        ([replayed()], "something else of the replays as a whole"),
        ([], "something else of the replays as a whole"),
    ],
)
def test_a_replay_that_nobody_made_is_told(jobs: list[dict[str, Any]], said: str) -> None:
    assert any(said in line for line in wrong(both(*jobs)))


def test_what_is_said_of_a_replay_is_no_summary_of_the_commit() -> None:
    assert any("of another kind" in line for line in wrong({**GOOD, "summary": replayed()["signed"]}))


def test_a_job_that_ran_other_files_than_its_image_has_is_found() -> None:
    identity = ["calf image", 1, {"env": {}, "files": [["/main.py", False, "00"]]}]
    proof = made_proof() | {"commit": f"pfs:default/one@{'01' * 16}"}
    proof["statements"] = [stated("one", facts=ImageFacts(identity=identity)).document()]
    wrong = "the job ran image i when its files were not as sha256:1 says"
    assert f"{proof['commit']}: {wrong}" in list(check_proof(proof, SIGNER.public, None))


def test_a_password_of_an_image_is_not_told() -> None:
    identity = ["calf image", 1, {"env": {"API_TOKEN": "s3cret"}, "files": []}]
    assert b"s3cret" not in stated("one", facts=ImageFacts(identity=identity)).payload
