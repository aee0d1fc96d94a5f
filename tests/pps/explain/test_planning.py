"""What a plan says, against what the job then does."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.errors import NotFound
from calf.model.refs import CommitRef, Pipeline, Repo
from calf.model.spec import parse
from calf.pps import explain
from calf.pps.explain import Plan, caveats
from calf.pps.pipelines import effective_spec
from tests.pps.workshop import Open, Workshop

P = Pipeline("default", "p")


def planned(workshop: Workshop, *given: CommitRef) -> Plan:
    with workshop.pfs.read() as tx:
        return explain.plan_pipeline(workshop.pps, tx, P, given)


def update(workshop: Workshop, stage: str = "copy", reprocess: bool = False, **more: Any) -> Plan:
    """The plan of an update, which is then made: the job does what was planned."""
    transform = {"cmd": [stage], "image": "busybox:1"} | more.pop("transform", {})
    document = {"pipeline": {"name": "p"}, "transform": transform, "input": {"pfs": {"repo": "in"}}, **more}
    document["input"] = {"pfs": {"repo": "in", "glob": "/*"}}
    with workshop.pfs.read() as tx:
        spec = effective_spec(workshop.pps, parse(document))
        plan = explain.plan(workshop.pps, tx, spec, reprocess=reprocess)
    transform.pop("cmd")
    made = workshop.pipeline("p", stage=stage, transform=transform, update=True, reprocess=reprocess, **more)
    info = workshop.wait("p", made)
    assert (plan.version, plan.run) == (info.pipeline_version, info.counts.processed)
    assert len(plan.datums) - plan.run == info.counts.skipped
    return plan


def reasons(plan: Plan) -> list[tuple[str, str, int]]:
    return [(it.part, it.detail, it.datums) for it in plan.reasons]


def differences(plan: Plan) -> list[tuple[str, str, str]]:
    return [(it.part, it.name, it.kind) for datum in plan.datums for it in datum.differences]


@pytest.fixture
def calf(open_workshop: Open) -> Workshop:
    """An engine with our rule of identity, and a pipeline p over two files that ran."""
    workshop = open_workshop(datum_identity="calf")
    workshop.repo("in")
    workshop.put("in", {"/a": "1", "/b": "2"})
    workshop.wait("p", workshop.pipeline("p"))
    return workshop


def test_what_is_as_it_was_would_be_skipped(calf: Workshop) -> None:
    plan = planned(calf)
    assert (plan.version, len(plan.datums), plan.run, plan.removed) == (1, 2, 0, 0)
    assert plan.base_job == calf.jobs("p")[0].job.id
    assert [str(commit.repo) for commit in plan.commits] == ["default/in"]
    assert update(calf).run == 0


def test_a_new_image_command_variable_and_tries_are_told_apart(calf: Workshop) -> None:
    assert reasons(update(calf, transform={"image": "busybox:2"})) == [
        ("image", "digest of busybox:1 -> digest of busybox:2", 2)
    ]
    plan = update(calf, transform={"image": "busybox:2", "env": {"LEVEL": "3"}})
    assert reasons(plan) == [("env", "LEVEL added: 3", 2)]
    plan = update(calf, "nothing", transform={"image": "busybox:2", "env": {"LEVEL": "4"}})
    assert set(reasons(plan)) == {
        ("env", "LEVEL changed: 3 -> 4", 2),
        ("cmd", '["copy"] -> ["nothing"]', 2),
    }
    assert (
        update(calf, "nothing", transform={"image": "busybox:2", "env": {"LEVEL": "4"}}, datum_tries=7).run
        == 0
    )


def test_reprocess_and_every_job_run_everything(calf: Workshop) -> None:
    assert reasons(update(calf, reprocess=True)) == [("salt", "", 2)]
    assert reasons(update(calf, reprocess_spec="every_job")) == [("every_job", "", 2)]


def test_changed_inputs_are_named(calf: Workshop) -> None:
    calf.pause("p")
    calf.put("in", {"/b": "3", "/c": "4"}, delete=["/a", "/b"])
    plan = planned(calf)
    assert sorted(differences(plan)) == [("inputs", "/pfs/in/b", "changed"), ("new", "", "changed")]
    assert (plan.run, plan.removed) == (2, 1)
    assert calf.wait("p", calf.resume("p")).counts.processed == 2


def test_of_a_directory_the_changed_files_are_named(calf: Workshop) -> None:
    calf.wait("p", calf.pipeline("p", "in:/", update=True))
    calf.pause("p")
    calf.put("in", {"/b": "3", "/c": "4"}, delete=["/a", "/b"])
    plan = planned(calf)
    assert differences(plan) == [
        ("inputs", "/pfs/in/a", "removed"),
        ("inputs", "/pfs/in/b", "changed"),
        ("inputs", "/pfs/in/c", "added"),
    ]
    assert reasons(plan) == [("inputs", "", 1)]


def test_other_commits_may_stand_in_for_the_heads(calf: Workshop) -> None:
    first = calf.put("in", {"/c": "4"})
    calf.wait("p", first)
    second = calf.put("in", {"/d": "5"})
    calf.wait("p", second)
    plan = planned(calf, CommitRef(Repo("default", "in"), first))
    assert (len(plan.datums), plan.run, plan.removed) == (3, 0, 1)
    with pytest.raises(NotFound):
        planned(calf, CommitRef(Repo("default", "in"), "nowhere"))


def test_failed_datums_would_run_again_after_a_good_job_only(calf: Workshop) -> None:
    bad = calf.pipeline("p", stage="fail", update=True)
    calf.wait("p", bad)
    plan = planned(calf)
    assert reasons(plan) == [("cmd", '["copy"] -> ["fail"]', 2)], "the failed job is no base"


def test_a_pipeline_that_is_not_there_yet_runs_everything(calf: Workshop) -> None:
    document = {"pipeline": {"name": "q"}, "transform": {"cmd": ["copy"], "image": "busybox:1"}}
    document |= {"input": {"pfs": {"repo": "in", "glob": "/*"}}}
    with calf.pfs.read() as tx:
        plan = explain.plan(calf.pps, tx, effective_spec(calf.pps, parse(document)))
    assert (plan.version, plan.run, plan.base_job, reasons(plan)) == (1, 2, "", [("new", "", 2)])


def test_what_waits_for_an_input_cannot_be_known(calf: Workshop) -> None:
    calf.pipeline("q", "p:/*")
    calf.pause("q")
    calf.pause("p")
    calf.put("in", {"/z": "9"})
    with calf.pfs.read() as tx:
        plan = explain.plan_pipeline(calf.pps, tx, Pipeline("default", "q"))
    assert plan.unknown == caveats.STOPPED
    calf.pipeline("p", stage="fail", update=True)
    calf.wait("p", calf.resume("p"))
    with calf.pfs.read() as tx:
        plan = explain.plan_pipeline(calf.pps, tx, Pipeline("default", "q"))
    assert "could not run: datum" in plan.unknown
