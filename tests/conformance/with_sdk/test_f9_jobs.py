"""F9: jobs page by page and filtered, datums in batches, logs."""

from __future__ import annotations

from datetime import timedelta

import grpc
from pachyderm_sdk.api import pps


def test_106_restarting_a_datum_of_a_finished_job_is_refused(world, fails):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    done = world.wait("p", world.put("in", {"/a": "foo"}))
    _, text = fails(world.client.pps.restart_datum, job=done.job)
    assert text == f"datum matching filter [] could not be found for job ID {done.job.id}"
    (datum,) = world.client.pps.list_datum(job=done.job)
    assert datum.state == pps.DatumState.SUCCESS
    assert world.client.pps.inspect_datum(datum=datum.datum).state == datum.state


def test_106_datums_come_in_batches_of_the_sizes_asked_for_until_there_are_no_more(world):
    world.create_repo("in")
    world.put("in", {f"/{number:02}": "" for number in range(38)})
    batches = world.client.pps.generate_datums(world.pfs_input("in"), batch_size=10)
    found = [next(batches), batches.send(5), batches.send(20), next(batches)]
    assert [len(batch) for batch in found] == [10, 5, 20, 3]
    assert next(batches, None) is None
    datums = [info for batch in found for info in batch]
    assert [info.data[0].file.path for info in datums] == [f"/{number:02}" for number in range(38)]
    assert len({info.datum.id for info in datums}) == 38
    listed = world.client.pps.list_datum(input=world.pfs_input("in"))
    assert {info.datum.id for info in listed} == {info.datum.id for info in datums}


def test_109_jobs_are_listed_newest_first_page_by_page_and_backwards(world, fails):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    made = [world.put("in", {f"/{n}": "x"}) for n in range(3)]
    every = world.jobs("p")
    ids = [info.job.id for info in every]
    assert ids[:3] == made[::-1]
    client, pipeline = world.client.pps, world.pipeline("p")

    def page(**more):
        found = client.list_job(pipeline=pipeline, history=-1, **more)
        return [info.job.id for info in found]

    assert page(number=2) == ids[:2]
    assert page(number=2, pagination_marker=every[1].created) == ids[2:]
    assert page(number=2, pagination_marker=every[3].created, reverse=True) == ids[1:3][::-1]
    assert page(number=1, reverse=True) == ids[3:]
    assert fails(client.inspect_job)[1] == "must specify a job"
    missing = fails(client.inspect_job, job=world.job("p", "0" * 32))
    assert missing == (grpc.StatusCode.NOT_FOUND, f"job {world.project.name}/p@{'0' * 32} not found")


def test_109_a_jq_filter_is_applied(world, fails):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "test ! -e /pfs/in/bad", datum_tries=1)
    good = world.put("in", {"/good": "x"})
    bad = world.put("in", {"/bad": "x"})
    for made in (good, bad):
        world.wait("p", made)

    def listed(jq_filter, **more):
        found = world.client.pps.list_job(
            pipeline=world.pipeline("p"), history=-1, jq_filter=jq_filter, **more
        )
        return [info.job.id for info in found]

    creation = world.jobs("p")[-1].job.id
    assert listed('select(.state=="JOB_SUCCESS")') == [good, creation]
    assert listed('select(.state=="JOB_SUCCESS")', number=1) == [good]
    assert listed('select(.state=="JOB_FAILURE")') == [bad]
    assert listed('.data_total == "1"') == [good]
    assert listed('.data_total == "1"', number=1) == [good]
    assert listed(f'.job.id == "{bad}"', number=1) == [bad]
    assert "jq filter" in fails(listed, ".state ==")[1]
    sets = world.client.pps.list_job_set(projects=[world.project], jq_filter='.state == "JOB_FAILURE"')
    assert [found.job_set.id for found in sets] == [bad]


def test_109_logs_of_a_job_of_a_datum_and_of_a_file(world, fails):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "echo reading $in")
    done = world.wait("p", world.put("in", {"/a": "1", "/b": "2"}))
    client = world.client.pps

    def said(**request):
        return sorted(line.message for line in client.get_logs(**request) if line.user)

    assert (
        said(job=done.job) == said(pipeline=world.pipeline("p")) == ["reading /pfs/in/a", "reading /pfs/in/b"]
    )
    assert said(job=done.job, data_filters=["/a"]) == ["reading /pfs/in/a"]
    first = next(it for it in client.list_datum(job=done.job) if it.data[0].file.path == "/b")
    assert said(datum=first.datum) == ["reading /pfs/in/b"]
    assert said(job=done.job, follow=True) == said(job=done.job)
    assert said(job=done.job, since=timedelta(seconds=0.001)) == []
    only = fails(client.get_logs, datum=pps.Datum(id=first.datum.id))
    assert only[1] == "must specify the Job or Pipeline that the datum is from to get logs for it"
