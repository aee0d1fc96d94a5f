"""New versions, stopping and starting."""

from __future__ import annotations

import pytest

from calf.model.errors import NotFound
from calf.model.states import JobState, PipelineState
from tests.pps.pipelines.bench import Bench


def test_an_update_is_a_new_version_with_a_job_even_if_nothing_changed(bench: Bench) -> None:
    first = bench.create("p")
    second = bench.update("p")
    assert (second.version, second.salt, second.created) == (2, first.salt, first.created)
    assert second.updated > first.updated
    assert bench.outputs("p") == 2
    newest = bench.jobs("p")[0]
    assert (newest.pipeline_version, newest.state) == (2, JobState.CREATED)


def test_update_of_a_missing_pipeline_creates_it(bench: Bench) -> None:
    assert bench.update("p").version == 1


def test_an_update_kills_the_jobs_of_the_old_version(bench: Bench) -> None:
    bench.create("p")
    (old,) = bench.jobs("p")
    bench.update("p")
    new, killed = bench.jobs("p")
    assert (new.state, killed.state) == (JobState.CREATED, JobState.KILLED)
    assert killed.job == old.job
    assert killed.reason == "all jobs killed because pipeline was updated for user unknown_username"
    assert bench.world.info(killed.output_commit).error == killed.reason


def test_reprocess_gives_a_new_salt(bench: Bench) -> None:
    first = bench.create("p", salt="mine")
    assert bench.update("p", salt="other").salt == first.salt
    assert bench.update("p", salt="other", reprocess=True).salt == "other"
    again = bench.update("p", salt="other", reprocess=True).salt
    assert again not in ("mine", "other")


def test_rerun_is_an_update_with_the_same_spec(bench: Bench) -> None:
    first = bench.create("p", datum_tries=5)
    again = bench.rerun("p")
    assert (again.version, again.salt, again.spec) == (2, first.salt, first.spec)
    assert again.user_spec_json == first.user_spec_json
    assert bench.rerun("p", reprocess=True).salt != first.salt


def test_rerun_keeps_the_order_of_inputs_and_so_the_identity_of_datums(bench: Bench) -> None:
    bench.world.repo("a")
    first = bench.create("p", "in a")
    assert [source.repo.name for source in first.spec.sources] == ["in", "a"]
    assert bench.rerun("p").spec == first.spec
    assert bench.update("p", "in a").spec == first.spec


def test_changed_inputs_rewire_the_branches(bench: Bench) -> None:
    bench.world.repo("more")
    bench.create("p", "in")
    bench.update("p", "in more")
    assert bench.provenance("p@master") == ["in@master", "more@master", "p.spec@master"]
    assert bench.outputs("p") == 2


def test_a_changed_output_branch_takes_over(bench: Bench) -> None:
    bench.create("p")
    bench.update("p", output_branch="new")
    assert bench.provenance("p@new") == ["in@master", "p.spec@master"]
    assert bench.provenance("p@master") == []
    bench.end_jobs()
    bench.world.commit("in@master", "/x")
    assert bench.outputs("p") == 3


def test_a_stopped_pipeline_makes_no_commits_and_its_jobs_are_killed(bench: Bench) -> None:
    bench.create("p")
    (running,) = bench.jobs("p")
    bench.stop("p")
    info = bench.inspect("p")
    assert (info.state, info.stopped) == (PipelineState.PAUSED, True)
    (killed,) = bench.jobs("p")
    assert (killed.job, killed.state) == (running.job, JobState.KILLED)
    assert killed.reason == "all jobs killed because pipeline was stopped for user unknown_username"
    bench.world.commit("in@master", "/x")
    bench.world.commit("in@master", "/y")
    assert bench.outputs("p") == 1
    bench.stop("p")


def test_a_start_makes_exactly_one_job_on_the_current_inputs(bench: Bench) -> None:
    bench.create("p")
    bench.stop("p")
    bench.world.commit("in@master", "/x")
    head = bench.world.commit("in@master", "/y")
    bench.start("p")
    assert bench.inspect("p").state is PipelineState.RUNNING
    assert bench.outputs("p") == 2
    newest = bench.world.info("p@master")
    assert head in newest.direct_provenance
    bench.start("p")
    assert bench.outputs("p") == 2


def test_stopping_and_starting_quickly_still_kills_the_old_job(bench: Bench) -> None:
    bench.create("p")
    bench.stop("p")
    bench.start("p")
    assert [job.state for job in bench.jobs("p")] == [JobState.CREATED, JobState.KILLED]


def test_a_stopped_pipeline_stays_stopped_when_updated(bench: Bench) -> None:
    bench.create("p")
    bench.stop("p")
    info = bench.update("p", datum_tries=7)
    assert (info.version, info.state, info.stopped) == (2, PipelineState.PAUSED, True)
    assert bench.outputs("p") == 1
    bench.start("p")
    (job, _) = bench.jobs("p")
    assert job.pipeline_version == 2


def test_stopping_in_the_middle_of_a_chain_keeps_what_is_below_quiet(bench: Bench) -> None:
    bench.create("a")
    bench.create("b", "a")
    bench.create("c", "b")
    bench.stop("b")
    before = bench.outputs("c")
    bench.world.commit("in@master", "/x")
    assert bench.outputs("c") == before


def test_a_start_finds_the_image_that_came_meanwhile(bench: Bench) -> None:
    bench.create("p", transform={"cmd": ["run"], "image": "later:1"})
    bench.stop("p")
    bench.images.known["later:1"] = "d5"
    bench.start("p")
    info = bench.inspect("p")
    assert info.state is PipelineState.RUNNING
    assert info.image is not None


def test_what_is_not_there_cannot_be_paused_or_rerun(bench: Bench) -> None:
    for act in (bench.stop, bench.start, bench.rerun):
        with pytest.raises(NotFound, match='pipeline "default/none" not found'):
            act("none")
