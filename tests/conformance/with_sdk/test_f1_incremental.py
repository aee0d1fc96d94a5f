"""F1: incremental datums and skipping."""

from __future__ import annotations

import grpc
from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS


def _state(info: pps.DatumInfo) -> str:
    return pps.DatumState(info.state).name


def test_001_an_empty_second_commit_skips_every_datum(world):
    world.create_repo("in")
    once = "echo ran; head -c 16 /dev/urandom | od -An -x > /pfs/out/$(basename /pfs/in/*)"
    world.shell("cp", world.pfs_input("in"), once)
    first = world.put("in", {"/file": "foo"})
    assert world.wait("cp", first).data_processed == 1
    written = world.files("cp", first)
    assert list(written) == ["/file"]
    second = world.put("in", {})
    done = world.wait("cp", second)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 0, 1)
    assert world.files("cp", second) == written
    said = [[line.message for line in _lines_of_code(world, id_)] for id_ in (first, second)]
    assert said == [["ran"], []]
    found = world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=second))
    repos = sorted((info.commit.repo.name, info.commit.repo.type) for info in found)
    assert repos == [("cp", "meta"), ("cp", "spec"), ("cp", "user"), ("in", "user")]


def _lines_of_code(world, id_: str) -> list[pps.LogMessage]:
    """What the code of pipeline `cp` wrote in a job."""
    return [line for line in world.client.pps.get_logs(job=world.job("cp", id_)) if line.user]


def test_002_changed_replaced_and_deleted_input_shows_in_the_output(world):
    world.create_repo("in")
    world.shell("cp", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    for change, then in (
        ({"/file": "foo"}, {"/file": "foo"}),
        ({"/file": "bar"}, {"/file": "bar"}),
        ({"/file": None, "/file2": "foo"}, {"/file2": "foo"}),
    ):
        done = world.wait("cp", world.put("in", change))
        assert done.state == SUCCESS
        assert world.files("cp") == then
    assert len(list(world.client.pfs.list_commit(repo=world.repo("cp")))) == 4


def test_003_a_second_file_runs_one_datum_and_skips_one(world):
    world.create_repo("in")
    world.shell("cp", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    creation = world.jobs("cp")[0].job.id
    first = world.put("in", {"/file": "foo"})
    world.wait("cp", first)
    second = world.put("in", {"/file2": "foo"})
    done = world.wait("cp", second)
    assert (done.state, done.data_processed, done.data_skipped, done.data_total) == (SUCCESS, 1, 1, 2)
    assert [info.job.id for info in world.jobs("cp")] == [second, first, creation]
    listed = [(info.data[0].file.path, _state(info)) for info in world.datums("cp", second)]
    assert sorted(listed) == [("/file", "SKIPPED"), ("/file2", "SUCCESS")]


def test_004_ten_files_and_ten_more_are_twenty_datums_ten_skipped(world):
    world.create_repo("in")
    world.shell("cp", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    world.wait("cp", world.put("in", {f"/file{n}": "foo" for n in range(10)}))
    second = world.put("in", {f"/file{n}": "foo" for n in range(10, 20)})
    done = world.wait("cp", second)
    assert (done.data_processed, done.data_skipped, done.data_total) == (10, 10, 20)
    listed = world.datums("cp", second)
    assert len(listed) == 20
    states = {info.data[0].file.path: _state(info) for info in listed}
    assert states == {f"/file{n}": "SKIPPED" if n < 10 else "SUCCESS" for n in range(20)}
    for info in listed:
        here = pps.Datum(id=info.datum.id, job=world.job("cp", second))
        assert world.client.pps.inspect_datum(datum=here).state == info.state


def test_005_a_deleted_input_takes_its_datum_and_its_output_along(world, fails):
    world.create_repo("in")
    world.shell("cp", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    first = world.put("in", {"/a": "1", "/b": "2"})
    world.wait("cp", first)
    (gone,) = [info.datum.id for info in world.datums("cp", first) if info.data[0].file.path == "/a"]
    second = world.put("in", {"/a": None})
    assert world.wait("cp", second).state == SUCCESS
    assert [info.data[0].file.path for info in world.datums("cp", second)] == ["/b"]
    assert world.files("cp") == {"/b": "2"}
    there = pps.Datum(id=gone, job=world.job("cp", second))
    code, text = fails(world.client.pps.inspect_datum, datum=there)
    assert code == grpc.StatusCode.NOT_FOUND
    assert text == f"datum {gone} not found in job {world.project.name}/cp@{second}"


def test_005_each_kind_of_join_lists_its_own_numbers(world):
    world.create_repo("twos", "threes")
    world.put("twos", {f"/{n}": "x" for n in range(0, 12, 2)})
    world.put("threes", {f"/{n}": "x" for n in range(0, 12, 3)})

    def job_of(left: bool, right: bool, update: bool) -> str:
        sides = [
            world.pfs_input("twos", "/(*)", join_on="$1", outer_join=left),
            world.pfs_input("threes", "/(*)", join_on="$1", outer_join=right),
        ]
        return world.shell("join", pps.Input(join=sides), "touch /pfs/out/$PACH_DATUM_ID", update=update)

    def numbers(id_: str) -> dict[int, int]:
        """Number -> of how many repos its only datum has it."""
        assert world.wait("join", id_).state == SUCCESS
        datums = world.datums("join", id_)
        assert list(world.files("join", id_)) == [f"/{info.datum.id}" for info in datums]
        listed = [[int(part.file.path[1:]) for part in info.data] for info in datums]
        assert all(len(set(datum)) == 1 for datum in listed)
        found = {datum[0]: len(datum) for datum in listed}
        assert len(found) == len(listed)
        return found

    for left, right, update in (
        (True, True, False),
        (True, False, True),
        (False, True, True),
        (False, False, True),
    ):
        wanted = [n for n in range(12) if n % 6 == 0 or (left and n % 2 == 0) or (right and n % 3 == 0)]
        assert numbers(job_of(left, right, update)) == {n: 2 if n % 6 == 0 else 1 for n in wanted}


def test_006_new_code_touches_new_datums_only_until_reprocess(world):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), _says("foo"))
    world.wait("p", world.put("in", {"/file": "1"}))
    job = world.shell("p", world.pfs_input("in"), _says("bar"), update=True)
    done = world.wait("p", job)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 0, 1)
    assert world.files("p") == {"/file": "foo\n"}
    done = world.wait("p", world.put("in", {"/file2": "2"}))
    assert (done.data_processed, done.data_skipped) == (1, 1)
    assert world.files("p") == {"/file": "foo\n", "/file2": "bar\n"}
    job = world.shell("p", world.pfs_input("in"), _says("buzz"), update=True, reprocess=True)
    done = world.wait("p", job)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 2, 0)
    assert world.files("p") == {"/file": "buzz\n", "/file2": "buzz\n"}


def _says(word: str) -> str:
    return f"for f in /pfs/in/*; do echo {word} > /pfs/out/$(basename $f); done"


def test_007_rerun_skips_what_is_good_and_with_reprocess_runs_all(world):
    world.create_repo("in")
    world.put("in", {"/file": "1"})
    first = world.shell("p", world.pfs_input("in"), _says("foo"))
    assert world.wait("p", first).data_processed == 1
    for reprocess, version, processed, skipped in ((False, 2, 0, 1), (True, 3, 1, 0)):
        world.client.pps.rerun_pipeline(pipeline=world.pipeline("p"), reprocess=reprocess)
        done = world.wait("p", world.jobs("p")[0].job.id)
        assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, processed, skipped)
        assert (done.pipeline_version, len(world.jobs("p"))) == (version, version)
        assert world.client.pps.inspect_pipeline(pipeline=world.pipeline("p")).version == version


def test_008_every_job_never_skips(world):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), _says("foo"), reprocess_spec="every_job")
    world.wait("p", world.put("in", {"/file": "1"}))
    for change in ({"/file2": "1"}, {}):
        done = world.wait("p", world.put("in", change))
        assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 2, 0)
        assert world.files("p") == {"/file": "foo\n", "/file2": "foo\n"}


def test_009_failed_recovered_and_processed_datums_are_counted(world):
    world.create_repo("in")
    world.put("in", {"/1": "", "/2": "", "/3": ""})
    fails = pps.Transform(
        image="host",
        cmd=["sh"],
        stdin=["cp /pfs/in/* /pfs/out/; test -e /pfs/in/1"],
        err_cmd=["sh"],
        err_stdin=["test -e /pfs/in/3"],
    )
    first = world.shell("p", world.pfs_input("in"), transform=fails, datum_tries=1)
    done = world.wait("p", first)
    assert done.state == pps.JobState.JOB_FAILURE
    assert (done.data_processed, done.data_recovered, done.data_failed) == (1, 1, 1)
    listed = world.datums("p", first)
    states = {info.data[0].file.path: _state(info) for info in listed}
    assert states == {"/1": "SUCCESS", "/2": "FAILED", "/3": "RECOVERED"}
    (failed,) = [info.datum.id for info in listed if _state(info) == "FAILED"]
    assert done.reason == f"datum {failed} failed"
    fails.err_cmd, fails.err_stdin = ["true"], []
    job = world.shell("p", world.pfs_input("in"), transform=fails, datum_tries=1, update=True)
    done = world.wait("p", job)
    assert done.state == SUCCESS
    assert (done.data_processed, done.data_skipped, done.data_recovered) == (1, 0, 2)
    assert (done.data_failed, list(world.files("p"))) == (0, ["/1"])


def test_010_a_job_of_recovered_datums_succeeds_and_they_run_again(world):
    world.create_repo("in")
    world.put("in", {"/1": ""})
    transform = pps.Transform(image="host", cmd=["false"], err_cmd=["true"])
    first = world.shell("p", world.pfs_input("in"), transform=transform, datum_tries=1)
    done = world.wait("p", first)
    assert (done.state, done.data_processed, done.data_recovered) == (SUCCESS, 0, 1)
    assert [_state(info) for info in world.datums("p", first)] == ["RECOVERED"]
    transform.cmd = ["true"]
    done = world.wait("p", world.shell("p", world.pfs_input("in"), transform=transform, update=True))
    assert (done.state, done.data_processed, done.data_recovered) == (SUCCESS, 1, 0)
    assert (done.data_skipped, done.data_failed) == (0, 0)


def test_011_an_update_to_other_datums_may_write_the_same_paths(world):
    world.create_repo("in", "other")
    world.put("in", {"/a": "1", "/b": "2"})
    world.put("other", {"/x": "3"})
    first = world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    assert world.wait("p", first).state == SUCCESS
    crossed = pps.Input(cross=[world.pfs_input("in"), world.pfs_input("other")])
    both = "for f in /pfs/in/*; do cat $f /pfs/other/x > /pfs/out/$(basename $f); done"
    done = world.wait("p", world.shell("p", crossed, both, update=True))
    assert (done.state, done.reason, done.data_processed) == (SUCCESS, "", 2)
    assert world.client.pfs.inspect_commit(commit=world.commit("p", done.job.id)).error == ""
    assert world.files("p") == {"/a": "13", "/b": "23"}


def test_012_a_changed_reference_input_invalidates_nothing(world):
    world.create_repo("in", "ref")
    world.put("in", {"/a": "1"})
    world.put("ref", {"/r": "1"})
    crossed = pps.Input(cross=[world.pfs_input("in"), world.pfs_input("ref", reference=True)])
    world.wait("p", world.shell("p", crossed, "cp /pfs/in/* /pfs/out/"))

    def states(id_: str) -> list[str]:
        done = world.wait("p", id_)
        assert (done.state, done.data_total) == (SUCCESS, 1)
        return [_state(info) for info in world.datums("p", id_)]

    assert states(world.put("ref", {"/r": "2"})) == ["SKIPPED"]
    assert world.files("p") == {"/a": "1"}
    assert states(world.put("in", {"/a": "2"})) == ["SUCCESS"]
    assert world.files("p") == {"/a": "2"}


def test_013_an_input_that_never_propagates_makes_no_job_but_is_seen_by_the_next(world):
    world.create_repo("in", "quiet")
    never = world.pfs_input("quiet", propagation_spec=pfs.PropagationSpec(never=True))
    crossed = pps.Input(cross=[world.pfs_input("in"), never])
    world.shell("p", crossed, "cat /pfs/in/* /pfs/quiet/* > /pfs/out/all")
    world.put("quiet", {"/q": "1"})
    world.wait("p", world.put("in", {"/a": "a"}))
    assert world.files("p") == {"/all": "a1"}
    before = _history(world, "p")
    quiet = world.put("quiet", {"/q": "2"})
    assert _history(world, "p") == before
    found = world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=quiet))
    assert [info.commit.repo.name for info in found] == ["quiet"]
    assert world.wait("p", world.put("in", {"/a": "b"})).state == SUCCESS
    assert world.files("p") == {"/all": "b2"}
    assert len(_history(world, "p")) == len(before) + 1


def _history(world, repo: str) -> list[str]:
    return [info.commit.id for info in world.client.pfs.list_commit(repo=world.repo(repo))]


def test_014_glob_slash_is_one_datum_over_all_files(world):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in", "/"), "echo $in $(ls /pfs/in) > /pfs/out/seen")
    world.wait("p", world.put("in", {"/a": "", "/b": "", "/c": ""}))
    done = world.wait("p", world.put("in", {"/d": ""}))
    assert (done.data_processed, done.data_skipped, done.data_total) == (1, 0, 1)
    assert done.state == SUCCESS
    assert [info.data[0].file.path for info in world.datums("p", done.job.id)] == ["/"]
    assert world.files("p") == {"/seen": "/pfs/in a b c d\n"}


def test_015_a_directory_datum_runs_again_as_a_whole(world):
    world.create_repo("in")
    names = "cd /pfs/in && for d in *; do echo $(ls $d) > /pfs/out/$d-$(cat $d/x); done"
    world.shell("p", world.pfs_input("in"), names)
    world.wait("p", world.put("in", {"/a/x": "1", "/a/y": "1", "/b/x": "1"}))
    assert world.files("p") == {"/a-1": "x y\n", "/b-1": "x\n"}
    second = world.put("in", {"/a/x": "2"})
    done = world.wait("p", second)
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 1, 1)
    states = {info.data[0].file.path: _state(info) for info in world.datums("p", second)}
    assert states == {"/a/": "SUCCESS", "/b/": "SKIPPED"}
    assert world.files("p") == {"/a-2": "x y\n", "/b-1": "x\n"}


def test_016_the_meta_repo_holds_the_datums_of_its_job_and_nothing_else(world):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")

    def held(id_: str, name: str) -> None:
        world.wait("p", id_)
        (datum,) = world.datums("p", id_)
        home = f"/pfs/{datum.datum.id}"
        assert sorted(world.files("p", id_, "meta")) == sorted(
            [f"/meta/{datum.datum.id}/meta", f"{home}/.env", f"{home}/in/{name}", f"{home}/out/{name}"]
        )

    held(world.put("in", {"/foo": "1"}), "foo")
    held(world.put("in", {"/foo": None, "/bar": "2"}), "bar")


def test_017_what_a_killed_job_finished_runs_again(world):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "test -e /pfs/in/b && sleep 60; cp /pfs/in/* /pfs/out/")
    first = world.put("in", {"/a": "", "/b": ""})
    world.until("p", first, lambda info: info.data_processed == 1)
    world.client.pps.stop_job(job=world.job("p", first))
    assert world.wait("p", first).state == pps.JobState.JOB_KILLED
    errors = [
        world.client.pfs.inspect_commit(commit=world.commit("p", first, kind)).error
        for kind in ("user", "meta")
    ]
    assert errors == ["job stopped", "job stopped"]
    done = world.wait("p", world.put("in", {"/b": None}))
    assert (done.state, done.data_processed, done.data_skipped) == (SUCCESS, 1, 0)
    assert world.files("p") == {"/a": ""}
