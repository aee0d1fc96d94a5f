"""F6: squashing, dropping and deleting."""

from __future__ import annotations

import queue
import threading
import time

import grpc
import pytest
from pachyderm_sdk.api import pfs, pps

SUCCESS, RUNNING = pps.JobState.JOB_SUCCESS, pps.JobState.JOB_RUNNING
NOT_FOUND = grpc.StatusCode.NOT_FOUND


def copies(world, name: str, repo: str) -> str:
    return world.shell(name, world.pfs_input(repo), f"cp -f /pfs/{repo}/* /pfs/out/")


def history(world, repo: str) -> list[str]:
    return [info.commit.id for info in world.client.pfs.list_commit(repo=world.repo(repo))]


def head(world, repo: str, kind: str = "user") -> pfs.CommitInfo:
    return world.client.pfs.inspect_commit(commit=world.commit(repo, "master", kind))


def squash(world, set_id: str) -> None:
    world.client.pfs.squash_commit_set(commit_set=pfs.CommitSet(id=set_id))


def drop(world, set_id: str) -> None:
    world.client.pfs.drop_commit_set(commit_set=pfs.CommitSet(id=set_id))


def test_071_squashed_data_lives_on_and_only_the_last_commit_is_dropped(world, fails):
    world.create_repo("r")
    first, second, third = (world.put("r", {f"/{number}": str(number)}) for number in (1, 2, 3))
    squash(world, first)
    assert fails(world.client.pfs.inspect_commit, commit=world.commit("r", first))[0] is NOT_FOUND
    assert world.files("r", second) == {"/1": "1", "/2": "2"}
    inspect = world.client.pfs.inspect_commit
    assert inspect(commit=world.commit("r", second)).parent_commit.id == ""
    assert inspect(commit=world.commit("r", third)).parent_commit.id == second
    drop(world, third)
    assert head(world, "r").commit.id == second
    fourth = world.put("r", {"/4": "4"})
    _, text = fails(drop, world, second)
    assert text == f"cannot drop a commit that has children: {world.project.name}/r@{second}"
    assert history(world, "r") == [fourth, second]


def test_071_squashing_keeps_the_pipeline_going(world):
    world.create_repo("in")
    made = copies(world, "p", "in")
    first, second = (world.put("in", {f"/{number}": "x"}) for number in (1, 2))
    world.wait_set(second)
    squash(world, first)
    parents = {it: head(world, it).parent_commit.id for it in ("in", "p")}
    assert parents == {"in": made, "p": made}
    assert [info.job.id for info in world.jobs("p")][:1] == [second]
    assert first not in {info.job.id for info in world.jobs("p")}
    third = world.put("in", {"/3": "x"})
    done = world.wait("p", third)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 1, 2)
    assert set(world.files("p")) == {"/1", "/2", "/3"}


def test_072_the_head_cannot_be_squashed(world, fails):
    world.create_repo("r")
    only = world.put("r", {"/f": "x"})
    _, text = fails(squash, world, only)
    assert text == (
        "cannot squash a commit that has no children as that would cause data loss,"
        f" use the drop operation instead: {world.project.name}/r@{only}"
    )
    assert history(world, "r") == [only]
    assert world.files("r") == {"/f": "x"}


def test_073_dropping_a_head_stops_its_job_and_heads_fall_back(world, fails):
    world.create_repo("in")
    lines = ["if test -e /pfs/in/slow; then sleep 60; fi", "cp /pfs/in/* /pfs/out/"]
    made = world.shell("p", world.pfs_input("in"), *lines)
    good = world.put("in", {"/a": "x"})
    assert world.wait("p", good).state == SUCCESS
    slow = world.put("in", {"/slow": "x"})
    until(lambda: world.client.pps.inspect_job(job=world.job("p", slow)).state == RUNNING)
    drop(world, slow)
    assert fails(world.client.pps.inspect_job, job=world.job("p", slow))[0] is NOT_FOUND
    assert head(world, "in").commit.id == head(world, "p").commit.id == good
    assert head(world, "p", "meta").commit.id == good
    assert [info.job.id for info in world.jobs("p")] == [good, made]
    after = world.put("in", {"/b": "x"})
    done = world.wait("p", after)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 1, 1)


def test_073_a_branch_that_lost_its_only_commit_has_an_empty_one(world):
    world.create_repo("r")
    only = world.put("r", {"/f": "x"})
    drop(world, only)
    info = head(world, "r")
    assert info.commit.id != only
    assert info.origin.kind == pfs.OriginKind.AUTO
    assert info.finished
    assert world.files("r") == {}


def test_073_who_waits_for_a_commit_is_told_that_it_was_deleted(world):
    world.create_repo("r")
    good = world.put("r", {"/f": "x"})
    opened = world.client.pfs.start_commit(branch=world.branch("r"))
    streams = (
        world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=opened.id), wait=True),
        world.client.pfs.subscribe_commit(
            repo=world.repo("r"), from_=world.commit("r", good), state=pfs.CommitState.FINISHED
        ),
    )
    told: queue.Queue[str] = queue.Queue()

    def listen(stream) -> None:
        with pytest.raises(grpc.RpcError) as caught:
            next(stream)
        told.put(caught.value.details())

    waiting = [threading.Thread(target=listen, args=(stream,), daemon=True) for stream in streams]
    for thread in waiting:
        thread.start()
    time.sleep(0.3)
    drop(world, opened.id)
    text = f"commit {world.project.name}/r@{opened.id} was deleted"
    assert [told.get(timeout=10) for _ in streams] == [text, text]


def test_074_a_set_with_an_update_or_with_dependents_cannot_be_squashed(world, fails):
    world.create_repo("in")
    put = world.put("in", {"/f": "x"})
    made = copies(world, "p", "in")
    world.wait("p", made)
    _, text = fails(squash, world, made)
    assert text == f"cannot squash commit {world.project.name}/p.spec@{made} because it updated a pipeline"
    world.wait_set(world.put("in", {"/g": "x"}))
    _, text = fails(squash, world, put)
    assert text == f'commit set "{put}" cannot be dropped because it has subvenant commit sets: [{made}]'
    assert len(history(world, "in")) == 2


def test_074_one_commit_takes_what_was_made_from_it_if_asked(world, fails):
    world.create_repo("in")
    made = copies(world, "p", "in")
    put = world.put("in", {"/f": "x"})
    world.wait_set(put)
    commit = world.commit("in", put)
    for verb, call in (("squash", world.client.pfs.squash_commit), ("drop", world.client.pfs.drop_commit)):
        _, text = fails(call, commit=commit)
        name = f"{world.project.name}/in@{put}"
        assert text == f"cannot {verb} commit ({name}) with subvenance without recursive"
    world.client.pfs.drop_commit(commit=commit, recursive=True)
    assert head(world, "p").commit.id == head(world, "in").commit.id == made


def test_075_a_pipeline_in_the_middle_is_deleted_by_force_only(world, fails):
    world.create_repo("in")
    copies(world, "p", "in")
    copies(world, "q", "p")
    world.wait_set(world.put("in", {"/f": "x"}))
    delete = world.client.pps.delete_pipeline
    _, text = fails(delete, pipeline=world.pipeline("p"))
    assert text == f'pipeline "{world.project.name}/p" cannot be deleted because its output is read by: q'
    assert {info.job.pipeline.name for info in world.client.pps.list_job(projects=[world.project])} == {
        "p",
        "q",
    }
    delete(pipeline=world.pipeline("p"), force=True)
    kept = {(info.repo.name, info.repo.type) for info in world.client.pfs.list_repo(projects=[world.project])}
    assert kept == {("in", "user"), ("q", "user"), ("q", "meta"), ("q", "spec")}
    every = world.client.pps.list_job(projects=[world.project])
    assert {info.job.pipeline.name for info in every} == {"q"}
    left = world.client.pfs.inspect_branch(branch=world.branch("q")).direct_provenance
    assert [(it.repo.name, it.repo.type) for it in left] == [("q", "spec")]


def test_075_the_output_of_a_deleted_pipeline_may_stay(world, fails):
    world.create_repo("in")
    copies(world, "p", "in")
    world.wait_set(world.put("in", {"/f": "x"}))
    world.client.pps.delete_pipeline(pipeline=world.pipeline("p"), keep_repo=True)
    assert world.files("p") == {"/f": "x"}
    assert world.client.pfs.inspect_branch(branch=world.branch("p")).provenance == []
    for kind in ("spec", "meta"):
        code, text = fails(world.client.pfs.inspect_repo, repo=world.repo("p", kind))
        assert (code, text) == (NOT_FOUND, f"repo {world.project.name}/p.{kind} not found")
    text = 'pipeline "p" cannot be created because a repo with the same name already exists'
    assert fails(copies, world, "p", "in")[1] == text


def test_076_the_repo_of_a_pipeline_goes_with_it_only(world, fails):
    world.create_repo("in")
    world.wait("p", copies(world, "p", "in"))
    text = "cannot delete a repo associated with a pipeline - delete the pipeline instead"
    for kind in ("user", "spec", "meta"):
        assert fails(world.client.pfs.delete_repo, repo=world.repo("p", kind))[1] == text


def until(true, seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
