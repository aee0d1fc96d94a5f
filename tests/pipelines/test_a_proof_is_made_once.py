"""What `make run` does between evaluate and release: a proof for what is new, and none for what is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from calf.client.connection import Client, connect
from calf.wire.messages import Message, pfs, pps
from driver.proof import NAME, Policy, missing, prove, read_policy
from driver.repos import PROOF_REPOS, branch_head
from driver.sync import read_json
from tests.pipelines.test_a_run_is_one_change import jobs

QUICK, FULL = Policy(reproduced=False, clean=False), Policy(reproduced=True, clean=True)
EVALUATE = "cat /pfs/pets/* > /pfs/out/metrics.json"
RELEASE = """cat > /pfs/out/decision.json <<EOF
{"checks": [{"name": "verified", "passed": true}, {"name": "reproduced", "passed": false, "waived": true},
{"name": "clean", "passed": CLEAN, "waived": false}],
"proof": "$(test -e /pfs/proofs && echo there)", "serving": "$(ls /pfs/serving)"}
EOF
"""


@pytest.fixture
def client(server_address: str) -> Iterator[Client]:
    """A server with stand-ins for evaluate, which copies, and for release, which is content."""
    with connect(server_address) as client:
        for name, description in {**PROOF_REPOS, "pets": ""}.items():
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=branch_head(name).repo, description=description))
        put(client, "one")
        create(client, "evaluate", EVALUATE, {"pfs": {"repo": "pets", "glob": "/"}})
        create(client, "release", RELEASE.replace("CLEAN", "true"), release_input())
        yield client


@pytest.fixture
def run(client: Client, tmp_path: Path) -> Callable[[Policy], bool]:
    """Prove what is to be proved; tells whether a proof was made."""

    def run(policy: Policy) -> bool:
        jobs(client, "evaluate")
        before = read_json(client, "proofs", f"/{NAME}")
        prove(client, policy, tmp_path / "proofs", Console(quiet=True))
        jobs(client, "release")
        return read_json(client, "proofs", f"/{NAME}") != before

    return run


def release_input() -> object:
    """The real one, as far as it is about evaluate and proofs."""
    path = Path(__file__).parents[2] / "pipelines/7-release.yaml"
    return yaml.safe_load(path.read_text())["input"]["cross"][0]


def create(client: Client, name: str, script: str, reads: object, *, update: bool = False) -> None:
    transform = {"image": "host", "cmd": ["sh"], "stdin": [script]}
    spec = {"pipeline": {"name": name}, "transform": transform, "input": reads}
    request = pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec), update=update)
    client.pps.CreatePipelineV2(request)


def put(client: Client, text: str, repo: str = "pets", path: str = "/file") -> None:
    file = pfs.AddFile(path=path, raw={"value": text.encode()})
    requests = [
        pfs.ModifyFileRequest(set_commit=branch_head(repo)),
        pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path)),
        pfs.ModifyFileRequest(add_file=file),
    ]
    client.pfs.ModifyFile(iter(requests))


def head(client: Client, name: str) -> Message:
    return client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=branch_head(name))).commit


def test_the_first_evaluation_is_proved_and_the_same_again_is_not(
    client: Client, run: Callable[[Policy], bool]
) -> None:
    assert run(QUICK)
    proof = read_json(client, "proofs", f"/{NAME}")
    assert proof is not None
    assert proof["commit"] == f"pfs:default/evaluate@{head(client, 'evaluate').id}"
    assert proof["reproduced"] is None
    decision = read_json(client, "release", "/decision.json")
    assert decision is not None
    assert (decision["proof"], decision["serving"]) == ("there", "")
    before = jobs(client, "release")
    assert not run(QUICK)
    assert jobs(client, "release") == before


def test_a_new_evaluation_starts_release_only_once_it_is_proved(
    client: Client, run: Callable[[Policy], bool]
) -> None:
    run(QUICK)
    before = jobs(client, "release")
    put(client, "two")
    jobs(client, "evaluate")
    assert jobs(client, "release") == before
    assert run(QUICK)
    assert len(jobs(client, "release")) == len(before) + 1


def test_a_new_job_with_the_same_output_needs_no_other_proof_unless_release_asks_for_one(
    client: Client, run: Callable[[Policy], bool]
) -> None:
    run(QUICK)
    proved = head(client, "evaluate")
    create(client, "evaluate", EVALUATE + " #", {"pfs": {"repo": "pets", "glob": "/"}}, update=True)
    jobs(client, "evaluate")
    assert head(client, "evaluate") != proved
    assert not run(QUICK)
    create(client, "release", RELEASE.replace("CLEAN", "false"), release_input(), update=True)
    jobs(client, "release")
    assert missing(client, head(client, "evaluate"), QUICK) == "evaluate's job is a new one"
    assert run(QUICK)


def test_the_same_output_of_another_image_needs_a_proof_of_its_own(
    client: Client, run: Callable[[Policy], bool]
) -> None:
    """The code may not be committed any more, though it gives the same bytes."""
    run(QUICK)
    proof = read_json(client, "proofs", f"/{NAME}")
    assert proof is not None
    proof["sources"][0]["image"] = "host@sha256:of before"
    proof["commit"] = proof["commit"].partition("@")[0] + "@" + "0" * 12 + "4" + "0" * 19
    put(client, json.dumps(proof), "proofs", f"/{NAME}")
    assert missing(client, head(client, "evaluate"), QUICK) == "evaluate has made something new"
    proof["commit"] = f"pfs:default/evaluate@{head(client, 'evaluate').id}"
    put(client, json.dumps(proof), "proofs", f"/{NAME}")
    create(client, "evaluate", EVALUATE + " #", {"pfs": {"repo": "pets", "glob": "/"}}, update=True)
    jobs(client, "evaluate")
    assert missing(client, head(client, "evaluate"), QUICK) == "evaluate has made the same with other code"


def test_where_the_policy_asks_for_it_every_job_behind_is_replayed_once(
    client: Client, run: Callable[[Policy], bool]
) -> None:
    run(QUICK)
    assert run(FULL)
    proof = read_json(client, "proofs", f"/{NAME}")
    assert proof is not None
    (replayed,) = proof["reproduced"]["jobs"]
    assert (replayed["result"], proof["reproduced"]["ok"]) == ("reproduced", True)
    assert not run(FULL)
    proof["reproduced"]["jobs"][0]["result"] = "not replayed"
    put(client, json.dumps(proof), "proofs", f"/{NAME}")
    assert missing(client, head(client, "evaluate"), FULL) == "not all jobs were replayed"


def test_what_is_put_into_service_starts_nothing_and_is_there_for_the_next_decision(
    client: Client, run: Callable[[Policy], bool]
) -> None:
    run(QUICK)
    before = jobs(client, "release")
    released = pfs.File(commit=branch_head("release"), path="/")
    copy = pfs.ModifyFileRequest(copy_file=pfs.CopyFile(dst="/", src=released))
    client.pfs.ModifyFile(iter([pfs.ModifyFileRequest(set_commit=branch_head("serving")), copy]))
    assert jobs(client, "release") == before
    put(client, "two")
    run(QUICK)
    decision = read_json(client, "release", "/decision.json")
    assert decision is not None
    assert decision["serving"] == "decision.json"


def test_a_policy_is_read_from_the_resolved_parameters(tmp_path: Path) -> None:
    (tmp_path / "release.yaml").write_text("require: {verified: true, reproduced: true, clean: false}")
    assert read_policy(tmp_path / "release.yaml") == Policy(reproduced=True, clean=False)
