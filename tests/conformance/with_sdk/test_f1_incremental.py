"""F1: incremental datums and skipping."""

from __future__ import annotations

from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS


def test_001_an_empty_second_commit_skips_every_datum(world):
    world.create_repo("in")
    world.shell("cp", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    first = world.put("in", {"/file": "foo"})
    assert world.wait("cp", first).data_processed == 1
    second = world.put("in", {})
    done = world.wait("cp", second)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 0, 1)
    assert len(list(world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=second)))) == 4
