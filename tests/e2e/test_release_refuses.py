"""Each refusal of evidence, by the real stage in its image, on what the engine really says of two jobs.

Nothing is waived but what a test names, so what is refused here would be refused of a real model.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from calf.client.connection import Client, connect
from calf.client.get import get_tree
from calf.daemon.build import Server
from calf.wire.messages import pfs, pps
from driver.checkout import ROOT, SPECS, run_calf, run_command
from driver.proof import NAME, Policy, prove
from driver.repos import PROOF_REPOS, branch_head
from driver.sync import read_json
from tests.conftest import serving
from tests.e2e.environments import INSTALLED, share_environments
from tests.pipelines.test_a_proof_is_made_once import create, put
from tests.pipelines.test_a_run_is_one_change import jobs

POLICY = {
    "v": 2,
    "seed": 1,
    "model_name": "pets-unet",
    "optimise": "mean_iou",
    "limits": [{"metric": "mean_iou", "at_least": 0.5}],
    "serve_image": "calf/serve",
    "storage_uri": "s3://models",
}
EVALUATE = """mkdir /pfs/out/model
for name in weights.safetensors calibration.json signature.json; do echo '{}' > /pfs/out/model/$name; done
cat /pfs/pets/file > /pfs/out/metrics.json
"""
UNSTEADY = EVALUATE + "cat /proc/sys/kernel/random/uuid > /pfs/out/luck\n"
GOOD, BAD = '{"mean_iou": 0.66}', '{"mean_iou": 0.4}'
Decide = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has built release's image."""
    home = tmp_path_factory.mktemp("refusals") / "home"
    with serving(share_environments(home)) as made:
        run_calf("image", "build", "--home", home, "stages/release")
        yield made


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    """Evaluate is a stand-in that writes what it is told to; release is as `make run` creates it."""
    with connect(server.address) as client:
        for name in ("pets", "params", "split", *PROOF_REPOS):
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=branch_head(name).repo))
        put(client, "species,breed,training,validation,calibration,test,total\n", "split", "/balance.csv")
        ask(client)
        put(client, GOOD)
        create(client, "evaluate", EVALUATE, {"pfs": {"repo": "pets", "glob": "/"}})
        jobs(client, "evaluate")
        (spec,) = yaml.safe_load_all((SPECS / "7-release.yaml").read_text(encoding="utf-8"))
        request = pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec))
        client.pps.CreatePipelineV2(request)
        yield client


@pytest.fixture
def decide(client: Client, tmp_path: Path) -> Decide:
    """Prove what evaluate made as `make run` does, and give the decision."""

    def decide(*, replay: bool) -> dict[str, Any]:
        jobs(client, "evaluate")
        prove(client, Policy(reproduced=replay, clean=False), tmp_path / "proofs", Console(quiet=True))
        return decision(client)

    return decide


def ask(client: Client, *names: str) -> None:
    """Require this evidence, and no other."""
    require = {name: name in names for name in ("verified", "reproduced", "clean")}
    put(client, yaml.safe_dump({**POLICY, "require": require}), "params", "/release.yaml")


def decision(client: Client) -> dict[str, Any]:
    """What the newest job of release decided."""
    jobs(client, "release")
    found = read_json(client, "release", "/decision.json")
    assert found is not None
    return found


def update_evaluate(client: Client, script: str) -> None:
    create(client, "evaluate", script, {"pfs": {"repo": "pets", "glob": "/"}}, update=True)


def test_1_without_a_proof_it_is_unverified_and_told_how_to_make_one(client: Client) -> None:
    ask(client, "verified")
    told = decision(client)
    assert (told["decision"], told["waived"]) == ("refused", ["reproduced", "clean"])
    (reason,) = told["reasons"]
    assert reason.startswith("unverified: there is no proof of evaluate's output; make one: pachctl attest ")


def test_2_proved_but_replayed_by_nobody_it_is_unreproduced_and_once_replayed_released(
    client: Client, decide: Decide
) -> None:
    ask(client, "verified", "reproduced")
    told = decide(replay=False)
    assert (told["decision"], told["waived"]) == ("refused", ["clean"])
    assert told["reasons"] == ["unreproduced: nobody replayed the jobs; pachctl attest --replay all does"]
    told = decide(replay=True)
    assert (told["decision"], told["waived"]) == ("accepted", ["clean"])


def test_3_what_was_released_is_made_again_and_verifies_far_from_the_engine_to_the_last_byte(
    client: Client, tmp_path: Path
) -> None:
    model, proof = tmp_path / "model", tmp_path / "release.json"
    get_tree(client, pfs.File(commit=branch_head("release"), path="/"), tmp_path)
    pachctl = Path(sys.executable).with_name("pachctl")
    run_command(pachctl, "attest", "release@master", "-o", proof, env={"PACHD_ADDRESS": client.target})
    run_command(pachctl, "replay", "release@master", env={"PACHD_ADDRESS": client.target})
    assert verify(model, "--proof", proof) == (0, "every byte of the bundle is signed")
    card = (model / "MODEL_CARD.md").read_text(encoding="utf-8")
    (model / "MODEL_CARD.md").write_text(card.replace("0.660", "0.990"), encoding="utf-8")
    code, said = verify(model, "--proof", proof)
    assert (code, said) == (1, "MODEL_CARD.md is not what release made, by the proof of its output")


def verify(bundle: Path, *more: str | Path) -> tuple[int, str]:
    """The exit code and the last line of the verifier, which knows no engine and only release's packages."""
    installed = {folder: folder / "lib/python3.11/site-packages" for folder in INSTALLED.iterdir()}
    (of_release,) = [
        folder
        for folder, packages in installed.items()
        if (packages / "cryptography").is_dir() and not (packages / "tensorflow").is_dir()
    ]
    words = [of_release / "bin/python", "-m", "stagekit.release.verify", bundle, *more]
    env = {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, env=env, cwd="/", capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()[-1].strip()


def test_4_an_image_that_nobody_can_build_again_is_dirty(client: Client) -> None:
    ask(client, "verified", "reproduced", "clean")
    told = decision(client)
    assert (told["decision"], told["waived"]) == ("refused", [])
    assert told["reasons"] == ["dirty: default/evaluate: nobody knows which commit its image was built from"]


def test_5_a_limit_that_does_not_hold_refuses_whatever_is_proved(client: Client, decide: Decide) -> None:
    ask(client, "verified", "reproduced")
    put(client, BAD)
    assert decide(replay=True)["reasons"] == ["mean_iou 0.4 is not at least 0.5"]


def test_6_the_proof_of_another_commit_is_no_proof(client: Client, decide: Decide) -> None:
    """The one of before, put there again after evaluate has made something new."""
    before = read_json(client, "proofs", f"/{NAME}")
    put(client, GOOD)
    decide(replay=True)
    put(client, json.dumps(before), "proofs", f"/{NAME}")
    told = decision(client)
    assert told["reasons"] == ["unverified: the proof is about other files (/metrics.json differs)"]


def test_7_a_proof_that_somebody_has_changed_is_no_proof(client: Client, decide: Decide) -> None:
    assert decide(replay=True)["accepted"]
    proof = read_json(client, "proofs", f"/{NAME}")
    assert proof is not None
    proof["statements"][0]["payload"] = proof["statements"][0]["payload"].replace("e", "f", 1)
    put(client, json.dumps(proof), "proofs", f"/{NAME}")
    told = decision(client)
    assert told["decision"] == "refused"
    assert told["reasons"][0].startswith("unverified: statement 1 of 1: no signature by a trusted key")


def test_8_a_job_that_makes_something_else_each_time_is_unreproduced(client: Client, decide: Decide) -> None:
    update_evaluate(client, UNSTEADY)
    told = decide(replay=True)
    assert (told["decision"], told["waived"]) == ("refused", ["clean"])
    (reason,) = told["reasons"]
    assert reason.startswith("unreproduced: replay of default/evaluate: differs")
    assert "/luck" in reason
