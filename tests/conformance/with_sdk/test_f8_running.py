"""F8: spouts, services, egress, scaling; of F5, what a stop or an update of a pipeline does."""

from __future__ import annotations

import itertools
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS
KILLED = pps.JobState.JOB_KILLED
EGRESSING = pps.JobState.JOB_EGRESSING
RUNNING = pps.PipelineState.PIPELINE_RUNNING
PLAIN_SPOUT = pps.Spout().parse(b"")  # present, and empty: the client leaves out what was never set
SLOW = "case $(cat /pfs/in/*) in slow) sleep 60;; esac; cp /pfs/in/* /pfs/out/"


def _put(flags: str = "") -> tuple[str, ...]:
    """A spout that puts a file of more and more dates, all the time."""
    put = f"pachctl put file $PPS_PIPELINE_NAME@master:/date -f /tmp/date {flags} || exit 1"
    return ("while true; do", "date +%s.%N >> /tmp/date", put, "done")


def _spout(world, name: str, *lines: str, update: bool = False) -> None:
    code = pps.Transform(image="host", cmd=["sh"], stdin=list(lines))
    spec = {"pipeline": world.pipeline(name), "transform": code, "spout": PLAIN_SPOUT, "update": update}
    world.client.pps.create_pipeline(**spec)


def _commits(world, name: str, number: int) -> list[pfs.CommitInfo]:
    """The first commits of a spout, as a subscriber sees them."""
    stream = world.client.pfs.subscribe_commit(
        repo=world.repo(name), branch="master", state=pfs.CommitState.FINISHED
    )
    return list(itertools.islice(stream, number))


def _sizes(world, name: str, commits: list[pfs.CommitInfo]) -> list[int]:
    return [
        world.client.pfs.inspect_file(file=world.file(name, "/date", it.commit.id)).size_bytes
        for it in commits
    ]


def _info(world, name: str) -> pps.PipelineInfo:
    return world.client.pps.inspect_pipeline(pipeline=world.pipeline(name), details=True)


def _said(world, name: str) -> list[str]:
    return [line.message for line in world.client.pps.get_logs(pipeline=world.pipeline(name))]


def test_093_a_spout_begins_with_nothing_and_appends(world):
    _spout(world, "spout", *_put())
    first, *more = _commits(world, "spout", 4)
    assert world.files("spout", first.commit.id) == {}
    sizes = _sizes(world, "spout", more)
    assert sizes == sorted(set(sizes))
    spec = _info(world, "spout").spec_commit
    assert [commit.direct_provenance for commit in (first, *more)] == [[spec]] * 4


def test_093_a_pipeline_that_reads_a_spout_gets_one_job_when_made(world):
    line = "echo x | pachctl put file $PPS_PIPELINE_NAME@master:/x -f -; sleep 60"
    _spout(world, "spout", line)
    newest = _commits(world, "spout", 2)[-1].commit.id
    job = world.shell("reader", world.pfs_input("spout"), "cp /pfs/spout/* /pfs/out/")
    assert world.wait("reader", job).state == SUCCESS
    assert len(world.jobs("reader")) == 1
    assert world.files("reader") == {"/x": "x\n"}
    assert newest in {it.commit.id for it in world.client.pfs.list_commit(repo=world.repo("spout"))}


def test_093_an_updated_spout_makes_commits_of_its_new_spec(world):
    _spout(world, "spout", *_put())
    _commits(world, "spout", 2)
    _spout(world, "spout", *_put("-a"), update=True)
    spec = _info(world, "spout").spec_commit.id

    def newest() -> pfs.CommitInfo:
        return world.client.pfs.inspect_commit(commit=world.commit("spout", "master"))

    world.eventually(lambda: [it.id for it in newest().direct_provenance] == [spec])


def test_093_a_spout_that_overwrites_keeps_the_size(world):
    put = "pachctl put file $PPS_PIPELINE_NAME@master:/date -f /tmp/date"
    _spout(world, "spout", "while true; do date +%s > /tmp/date", put, "done")
    _, *more = _commits(world, "spout", 4)
    assert len(set(_sizes(world, "spout", more))) == 1


def test_093_a_spout_is_stopped_and_started(world):
    _spout(world, "spout", "while true; do echo alive; sleep 0.02; done &", *_put())
    _commits(world, "spout", 2)
    world.client.pps.stop_pipeline(pipeline=world.pipeline("spout"))
    assert _info(world, "spout").state == pps.PipelineState.PIPELINE_PAUSED
    before = len(list(world.client.pfs.list_commit(repo=world.repo("spout"))))
    world.eventually(
        lambda: (said := _said(world, "spout"), time.sleep(0.3), said == _said(world, "spout"))[2]
    )
    assert len(list(world.client.pfs.list_commit(repo=world.repo("spout")))) == before
    world.client.pps.start_pipeline(pipeline=world.pipeline("spout"))
    assert _info(world, "spout").state == RUNNING
    _commits(world, "spout", before + 2)


def test_093_a_spout_with_an_input_is_refused(world, fails):
    world.create_repo("in")
    code = pps.Transform(image="host", cmd=["true"])
    spec = {"pipeline": world.pipeline("p"), "transform": code, "input": world.pfs_input("in")}
    _, text = fails(world.client.pps.create_pipeline, **spec, spout=PLAIN_SPOUT)
    assert "spout pipelines (without a service) must not have an input" in text


def test_093_nobody_but_its_stage_commits_to_the_output_of_a_spout(world, fails):
    _spout(world, "spout", "sleep 60")
    _, text = fails(world.client.pfs.start_commit, branch=world.branch("spout"))
    assert "cannot start a commit on an output branch" in text


def test_093_the_stage_of_a_spout_writes_nothing_but_its_output(world):
    world.create_repo("in")
    lines = ("pachctl put file in@master:/x -f /etc/hosts; pachctl create repo other; sleep 60",)
    _spout(world, "spout", *lines)
    said = ("and nothing else", "a stage may not call")
    world.eventually(lambda: all(text in "\n".join(_said(world, "spout")) for text in said))
    assert {it.repo.name for it in world.client.pfs.list_repo(type="user", projects=[world.project])} == {
        "in",
        "spout",
    }


@pytest.fixture
def port() -> int:
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        return any_socket.getsockname()[1]


def _ask(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return ""


def test_094_a_service_serves_the_newest_commit(world, port):
    world.create_repo("in")
    first = world.put("in", {"/file": "foo"})
    code = pps.Transform(
        image="host",
        cmd=["sh"],
        stdin=[
            "mkdir /tmp/web; cp /pfs/in/file /tmp/web; echo $WORD > /tmp/web/word; cd /tmp/web",
            "exec python3 -m http.server 8000",
        ],
        env={"WORD": "custom"},
    )
    service = pps.Service(internal_port=8000, external_port=port)
    job = world.shell("web", world.pfs_input("in", "/"), transform=code, service=service)
    world.eventually(lambda: _ask(port, "/file") == "foo")
    assert _ask(port, "/word") == "custom\n"
    assert world.client.pps.inspect_job(job=world.job("web", job)).state == pps.JobState.JOB_RUNNING
    second = world.put("in", {"/file": "bar"})
    world.eventually(lambda: _ask(port, "/file") == "bar")
    assert world.wait("web", job).state == SUCCESS
    world.until("web", second, lambda info: info.state == pps.JobState.JOB_RUNNING)
    assert first != second
    world.client.pps.stop_pipeline(pipeline=world.pipeline("web"))
    assert world.wait("web", second).state == KILLED
    world.eventually(lambda: _ask(port, "/file") == "")


@pytest.mark.parametrize("url", ["invalid://nowhere", "/not/open/to/clients"])
def test_095_egress_to_nowhere_leaves_the_job_egressing(world, url):
    world.create_repo("in")
    world.put("in", {"/file": "foo"})
    id_ = world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/", egress=pps.Egress(url=url))
    job = world.job("p", id_)

    def tried_twice() -> bool:
        logs = world.client.pps.get_logs(job=job)
        return len([line for line in logs if "trying again" in line.message]) > 1

    world.eventually(tried_twice)
    info = world.client.pps.inspect_job(job=job)
    assert info.state == EGRESSING
    assert url in info.reason
    commit = world.client.pfs.inspect_commit(commit=world.commit("p", id_))
    assert commit.finished.timestamp() == 0
    world.client.pps.stop_job(job=job)
    assert world.wait("p", id_).state == KILLED


@pytest.mark.parametrize("legacy", [True, False])
def test_095_egress_gets_all_files_and_the_job_succeeds(world, open_folder: Path, legacy: bool):
    world.create_repo("in")
    world.put("in", {"/a": "1", "/dir/b": "2"})
    place = open_folder / world.project.name
    url = f"file://{place}"
    target = pps.Egress(url=url) if legacy else pps.Egress(object_storage=pfs.ObjectStorageEgress(url=url))
    job = world.shell("p", world.pfs_input("in", "/"), "cp -r /pfs/in/* /pfs/out/", egress=target)
    assert world.wait("p", job).state == SUCCESS
    assert {
        str(path.relative_to(place)): path.read_text() for path in place.rglob("*") if path.is_file()
    } == {
        "a": "1",
        "dir/b": "2",
    }


def test_095_nothing_of_a_failed_job_is_copied_out(world, open_folder: Path):
    world.create_repo("in")
    world.put("in", {"/a": "1"})
    place = open_folder / world.project.name
    job = world.shell(
        "p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/; exit 1", egress=pps.Egress(url=f"file://{place}")
    )
    assert world.wait("p", job).state == pps.JobState.JOB_FAILURE
    assert not place.exists()


def test_097_a_pipeline_that_scales_stands_by_while_idle(world):
    world.create_repo("in")
    job = world.shell("p", world.pfs_input("in"), SLOW, autoscaling=True)
    world.wait("p", job)
    info = _info(world, "p")
    assert info.state == pps.PipelineState.PIPELINE_STANDBY
    assert (info.details.workers_requested, info.details.workers_available) == (0, 0)
    job = world.put("in", {"/file": "slow"})
    info = world.eventually(lambda: (info := _info(world, "p")).state == RUNNING and info)
    assert info.details.workers_available == 1
    world.client.pps.stop_job(job=world.job("p", job))
    world.eventually(lambda: _info(world, "p").state == pps.PipelineState.PIPELINE_STANDBY)


def test_064_a_stopped_pipeline_holds_up_what_reads_it(world):
    world.create_repo("a")
    world.wait("b", world.shell("b", world.pfs_input("a"), "cp /pfs/a/* /pfs/out/ 2>/dev/null || true"))
    world.wait("c", world.shell("c", world.pfs_input("b"), "cp /pfs/b/* /pfs/out/ 2>/dev/null || true"))

    def made() -> dict[str, tuple[int, int]]:
        commits = {it: len(list(world.client.pfs.list_commit(repo=world.repo(it)))) for it in "bc"}
        return {it: (commits[it], len(world.jobs(it))) for it in "bc"}

    assert made() == {"b": (1, 1), "c": (1, 1)}
    world.client.pps.stop_pipeline(pipeline=world.pipeline("b"))
    put = world.put("a", {"/file": "foo"})
    (only,) = world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=put))
    assert only.commit.repo.name == "a"
    assert made() == {"b": (1, 1), "c": (1, 1)}


def test_064_commits_while_stopped_give_one_job_on_the_head_at_the_start(world):
    world.create_repo("in")
    world.wait("p", world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/"))
    world.client.pps.stop_pipeline(pipeline=world.pipeline("p"))
    for number in range(3):
        world.put("in", {f"/{number}": "x"})
    assert len(world.jobs("p")) == 1
    world.client.pps.start_pipeline(pipeline=world.pipeline("p"))
    newest, _creation = world.jobs("p")
    assert world.wait("p", newest.job.id).state == SUCCESS
    assert world.files("p") == {f"/{number}": "x" for number in range(3)}


def test_065_an_update_of_a_stopped_pipeline_waits_for_the_start(world):
    world.create_repo("in")
    world.put("in", {"/file": "foo"})
    world.wait("p", world.shell("p", world.pfs_input("in"), "echo one > /pfs/out/said"))
    before = len(list(world.client.pfs.list_commit(repo=world.repo("p"))))
    world.client.pps.stop_pipeline(pipeline=world.pipeline("p"))
    world.shell("p", world.pfs_input("in"), "echo two > /pfs/out/said", update=True, reprocess=True)
    info = _info(world, "p")
    assert (info.version, info.state) == (2, pps.PipelineState.PIPELINE_PAUSED)
    assert len(list(world.client.pfs.list_commit(repo=world.repo("p")))) == before
    assert len(world.jobs("p")) == 1
    world.client.pps.start_pipeline(pipeline=world.pipeline("p"))
    assert _info(world, "p").version == 2
    newest, _creation = world.jobs("p")
    assert world.wait("p", newest.job.id).state == SUCCESS
    assert world.read("p", "/said") == "two\n"


def test_066_an_update_kills_the_jobs_of_the_version_before(world):
    world.create_repo("in")
    made = world.shell("p", world.pfs_input("in"), SLOW, parallelism_spec=_two())
    world.wait("p", made)
    jobs = [world.put("in", {"/file": "slow"}), world.put("in", {"/other": "slow"})]
    for job in jobs:
        world.until("p", job, lambda info: info.state == pps.JobState.JOB_RUNNING)
    job = world.shell("p", world.pfs_input("in"), "true", update=True, parallelism_spec=_two())
    assert world.wait("p", job).state == SUCCESS
    assert [info.state for info in world.jobs("p")] == [SUCCESS, KILLED, KILLED, SUCCESS]
    assert [info.job.id for info in world.jobs("p")] == [job, *reversed(jobs), made]
    killed = "all jobs killed because pipeline was updated for user unknown_username"
    assert [world.wait("p", id_).reason for id_ in jobs] == [killed] * 2


def _two() -> pps.ParallelismSpec:
    return pps.ParallelismSpec(constant=2)
