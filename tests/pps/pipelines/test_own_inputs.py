"""Inputs beside the plain ones: with a trigger, quiet, of another project, of the meta repo (spec B3)."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.errors import CalfError
from calf.model.refs import Branch, Repo
from calf.model.spec import sources
from calf.pfs import branches, commits, projects, repos
from tests.pfs.world import at
from tests.pps.pipelines.bench import Bench


def reads(repo: str = "in", **more: Any) -> dict[str, Any]:
    return {"pfs": {"repo": repo, "glob": "/*", **more}}


def trigger_of(bench: Bench, branch: str) -> str:
    with bench.world.pfs.read() as tx:
        trigger = branches.inspect(tx, at(branch)).trigger
    return "" if trigger is None else f"{trigger.branch} {trigger.commits}"


def test_an_input_with_a_trigger_reads_a_branch_of_its_own(bench: Bench) -> None:
    bench.world.commit("in@master", "/a")
    info = bench.create("p", reads(trigger={"commits": 2}))
    assert [str(source) for source in info.spec.sources] == ["default/in@p-trigger-1"]
    assert bench.provenance("p@master") == ["in@p-trigger-1", "p.spec@master"]
    assert trigger_of(bench, "in@p-trigger-1") == "master 2"
    assert bench.world.files("in@p-trigger-1") == []
    made = bench.outputs("p")
    bench.world.commit("in@master", "/b")
    assert (bench.world.files("in@p-trigger-1"), bench.outputs("p")) == (["/a", "/b"], made + 1)
    bench.world.commit("in@master", "/c")
    assert bench.outputs("p") == made + 1


def test_triggers_of_several_repos_count_apart_and_a_named_branch_is_kept(bench: Bench) -> None:
    bench.world.repo("other")
    for repo in ("in", "other"):
        bench.world.commit(f"{repo}@master", "/a")
    often: dict[str, Any] = {"trigger": {"commits": 1}}
    info = bench.create("p", {"cross": [reads(**often), reads("other", branch="mine", **often)]})
    assert [leaf.source.name for leaf in sources(info.spec.input)] == ["p-trigger-1", "mine"]
    assert trigger_of(bench, "other@mine") == "master 1"


def test_an_update_keeps_the_head_of_the_trigger_branch(bench: Bench) -> None:
    bench.world.commit("in@master", "/a")
    bench.create("p", reads(trigger={"commits": 1}))
    bench.world.commit("in@master", "/b")
    head = bench.world.head("in@p-trigger-1")
    bench.update("p", reads(trigger={"commits": 7}))
    assert bench.world.head("in@p-trigger-1") == head
    assert trigger_of(bench, "in@p-trigger-1") == "master 7"


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (reads(trigger={"commits": -1}), "can't trigger on a negative number of commits"),
        (reads(trigger={"size": "many"}), "invalid trigger size"),
        (reads(trigger={"cron_spec": "x"}), "invalid trigger cron spec"),
        (reads(branch="master", trigger={"commits": 1}), "triggers cannot form a loop"),
        (reads(trigger={"branch": "none", "commits": 1}), 'branch "none" not found in repo default/in'),
        (reads("out1", branch="master", trigger={"branch": "x"}), "both provenance and a trigger"),
    ],
)
def test_triggers_that_make_no_sense_are_refused(bench: Bench, node: dict[str, Any], text: str) -> None:
    bench.world.commit("in@master", "/a")
    bench.create("out1")
    with pytest.raises(CalfError) as caught:
        bench.create("p", node)
    assert text in caught.value.message


def test_a_quiet_input_starts_no_job_and_an_update_can_make_it_heard(bench: Bench) -> None:
    bench.world.repo("quiet")
    never: dict[str, Any] = {"propagation_spec": {"never": True}}
    bench.create("p", {"cross": [reads(), reads("quiet", **never)]})
    before = bench.outputs("p")
    bench.world.commit("quiet@master", "/q")
    assert bench.outputs("p") == before
    bench.world.commit("in@master", "/a")
    with bench.world.pfs.read() as tx:
        used = commits.inputs(tx, bench.world.head("p@master"))
    assert used[at("quiet@master")] == bench.world.head("quiet@master")
    bench.update("p", {"cross": [reads(), reads("quiet")]})
    before = bench.outputs("p")
    bench.world.commit("quiet@master", "/r")
    assert bench.outputs("p") == before + 1


def test_a_branch_that_one_input_hears_and_another_does_not_is_heard(bench: Bench) -> None:
    never: dict[str, Any] = {"propagation_spec": {"never": True}}
    bench.create("p", {"cross": [reads(name="a", **never), reads(name="b")]})
    before = bench.outputs("p")
    bench.world.commit("in@master", "/a")
    assert bench.outputs("p") == before + 1


def test_a_repo_of_another_project_can_be_read(bench: Bench) -> None:
    with bench.world.pfs.transaction() as txn:
        projects.create(txn, "lab")
        repos.create(txn, Repo("lab", "in"))
        branches.create(txn, Branch(Repo("lab", "in"), "master"))
    info = bench.create("p", {"cross": [reads(name="here"), reads(name="there", project="lab")]})
    assert [str(source) for source in info.spec.sources] == ["default/in@master", "lab/in@master"]
    assert bench.provenance("p@master") == ["in@master", "lab/in@master", "p.spec@master"]


def test_the_records_of_another_pipeline_can_be_read(bench: Bench) -> None:
    bench.create("p")
    info = bench.create("q", reads("p", repo_type="meta", glob="/meta/*"))
    assert [str(source) for source in info.spec.sources] == ["default/p.meta@master"]
    assert len(bench.jobs("q")) == 1
    bench.world.commit("in@master", "/a")
    bench.jobs("q")
    assert len(bench.jobs("q")) == 2
