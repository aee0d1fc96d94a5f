"""F2: what of a stage's output is kept, and in which form."""

from __future__ import annotations

from pachyderm_sdk.api import pfs, pps

SUCCESS, FAILURE = pps.JobState.JOB_SUCCESS, pps.JobState.JOB_FAILURE


def test_018_two_datums_that_write_one_path_fail_the_job_and_mended_it_succeeds(world):
    world.create_repo("in")
    world.put("in", {"/a": "1", "/b": "2"})
    job = world.shell("p", world.pfs_input("in"), "cat /pfs/in/* > /pfs/out/overlap")
    done = world.wait("p", job)
    error = world.client.pfs.inspect_commit(commit=world.commit("p", job)).error
    one, other = (info.datum.id for info in world.datums("p", job))
    texts = [
        f"duplicate path output by different datums (/overlap from {a} and /overlap from {b})"
        for a, b in ((one, other), (other, one))
    ]
    assert error in texts
    assert (done.state, done.reason) == (FAILURE, error)
    job = world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/", update=True)
    done = world.wait("p", job)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 2, 0)
    assert world.files("p") == {"/a": "1", "/b": "2"}


def test_019_one_branch_feeds_a_pipeline_twice(world):
    world.create_repo("in")
    both = pps.Input(
        cross=[
            world.pfs_input("in", "/dirA/*", name="dirA"),
            world.pfs_input("in", "/dirB/*", name="dirB"),
        ]
    )
    world.shell("p", both, "echo $(cat /pfs/dirA/dirA/file /pfs/dirB/dirB/file) > /pfs/out/file")
    for added, then in (
        ({"/dirA/file": "foo\n", "/dirB/file": "foo\n"}, "foo foo\n"),
        ({"/dirA/file": "bar\n"}, "foo bar foo\n"),
        ({"/dirB/file": "buzz\n"}, "foo bar foo buzz\n"),
    ):
        with world.client.pfs.commit(branch=world.branch("in")) as commit:
            for path, text in added.items():
                commit.put_file_from_bytes(path, text.encode(), append=True)
        done = world.wait("p", commit.id)
        assert (done.state, done.data_total) == (SUCCESS, 1)
        assert world.files("p") == {"/file": then}
    assert len(list(world.client.pfs.list_commit(repo=world.repo("p")))) == 4


def test_020_links_become_files_with_the_contents(world):
    world.create_repo("in")
    world.put("in", {"/foo": "foo", "/dir1/bar": "bar", "/dir2/foo": "foo"})
    lines = [
        "ln -s /pfs/in/foo /pfs/out/foo",
        "ln -s /pfs/in/dir1/bar /pfs/out/bar",
        "mkdir /pfs/out/dir && ln -s /pfs/in/dir2 /pfs/out/dir/dir2",
        "printf buzz > /tmp/buzz && ln -s /tmp/buzz /pfs/out/buzz",
        "mkdir -p /tmp/dir3/dir4 && printf foobar > /tmp/dir3/dir4/foobar && ln -s /tmp/dir3 /pfs/out/dir3",
    ]
    done = world.wait("p", world.shell("p", world.pfs_input("in", "/"), *lines))
    assert (done.state, done.reason) == (SUCCESS, "")
    assert world.files("p") == {
        "/foo": "foo",
        "/bar": "bar",
        "/dir/dir2/foo": "foo",
        "/buzz": "buzz",
        "/dir3/dir4/foobar": "foobar",
    }
    found = world.client.pfs.walk_file(file=world.file("p", "/"))
    kinds = {info.file.path: info.file_type for info in found}
    assert len(kinds) == 10
    assert all(
        kind == (pfs.FileType.DIR if path[-1] == "/" else pfs.FileType.FILE) for path, kind in kinds.items()
    )


def test_021_links_to_files_that_looked_empty_carry_their_content(world):
    world.create_repo("in")
    world.put("in", {"/a": "1", "/b": "22"})
    lines = [
        "test ! -s /pfs/in/a && test ! -s /pfs/in/b",
        "mkdir /pfs/out/sorted",
        "for f in a b; do ln -s /pfs/in/$f /pfs/out/sorted/$f; done",
    ]
    empty = world.pfs_input("in", "/", empty_files=True)
    done = world.wait("p", world.shell("p", empty, "set -e", *lines))
    assert (done.state, done.stats.download_bytes) == (SUCCESS, 0)
    assert world.files("p") == {"/sorted/a": "1", "/sorted/b": "22"}
    hashes = [
        world.client.pfs.inspect_file(file=file).hash
        for file in (world.file("p", "/sorted/b"), world.file("in", "/b"))
    ]
    assert hashes[0] == hashes[1]


def test_022_lazy_files_are_fetched_when_they_are_opened(world):
    world.create_repo("in")
    world.put("in", {"/a": "1", "/b": "22"})
    lazy = world.pfs_input("in", "/", lazy=True)
    done = world.wait("p", world.shell("p", lazy, "cp /pfs/in/* /pfs/out/"))
    assert (done.state, world.files("p")) == (SUCCESS, {"/a": "1", "/b": "22"})
    assert done.details.input.pfs.lazy
    job = world.shell("one", lazy, "test -p /pfs/in/b && cp /pfs/in/a /pfs/out/")
    done = world.wait("one", job)
    assert (done.state, world.files("one"), done.stats.download_bytes) == (SUCCESS, {"/a": "1"}, 1)
    links = world.shell("links", lazy, "ln -s /pfs/in/b /pfs/out/c")
    done = world.wait("links", links)
    assert (world.files("links"), done.stats.download_bytes) == ({"/c": "22"}, 0)


def test_028_a_name_that_cannot_be_represented_fails_the_datum(world):
    world.create_repo("in")
    world.put("in", {"/a": "1"})
    job = world.shell("p", world.pfs_input("in"), "touch '/pfs/out/a*b'", datum_tries=1)
    done = world.wait("p", job)
    assert (done.state, done.data_failed) == (FAILURE, 1)
    text = "cannot upload file produced by the user code because its name cannot be represented in PFS"
    assert any(text in line.message for line in world.client.pps.get_logs(job=world.job("p", job)))
    (datum,) = world.datums("p", job)
    assert (datum.state, done.reason) == (pps.DatumState.FAILED, f"datum {datum.datum.id} failed")
    assert world.files("p", job) == {}


def test_037_what_a_failed_datum_had_put_out_is_in_the_meta_repo_only(world):
    world.create_repo("in")
    world.put("in", {"/bad": "2"})
    job = world.shell("p", world.pfs_input("in"), "printf half > /pfs/out/half; exit 3", datum_tries=1)
    assert world.wait("p", job).state == FAILURE
    (failed,) = world.datums("p", job)
    assert world.files("p", job, "meta")[f"/pfs/{failed.datum.id}/out/half"] == "half"
    assert world.files("p", job) == {}
