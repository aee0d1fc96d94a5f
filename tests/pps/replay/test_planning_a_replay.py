"""What it takes to replay a job, and what of it is lost."""

from __future__ import annotations

import pytest

from calf.model.errors import NotFound, Precondition, WrongState
from calf.model.pps_infos import ImageFault
from calf.model.refs import CommitRef, Job, Pipeline, Repo
from calf.pfs import commits
from calf.pfs.repos import delete as delete_repo
from calf.pps.replay import ReplayPlan, plan_replay
from calf.pps.rerunning import run_pipeline
from tests.pps.workshop import Workshop


def plan(workshop: Workshop, job: str, name: str = "p") -> ReplayPlan:
    return plan_replay(workshop.pps, Job(Pipeline("default", name), job))


@pytest.fixture
def made(workshop: Workshop) -> str:
    """The id of the job of `p` on a commit of `in` that is not the last one; `q` reads `p`."""
    workshop.pipeline("p")
    workshop.pipeline("q", "p:/*")
    first = workshop.put("in", {"/a": "1", "/b": "22"})
    workshop.wait_set(first)
    workshop.wait_set(workshop.put("in", {"/a": "2"}))
    return first


def test_inputs_and_size_are_those_that_were_recorded(workshop: Workshop, made: str) -> None:
    found = plan(workshop, made)
    assert [str(commit) for commit in found.inputs] == [f"default/in@{made}"]
    assert (found.files, found.size, found.newest_version, found.faults) == (2, 3, 1, ())
    workshop.wait("p", workshop.pipeline("p", stage="nothing", update=True))
    found = plan(workshop, made)
    assert (found.job.pipeline_version, found.newest_version) == (1, 2)


def test_a_changed_image_is_a_fault_and_one_that_is_gone_another(workshop: Workshop, made: str) -> None:
    workshop.images.faults.append(ImageFault("/main.py", "/main.py differs"))
    (fault,) = plan(workshop, made).faults
    assert (fault.part, fault.what, fault.words, fault.gone) == (
        "image",
        "/main.py",
        "/main.py differs",
        False,
    )
    image = plan(workshop, made).job.image
    assert image is not None
    workshop.images.unknown.add(image.name)
    (fault,) = plan(workshop, made).faults
    assert fault.gone
    assert fault.words.endswith(
        f"`calf image build FOLDER -t {image.name}`, from the code of that time, brings it back"
    )


def test_an_input_that_was_forgotten_is_gone(workshop: Workshop, made: str) -> None:
    with workshop.pfs.transaction() as txn:
        commits.forget(txn, CommitRef(Repo("default", "p"), made))
    (fault,) = plan(workshop, made, "q").faults
    assert (fault.part, fault.gone) == ("input", True)
    assert f"`pachctl run pipeline p --job {made}` makes it again, elsewhere" in fault.words
    with pytest.raises(WrongState, match="forgotten"):
        plan(workshop, made)


def test_a_new_repo_of_the_same_name_is_not_what_was_read(workshop: Workshop, made: str) -> None:
    with workshop.pfs.transaction() as txn:
        delete_repo(txn, Repo("default", "in"), force=True)
    workshop.repo("in")
    workshop.put("in", {"/a": "1", "/b": "22"})
    (fault,) = plan(workshop, made).faults
    assert (fault.part, fault.what, fault.gone) == ("input", "default/in@master", True)
    with pytest.raises(Precondition, match="what the job read of default/in@master is gone"):
        run(workshop, made)
    run(workshop, made, CommitRef(Repo("default", "in"), "master"))


def run(workshop: Workshop, job: str, *given: CommitRef) -> None:
    with workshop.pfs.transaction() as txn:
        run_pipeline(txn, Pipeline("default", "p"), given, job_id=job)


def test_there_must_be_an_output_to_compare_with(workshop: Workshop, made: str) -> None:
    workshop.pipeline(
        "bad",
        stage="fail",
    )
    job = workshop.jobs("bad")[0]
    workshop.wait("bad", job.job.id)
    with pytest.raises(WrongState, match="is FAILURE, so there is no output to compare with"):
        plan(workshop, job.job.id, "bad")
    with pytest.raises(NotFound):
        plan(workshop, "0" * 32)
    with pytest.raises(NotFound):
        plan(workshop, made, "none")
