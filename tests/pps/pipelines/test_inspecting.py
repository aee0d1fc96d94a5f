"""Asking about pipelines and their versions."""

from __future__ import annotations

import pytest

from calf.db import jobs
from calf.model.errors import InvalidArgument, NotFound
from calf.model.pps_infos import PipelineInfo
from calf.model.states import JobState, PipelineState
from calf.pps.jobs.catch_up import catch_up
from calf.pps.status import alerts
from tests.pps.pipelines.bench import Bench, pipeline


@pytest.fixture
def three(bench: Bench) -> list[PipelineInfo]:
    """A pipeline in its third version."""
    return [bench.create("p"), bench.update("p", datum_tries=2), bench.update("p", datum_tries=3)]


def test_former_versions_are_named_by_ancestry(bench: Bench, three: list[PipelineInfo]) -> None:
    assert [bench.inspect(name).version for name in ("p", "p^", "p^^", "p~2", "p^0", "p.1")] == [
        3,
        2,
        1,
        1,
        3,
        1,
    ]
    assert bench.inspect("p^").spec == three[1].spec


def test_versions_that_are_not_there_are_told(bench: Bench, three: list[PipelineInfo]) -> None:
    with pytest.raises(NotFound, match='pipeline "default/p" has no version -2'):
        bench.inspect("p^5")
    with pytest.raises(InvalidArgument, match="cannot inspect future pipelines"):
        bench.inspect("p.4")
    with pytest.raises(NotFound, match='pipeline "default/none" not found'):
        bench.inspect("none")


def test_history_counts_former_versions(bench: Bench, three: list[PipelineInfo]) -> None:
    def versions(history: int) -> list[int]:
        return [info.version for info in bench.listed(pipeline=pipeline("p"), history=history)]

    assert [versions(history) for history in (0, 1, -1)] == [[3], [3, 2], [3, 2, 1]]


def test_a_commit_set_shows_the_version_that_it_was_made_with(bench: Bench) -> None:
    bench.create("p")
    early = bench.world.commit("in@master", "/a")
    bench.end_jobs()
    bench.update("p", datum_tries=9)
    late = bench.world.commit("in@master", "/b")
    assert [info.version for info in bench.listed(commit_set=early.id)] == [1]
    assert [info.version for info in bench.listed(commit_set=late.id)] == [2]


def test_the_newest_pipeline_comes_first_and_lists_can_be_narrowed(bench: Bench) -> None:
    bench.create("a")
    bench.create("b")
    bench.create("c", transform={"image": "stage:1"})
    assert [info.pipeline.name for info in bench.listed()] == ["c", "b", "a"]
    failed = bench.listed(states=frozenset({PipelineState.FAILURE}))
    assert [info.pipeline.name for info in failed] == ["c"]
    assert bench.listed(projects=("other",)) == []


def test_the_state_of_the_newest_job_is_shown(bench: Bench) -> None:
    bench.create("p")
    assert bench.inspect("p").last_job_state is JobState.UNKNOWN
    bench.jobs("p")
    assert bench.inspect("p").last_job_state is JobState.CREATED


def test_asking_how_a_pipeline_is_reads_no_jobs_that_wait_in_its_line(bench: Bench) -> None:
    """Every page of the dashboard asks, and thousands may wait."""
    bench.create("p")
    for _ in range(3):
        bench.world.finish(bench.world.start("in@master"))
    catch_up(bench.world.pfs)
    jobs._info.cache_clear()  # it is called for each job that is read
    assert bench.inspect("p").last_job_state is JobState.CREATED
    with bench.world.pfs.read() as tx:
        assert alerts(tx, None, 0.0) == []
    assert jobs._info.cache_info().misses == 0
    assert len(bench.jobs("p")) == 4
    assert jobs._info.cache_info().misses == 4
