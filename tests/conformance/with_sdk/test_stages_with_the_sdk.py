"""Stages that use pachyderm-sdk themselves: its decorator and worker API for batches, and a spout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from pachyderm_sdk.api import pfs, pps

CALF = Path(__file__).parents[3] / ".venv" / "bin" / "calf"
STAGES = ("stage_of_batches.py", "stage_of_spout.py")
DOCKERFILE = "FROM python:3.11\nENV PYTHONPATH=/packages\nCOPY packages /packages\nCOPY stages /app\n"
NOT_NEEDED = ("__pycache__", "*pytest*", "pygments*", "py.py", "pluggy*", "xdist*", "execnet*", "urllib3*")


@pytest.fixture(scope="session")
def image(pachd: str, pachd_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image of the server that holds the SDK and the stages."""
    context = tmp_path_factory.mktemp("image")
    packages = Path(grpc.__file__).parents[1]
    shutil.copytree(packages, context / "packages", ignore=shutil.ignore_patterns(*NOT_NEEDED))
    (context / "stages").mkdir()
    for name in STAGES:
        shutil.copy(Path(__file__).with_name(name), context / "stages")
    (context / "Dockerfile").write_text(DOCKERFILE)
    subprocess.run(
        [CALF, "image", "build", context, "-t", "with-sdk", "--home", pachd_home / "data"],
        check=True,
        timeout=60,
    )
    return "with-sdk"


def transform(image: str, stage: str, **more: object) -> pps.Transform:
    return pps.Transform(image=image, cmd=[f"{sys.base_prefix}/bin/python3", f"/app/{stage}.py"], **more)


def test_a_decorated_stage_does_all_datums_in_one_process_and_goes_on_after_an_error(world, image):
    world.create_repo("in")
    head = world.put("in", {"/a": "", "/bad": "bad", "/c": "", "/d": ""})
    stage = transform(image, "stage_of_batches", datum_batching=True, err_cmd=["true"])
    one_set = pps.DatumSetSpec(number=4)
    job = world.shell("p", world.pfs_input("in"), transform=stage, datum_tries=2, datum_set_spec=one_set)
    info = world.wait("p", job)
    assert (info.data_processed, info.data_recovered, info.data_failed) == (3, 1, 0)
    found = {path: text.split() for path, text in world.files("p").items()}
    assert {path: text[:2] for path, text in found.items()} == {
        path: [f"/pfs/in{path}", head] for path in ("/a", "/c", "/d")
    }
    turns = {int(text[2]) for text in found.values()}
    assert turns in [set(range(1, 6)) - {first, first + 1} for first in range(1, 5)]  # the bad one had two
    ids = {it.data[0].file.path: it.datum.id for it in world.datums("p", job)}
    lines = [(it.datum_id, it.message) for it in world.client.pps.get_logs(job=info.job)]
    said = [line for line in lines if line[1].startswith("hello bad")]
    assert said == [(ids["/bad"], f"hello bad {ids['/bad']}")] * 2
    assert len([text for _, text in lines if "ValueError('bad is bad')" in text and "errored" in text]) == 2


def test_a_loop_over_the_worker_api_ends_with_the_last_datum(world, image):
    world.create_repo("in")
    world.put("in", {"/a": "", "/b": ""})
    stage = transform(image, "stage_of_batches", datum_batching=True, env={"BY_HAND": "yes"})
    sets = pps.DatumSetSpec(number=2)
    job = world.shell("p", world.pfs_input("in"), transform=stage, datum_set_spec=sets)
    info = world.wait("p", job)
    assert (info.state, info.data_processed) == (pps.JobState.JOB_SUCCESS, 2)
    assert {path[1:] for path in world.files("p")} == {it.datum.id for it in world.datums("p", job)}


def test_a_spout_commits_to_its_own_output_and_to_nothing_else(world, image):
    spout = pps.Spout(service=pps.Service())
    world.shell("s", None, transform=transform(image, "stage_of_spout"), spout=spout)
    commits = world.client.pfs.subscribe_commit(
        repo=world.repo("s"), branch="master", state=pfs.CommitState.FINISHED
    )
    _empty, first, second = (next(commits) for _ in range(3))
    assert second.parent_commit == first.commit
    assert world.files("s") == {"/first": "first", "/second": "second"}
    lines = [it.message for it in world.client.pps.get_logs(pipeline=world.pipeline("s")) if it.user]
    assert lines == ["a stage may not call pfs_v2.API/CreateRepo"]
