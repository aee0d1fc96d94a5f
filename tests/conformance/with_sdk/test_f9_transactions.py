"""F5, F6 and F9: what moves in one transaction flows downstream once."""

from __future__ import annotations

from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS


def test_059_two_pipelines_updated_in_one_transaction_run_once_each(world):
    world.create_repo("in")
    world.put("in", {"/file": "foo"})
    world.shell("a", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    first = world.shell("b", world.pfs_input("a"), "cp /pfs/a/* /pfs/out/")
    world.wait("b", first)
    with world.client.transaction.transaction() as transaction:
        for name, source in (("a", "in"), ("b", "a")):
            world.client.pps.create_pipeline(
                pipeline=world.pipeline(name),
                transform=pps.Transform(image="host", cmd=["sh"], stdin=[f"cp /pfs/{source}/* /pfs/out/new"]),
                input=world.pfs_input(source),
                update=True,
                reprocess=True,
            )
    done = world.wait_set(transaction.id)
    assert {name: info.state for name, info in done.items()} == {"a": SUCCESS, "b": SUCCESS}
    assert [info.job.id for info in world.jobs("b")] == [transaction.id, first]
    assert [info.job.id == transaction.id for info in world.jobs("a")] == [True, False]
    commits = list(world.client.pfs.list_commit(repo=world.repo("b")))
    assert [info.commit.id for info in commits] == [transaction.id, first]
    assert {commit.id for commit in commits[0].direct_provenance} == {transaction.id}
    assert world.files("b") == {"/new": "foo"}


def test_103_an_open_transaction_shows_to_nobody_and_finishing_it_shows_all(world, pachd):
    outside = type(world.client).from_pachd_address(pachd)
    with world.client.transaction.transaction() as transaction:
        world.create_repo("r")
        world.client.pfs.create_branch(branch=world.branch("r"))
        assert not outside.pfs.repo_exists(world.repo("r"))
        assert outside.transaction.transaction_exists(transaction)
    assert outside.pfs.branch_exists(world.branch("r"))
    assert not outside.transaction.transaction_exists(transaction)


def test_103_start_and_finish_carry_the_id_and_leave_an_empty_one(world):
    transaction = world.client.transaction.start_transaction()
    assert world.client.transaction_id == transaction.id
    world.create_repo("r")
    assert not world.client.pfs.repo_exists(world.repo("r"))
    info = world.client.transaction.finish_transaction(transaction=transaction)
    assert (info.transaction.id, len(info.requests)) == (transaction.id, 1)
    assert world.client.transaction_id == ""
    assert world.client.pfs.repo_exists(world.repo("r"))


def test_103_a_deleted_transaction_leaves_nothing_and_breaks_nothing(world):
    transaction = world.client.transaction.start_transaction()
    world.create_repo("r")
    world.client.transaction.delete_transaction(transaction=transaction)
    assert not world.client.pfs.repo_exists(world.repo("r"))
    world.client.transaction_id = ""


def test_104_two_inputs_started_and_finished_in_one_transaction_make_one_job(world):
    world.create_repo("a", "b")
    both = pps.Input(cross=[world.pfs_input("a"), world.pfs_input("b")])
    first = world.shell("p", both, "cat /pfs/a/* /pfs/b/* > /pfs/out/both")
    with world.client.transaction.transaction() as started:
        commits = [world.client.pfs.start_commit(branch=world.branch(name)) for name in ("a", "b")]
    for commit, text in zip(commits, ("1", "2"), strict=True):
        assert commit.id == started.id
        world.client.pfs.put_file_from_bytes(commit=commit, path="/file", data=text.encode())
    with world.client.transaction.transaction():
        for commit in commits:
            world.client.pfs.finish_commit(commit=commit)
    assert world.wait("p", started.id).state == SUCCESS
    assert world.read("p", "/both") == "12"
    assert [info.job.id for info in world.jobs("p")] == [started.id, first]


def test_104_two_branches_moved_in_one_transaction_make_one_job(world):
    """Moving heads is as good as committing: one set, one job, over data that was there."""
    world.create_repo("a", "b")
    for name in ("a", "b"):
        world.put(name, {"/file": name}, branch="staging")
    both = pps.Input(cross=[world.pfs_input("a"), world.pfs_input("b")])
    first = world.shell("p", both, "cat /pfs/a/* /pfs/b/* > /pfs/out/both")
    with world.client.transaction.transaction() as moved:
        for name in ("a", "b"):
            world.client.pfs.create_branch(branch=world.branch(name), head=world.commit(name, "staging"))
    assert world.wait("p", moved.id).state == SUCCESS
    assert world.read("p", "/both") == "ab"
    assert [info.job.id for info in world.jobs("p")] == [moved.id, first]
    found = list(world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=moved.id)))
    assert len([info for info in found if info.commit.id == moved.id]) == 2  # p and its meta repo


def test_078_a_pipeline_of_a_deleted_name_begins_anew(world):
    world.create_repo("in")
    world.put("in", {"/file": "foo"})
    for _ in range(2):
        job = world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
        assert world.wait("p", job).data_processed == 1
        assert world.client.pps.inspect_pipeline(pipeline=world.pipeline("p")).version == 1
        assert [info.job.id for info in world.jobs("p")] == [job]
        assert world.files("p") == {"/file": "foo"}
        world.client.pps.delete_pipeline(pipeline=world.pipeline("p"))
        assert not world.client.pfs.repo_exists(world.repo("p"))
