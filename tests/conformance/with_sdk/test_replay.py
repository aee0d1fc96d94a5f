"""A client of Pachyderm's replays jobs of the past by itself: RunPipeline, then DiffFile."""

from __future__ import annotations

import pytest
from pachyderm_sdk.api import pfs, pps


def replay(world, pipeline, job_id, **more):
    """The output commit of a new run of a job, once it has ended well."""
    before = {info.job.id for info in world.jobs(pipeline)}
    world.client.pps.run_pipeline(pipeline=world.pipeline(pipeline), job_id=job_id, **more)
    (again,) = {info.job.id for info in world.jobs(pipeline)} - before
    info = world.wait(pipeline, again)
    assert info.state == pps.JobState.JOB_SUCCESS, info.reason
    return info.output_commit


def differences(world, repo, old, new):
    """The paths of the files that differ between two commits of a repo."""
    found = world.client.pfs.diff_file(
        new_file=pfs.File(commit=world.commit(repo, new.id), path="/"),
        old_file=pfs.File(commit=world.commit(repo, old), path="/"),
    )
    sides = [side for each in found for side in (each.old_file, each.new_file) if side.file]
    return sorted({side.file.path for side in sides if side.file_type == pfs.FileType.FILE})


@pytest.fixture
def past(world):
    """The first job of pipeline `sort`, before ten further commits and an update of the pipeline."""
    world.create_repo("in")
    world.shell("sort", world.pfs_input("in", "/"), "cat /pfs/in/* | sort > /pfs/out/all")
    first = world.put("in", {"/a": "2\n", "/b": "1\n"})
    world.wait("sort", first)
    for number in range(10):
        last = world.put("in", {f"/{number}": f"{number}\n"})
    world.wait("sort", last)
    return first


def test_replay_of_an_old_job_makes_the_same_and_moves_nothing(world, past):
    world.shell("sort", world.pfs_input("in", "/"), "echo other > /pfs/out/all", update=True)
    head = world.client.pfs.inspect_branch(branch=world.branch("sort")).head.id
    again = replay(world, "sort", past)
    assert again.id not in (past, head)
    assert differences(world, "sort", past, again) == []
    assert world.read("sort", "/all", again.id) == "1\n2\n"
    assert world.client.pfs.inspect_branch(branch=world.branch("sort")).head.id == head
    world.client.pfs.drop_commit_set(commit_set=pfs.CommitSet(id=again.id))
    assert again.id not in [info.job.id for info in world.jobs("sort")]


def test_replay_shows_which_files_a_stage_does_not_make_twice(world):
    world.create_repo("in")
    lines = (
        "cp /pfs/in/* /pfs/out/",
        "date +%s%N > /pfs/out/time",
        "mkdir /pfs/out/d",
        "cp /pfs/out/time /pfs/out/d/",
    )
    world.shell("clock", world.pfs_input("in", "/"), *lines)
    made = world.put("in", {"/a": "1"})
    world.wait("clock", made)
    again = replay(world, "clock", made)
    assert differences(world, "clock", made, again) == ["/d/time", "/time"]
    world.client.pfs.drop_commit_set(commit_set=pfs.CommitSet(id=again.id))


def test_replay_on_another_commit_of_an_input_is_a_commit_of_its_own(world, past):
    other = world.commit(
        "in", world.client.pfs.inspect_commit(commit=world.commit("in", "master~3")).commit.id
    )
    again = replay(world, "sort", past, provenance=[other])
    assert differences(world, "sort", past, again) == ["/all"]
    assert world.read("sort", "/all", again.id) == world.read("sort", "/all", other.id)
    sources = world.client.pfs.inspect_commit(commit=world.commit("sort", again.id)).direct_provenance
    assert other.id in [source.id for source in sources]
    world.client.pfs.drop_commit_set(commit_set=pfs.CommitSet(id=again.id))
