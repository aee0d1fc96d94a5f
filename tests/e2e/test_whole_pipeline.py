"""The seven stages on the engine, on very small drawn pictures: what runs, what is skipped, what survives.

Each test goes on from where the one before it left the engine.
"""

from __future__ import annotations

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from calf.client.connection import Client
from calf.client.get import get_file
from calf.wire.messages import Message, pfs
from driver.checkout import STAGES
from driver.repos import branch_head
from driver.sync import stored_hashes
from tests.e2e import elsewhere
from tests.e2e.engine import PAIRS, Engine

COSTLY = Path(__file__).with_name("costly.yaml")
WAIT = 240.0


def counts(job: Message) -> tuple[int, int]:
    return job.data_processed, job.data_skipped


def read(client: Client, repo: str, path: str) -> bytes:
    return b"".join(get_file(client, pfs.File(commit=branch_head(repo), path=path)))


def read_json(client: Client, repo: str, path: str) -> dict[str, Any]:
    return dict(json.loads(read(client, repo, path)))


def fsck(client: Client) -> list[str]:
    return [answer.error or answer.fix for answer in client.pfs.Fsck(pfs.FsckRequest())]


def test_1_the_run_ends_with_a_released_model_and_its_report(engine: Engine) -> None:
    rows = engine.run(COSTLY)
    assert {name: row.state for name, row in rows.items()} == dict.fromkeys(STAGES, "success")
    assert rows["ingest"].done == PAIRS
    with engine.connect() as client:
        metrics = read_json(client, "evaluate", "/metrics.json")
        assert {"mean_iou", "mean_dice", "pixel_accuracy", "ece"} <= set(metrics)
        assert {"behaviour", "robustness", "spread"} <= set(metrics)
        decision = read_json(client, "release", "/decision.json")
        assert decision["accepted"] is True
        assert {"reproduced"} <= set(decision["waived"]) <= {"reproduced", "clean"}
        proof = read_json(client, "proofs", "/evaluate.json")
        assert [str(proof["commit"]).partition("@")[0], proof["reproduced"]] == ["pfs:default/evaluate", None]
        assert len(proof["statements"]) == len(STAGES) - 1
        report = stored_hashes(client, branch_head("evaluate"))
        assert {"/Report.html", "/Report.ipynb", "/evaluation_result.csv"} <= set(report)
        bundle = stored_hashes(client, branch_head("release"))
        assert {"/model/MODEL_CARD.md", "/model/proof.json", "/model/weights.safetensors"} <= set(bundle)
        assert fsck(client) == []


def test_2_a_second_run_changes_nothing(engine: Engine) -> None:
    before = {name: len(jobs) for name, jobs in engine.jobs().items()}
    engine.run(COSTLY)
    assert {name: len(jobs) for name, jobs in engine.jobs().items()} == before


def test_3_changed_lines_of_evaluate_rerun_evaluate_and_release_only(engine: Engine) -> None:
    engine.run()
    newest = {name: jobs[0] for name, jobs in engine.jobs().items()}
    assert len({newest[name].job.id for name in STAGES[:-1]}) == 1
    with engine.connect() as client:
        started = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=branch_head("proofs")))
        page = read(client, "evaluate", "/Report.html")
        assert not {"behaviour", "robustness", "spread"} & set(read_json(client, "evaluate", "/metrics.json"))
    assert b"Scores per class" in page
    assert b"Does it behave?" not in page
    assert newest["release"].job.id == started.commit.id
    assert {name: counts(job) for name, job in newest.items()} == {
        "ingest": (0, PAIRS),
        "split": (0, 1),
        "train": (0, 1),
        "tune": (0, 1),
        "calibrate": (0, 1),
        "evaluate": (1, 0),
        "release": (1, 0),
    }


def test_4_ten_new_photos_run_once_even_when_the_server_is_killed_in_the_middle_of_tune(
    engine: Engine,
) -> None:
    before = {name: len(jobs) for name, jobs in engine.jobs().items()}
    engine.add_photos(10)
    killed = kill_when_tune_runs(engine, int((engine.plan.home / "lock").read_text()))
    rows = engine.run()
    assert {name: row.state for name, row in rows.items()} == dict.fromkeys(STAGES, "success")
    assert rows["tune"].job == killed
    jobs = engine.jobs()
    assert {name: len(found) - before[name] for name, found in jobs.items()} == dict.fromkeys(STAGES, 1)
    assert counts(jobs["ingest"][0]) == (10, PAIRS)
    assert {name: counts(jobs[name][0]) for name in STAGES[1:]} == dict.fromkeys(STAGES[1:], (1, 0))
    with engine.connect() as client:
        assert fsck(client) == []


def test_5_provenance_leads_from_the_release_to_photos_parameters_weights_and_images(engine: Engine) -> None:
    with engine.connect() as client:
        head = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=branch_head("release")))
        found = {commit.repo.name: commit for commit in head.direct_provenance if commit.repo.type == "user"}
        assert {"evaluate", "params", "proofs"} <= set(found)
        sets = client.pfs.InspectCommitSet(
            pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=head.commit.id))
        )
        repos = {(info.commit.repo.name, info.commit.repo.type): info.commit for info in sets}
        assert {(name, "user") for name in (*STAGES, "pets", "params", "weights")} <= set(repos)
        assert {(name, "spec") for name in STAGES} <= set(repos)
        photos = stored_hashes(client, repos["pets", "user"])
        assert len(photos) == 2 * (PAIRS + 10)
    for name, jobs in engine.jobs().items():
        assert jobs[0].calf.image.name == f"calf/{name}"
        assert jobs[0].calf.image.digest
        assert jobs[0].calf.isolation.startswith("sandbox")


def test_6_by_hand_and_elsewhere_the_stages_that_learn_give_the_same_bytes(
    engine: Engine, tmp_path: Path
) -> None:
    """The two that do all that the others do, training and asking, with all that they can do.

    Evaluate as it first ran, for later it did less, and the others as a killed server left them.
    """
    first, now, folder = tmp_path / "first", tmp_path / "now", tmp_path / "a second folder"
    ran = [job.job.id for job in engine.jobs("evaluate")["evaluate"] if job.data_processed]
    with engine.connect() as client:
        elsewhere.fetch(client, first, ran[-1], *elsewhere.INPUTS["evaluate"], "evaluate")
        elsewhere.fetch(client, now, "", *elsewhere.INPUTS["tune"], "tune", "calibrate")
    for stage, names in elsewhere.OUTPUTS.items():
        assert {path.name for path in ((first if stage == "evaluate" else now) / stage).iterdir()} == names
    with ThreadPoolExecutor(2) as pool:
        by_hand = {
            stage: pool.submit(elsewhere.run_by_hand, stage, fetched, folder)
            for stage, fetched in (("tune", now), ("evaluate", first))
        }
        elsewhere.look_at_training(now / "train", now / "split")
        runs = elsewhere.shown_in_tensorboard(now / "tune", tmp_path / "logs")
    assert runs == ["trials/000", "trials/001", "model"]
    assert elsewhere.digests(by_hand["tune"].result()) == elsewhere.digests(now / "tune")
    assert elsewhere.digests(by_hand["evaluate"].result()) == elsewhere.digests(first / "evaluate")
    elsewhere.look_at_the_report(by_hand["evaluate"].result(), tmp_path)


def kill_when_tune_runs(engine: Engine, pid: int) -> str:
    """Begin a run, and send SIGKILL to the server once tune's process runs; gives the job's id."""
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(engine.run)
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            job = engine.jobs("tune")["tune"][0]
            if job.state == 3 and job.data_total == 1:
                break
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        assert run.exception() is not None
    return str(job.job.id)
