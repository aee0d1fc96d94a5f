"""Running a pipeline on commits of the past: recomputed, on record, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, InvalidArgument, NotFound
from calf.model.pps_infos import JobInfo
from calf.model.refs import META, SPEC, Branch, CommitRef, Pipeline, Repo
from calf.model.states import JobState
from calf.pfs import branches, commits
from calf.pps import pipelines, scratch
from calf.pps.jobs.removed import forget_jobs_of
from calf.pps.rerunning import run_pipeline
from calf.rpc.call import Call
from calf.rpc.pps_run import try_pipeline
from calf.wire.convert_refs import write_pipeline
from calf.wire.messages import calf_pps
from tests.pps.stages import Visit, copy
from tests.pps.workshop import Open, Workshop, counts

P = Pipeline("default", "p")


def ref(text: str, kind: str = "user") -> CommitRef:
    """`repo@commit`."""
    repo, _, at = text.partition("@")
    return CommitRef(Repo("default", repo, kind), at)


def run(workshop: Workshop, *given: CommitRef, job: str = "", name: str = "p") -> JobInfo:
    """The job, once it has ended."""
    with workshop.pfs.transaction() as txn:
        made = run_pipeline(txn, Pipeline("default", name), given, job)
    return workshop.wait("p", made.job.id)


def head(workshop: Workshop, branch: str) -> str:
    repo, _, name = branch.partition("@")
    with workshop.pfs.read() as tx:
        return branches.inspect(tx, Branch(Repo("default", repo), name)).head.id


def sources(workshop: Workshop, job_id: str, kind: str = "user") -> set[str]:
    """What the provenance of a job's commit says."""
    with workshop.pfs.read() as tx:
        commit = commits.resolve(tx, ref(f"p@{job_id}", kind))
        return {str(source) for source in commits.inputs(tx, commit).values()}


@pytest.fixture
def past(workshop: Workshop) -> list[str]:
    """Pipelines p and q, which reads p, after two commits of `in`: their ids."""
    workshop.pipeline("p")
    workshop.pipeline("q", "p:/*")
    made = [workshop.put("in", {"/a": "1"}), workshop.put("in", {"/a": "2", "/b": "3"})]
    for each in made:
        workshop.wait_set(each)
    return made


def test_everything_is_computed_again_from_the_commit_given(workshop: Workshop, past: list[str]) -> None:
    info = run(workshop, ref(f"in@{past[0]}"))
    assert (info.state, counts(info), info.detached) == (JobState.SUCCESS, {"processed": 1}, True)
    assert workshop.files("p", info.job.id) == {"/a": "1"} == workshop.files("p", past[0])
    assert f"default/in@{past[0]}" in sources(workshop, info.job.id)
    assert sources(workshop, info.job.id) == sources(workshop, info.job.id, META)


def test_no_branch_moves_and_nothing_follows(workshop: Workshop, past: list[str]) -> None:
    before = [head(workshop, name) for name in ("in@master", "p@master", "q@master")]
    info = run(workshop, ref(f"in@{past[0]}"))
    assert [head(workshop, name) for name in ("in@master", "p@master", "q@master")] == before
    assert len(workshop.jobs("q")) == 4 - 1
    assert workshop.jobs("p")[0].job == info.job, "it is listed with the others"
    with workshop.pfs.read() as tx:
        assert pipelines.inspect(tx, P).last_job_state is JobState.SUCCESS
    workshop.wait("p", following := workshop.put("in", {"/c": "4"}))
    assert counts(workshop.jobs("p")[0]) == {"processed": 1, "skipped": 2}, "it is no base"
    assert workshop.files("p", following) == {"/a": "2", "/b": "3", "/c": "4"}


def test_a_job_is_run_again_as_it_was(workshop: Workshop, past: list[str]) -> None:
    old = workshop.wait("p", past[1])
    workshop.wait("p", workshop.pipeline("p", stage="nothing", update=True, reprocess=True))
    workshop.images.unknown.add("busybox:1")
    info = run(workshop, job=past[1])
    assert (info.pipeline_version, info.image) == (1, old.image)
    assert workshop.files("p", info.job.id) == {"/a": "2", "/b": "3"}
    assert sources(workshop, info.job.id) == sources(workshop, past[1])
    with workshop.pfs.read() as tx:
        assert pipelines.inspect(tx, P).version == 2


def test_a_former_version_can_be_named_in_two_ways(workshop: Workshop, past: list[str]) -> None:
    workshop.wait("p", workshop.pipeline("p", stage="nothing", update=True, reprocess=True))
    with workshop.pfs.read() as tx:
        spec = pipelines.inspect(tx, replace(P, name="p^1")).spec_commit
    assert run(workshop, ref(f"in@{past[0]}"), name="p^1").pipeline_version == 1
    assert run(workshop, ref(f"in@{past[0]}"), ref(f"p@{spec.id}", SPEC)).pipeline_version == 1
    assert run(workshop, ref(f"in@{past[0]}")).pipeline_version == 2


def test_a_stopped_pipeline_can_be_run_too_and_an_update_leaves_the_run_alone(open_workshop: Open) -> None:
    gate = CancelToken()

    def slow(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"slow": slow})
    workshop.repo("in")
    workshop.pipeline("p", stage="slow")
    first = workshop.put("in", {"/a": "1"})
    workshop.pause("p")
    with workshop.pfs.transaction() as txn:
        made = run_pipeline(txn, P, [ref(f"in@{first}")])
    workshop.until_counts("p", made.job.id)
    workshop.until("p", made.job.id, "RUNNING")
    workshop.pipeline("p", stage="copy", update=True)
    gate.cancel()
    assert workshop.wait("p", made.job.id).state is JobState.SUCCESS
    assert workshop.files("p", made.job.id) == {"/a": "1"}


def test_it_ends_as_other_jobs_do(workshop: Workshop, past: list[str]) -> None:
    workshop.wait("p", workshop.pipeline("p", stage="fail", update=True, reprocess=True))
    info = run(workshop, ref(f"in@{past[0]}"))
    assert (info.state, info.reason[:6]) == (JobState.FAILURE, "datum ")
    workshop.delete_job("p", info.job.id)
    assert info.job not in [other.job for other in workshop.jobs("p")]


def test_a_run_can_be_dropped_and_keeps_what_it_came_from_until_then(
    workshop: Workshop, past: list[str]
) -> None:
    info = run(workshop, ref(f"in@{past[1]}"))
    with pytest.raises(CalfError, match=info.job.id), workshop.pfs.transaction() as txn:
        commits.drop_set(txn, past[1])
    with workshop.pfs.transaction() as txn:
        forget_jobs_of(txn, commits.drop_set(txn, info.job.id))
    assert info.job not in [other.job for other in workshop.jobs("p")]
    with workshop.pfs.transaction() as txn:
        forget_jobs_of(txn, commits.drop_set(txn, past[1]))
    assert workshop.files("p") == {"/a": "1"}


def test_what_cannot_be_run_is_said(workshop: Workshop, past: list[str]) -> None:
    workshop.repo("other")
    workshop.put("other", {"/x": "1"})
    with pytest.raises(InvalidArgument, match="does not read repo default/other"):
        run(workshop, ref("other@master"))
    with pytest.raises(NotFound):
        run(workshop, ref("in@" + "0" * 12 + "4" + "0" * 19))
    with pytest.raises(InvalidArgument, match=f"default/in@{past[0]} and default/in@{past[1]} are given"):
        run(workshop, ref(f"in@{past[0]}"), ref(f"in@{past[1]}"))
    with pytest.raises(NotFound):
        run(workshop, job="0" * 32)
    with pytest.raises(NotFound):
        run(workshop, name="none")


def test_an_input_that_starts_no_job_is_read_as_it_was_recorded(workshop: Workshop) -> None:
    workshop.repo("calm")
    never = {"repo": "calm", "glob": "/*", "propagationSpec": {"never": True}}
    workshop.put("calm", {"/x": "old"})
    workshop.pipeline("p", {"cross": [{"pfs": {"repo": "in", "glob": "/*"}}, {"pfs": never}]})
    made = workshop.put("in", {"/a": "1"})
    workshop.wait("p", made)
    recorded = sources(workshop, made)
    workshop.put("calm", {"/x": "new"})
    info = run(workshop, job=made)
    assert sources(workshop, info.job.id) == recorded
    assert workshop.files("p", info.job.id) == workshop.files("p", made)


@pytest.mark.parametrize("killed", [False, True])
def test_a_run_in_scratch_goes_with_whoever_asked_for_it(
    workshop: Workshop, past: list[str], killed: bool
) -> None:
    jobs, client = workshop.jobs("p"), CancelToken()
    call = Call("/calf_pps_v1.API/TryPipeline", cancel=client)
    request = calf_pps.RunPipelineRequest(pipeline=write_pipeline(P), job_id=past[0])
    stream = try_pipeline(workshop.pps, request, call)
    made = next(stream).job.id
    assert workshop.wait("p", made).detached
    if killed:
        stream.close()
    else:
        client.cancel()
        assert list(stream) == []
    assert workshop.jobs("p") == jobs
    with workshop.pfs.read() as tx, pytest.raises(NotFound):
        commits.resolve(tx, ref(f"p@{made}"))


def test_what_a_killed_server_left_in_scratch_goes_at_its_next_start(
    workshop: Workshop, past: list[str]
) -> None:
    jobs = workshop.jobs("p")
    kept = run(workshop, job=past[0])
    for _ in range(2):
        with workshop.pfs.transaction() as txn:
            left = run_pipeline(txn, P, (), past[0]).job.id
            scratch.note(txn, left)
    with workshop.pfs.transaction() as txn:
        forget_jobs_of(txn, commits.drop_set(txn, left))
    scratch.drop_left(workshop.pfs)
    scratch.drop_left(workshop.pfs)
    assert workshop.jobs("p") == [kept, *jobs]
