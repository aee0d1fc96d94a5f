"""A job never runs, and no success is signed, in an image that is not what its digest says."""

from __future__ import annotations

from typing import Any

from calf.db import pipelines
from calf.model.pps_infos import CONTAINER, ImageFault
from calf.model.refs import Pipeline
from calf.pfs import fsck
from calf.pps.checks import checks_of_images
from calf.pps.rerunning import run_pipeline
from tests.pps.stages import Visit, copy
from tests.pps.workshop import Open

P = Pipeline("default", "p")
GONE = ImageFault("", "podman image: no answer within 20 s")
FAULT = ImageFault("/main.py", "/main.py differs")


def state(workshop: Any) -> tuple[str, str]:
    with workshop.pfs.read() as tx:
        info = pipelines.get(tx, P)
    assert info
    return info.state.name, info.reason


def test_a_job_waits_until_a_changed_image_was_mended(open_workshop: Open) -> None:
    visits: list[Visit] = []

    def stage(visit: Visit) -> Any:
        visits.append(visit)
        return copy(visit)

    workshop = open_workshop({"copy": stage})
    workshop.repo("in")
    workshop.wait("p", workshop.pipeline("p"))
    workshop.images.faults.append(FAULT)
    made = workshop.put("in", {"/a": "1"})
    workshop.until_reason("p", made, FAULT.words)
    assert state(workshop) == ("CRASHING", FAULT.words)
    assert not visits
    checked = fsck.run(workshop.pfs, checks_of_images(workshop.images))
    assert [str(each) for each in checked] == [f"consistency error: pipeline default/p: {FAULT.words}"]
    workshop.images.faults.clear()
    assert workshop.wait("p", made).state.name == "SUCCESS"
    assert state(workshop) == ("RUNNING", "")


def test_a_job_whose_image_changes_while_it_runs_is_no_success(open_workshop: Open) -> None:
    def stage(visit: Visit) -> Any:
        workshop.images.faults.append(FAULT)
        return copy(visit)

    workshop = open_workshop({"copy": stage})
    workshop.repo("in")
    workshop.pipeline("p")
    made = workshop.put("in", {"/a": "1"})
    ended = workshop.wait("p", made)
    assert (ended.state.name, ended.reason) == ("FAILURE", "changed while the job ran: /main.py differs")


def test_a_job_waits_at_its_end_for_an_engine_that_is_away(open_workshop: Open) -> None:
    """What ran is known: the digest of such an image is what it is."""
    visits: list[Visit] = []

    def stage(visit: Visit) -> Any:
        workshop.images.faults.append(GONE)
        visits.append(visit)
        return copy(visit)

    workshop = open_workshop({"copy": stage})
    workshop.images.kind = CONTAINER
    workshop.repo("in")
    workshop.pipeline("p")
    made = workshop.put("in", {"/a": "1"})
    workshop.until_reason("p", made, GONE.words)
    assert state(workshop) == ("CRASHING", GONE.words)
    workshop.images.faults.clear()
    assert workshop.wait("p", made).state.name == "SUCCESS"
    assert len(visits) == 1
    assert state(workshop) == ("RUNNING", "")


def test_a_run_of_the_past_goes_on_for_comparison(open_workshop: Open) -> None:
    workshop = open_workshop({"copy": copy})
    workshop.repo("in")
    workshop.pipeline("p")
    made = workshop.put("in", {"/a": "1"})
    workshop.wait("p", made)
    workshop.images.faults.append(FAULT)
    with workshop.pfs.transaction() as txn:
        again = run_pipeline(txn, P, (), made)
    assert workshop.wait("p", again.job.id).state.name == "SUCCESS"
    assert state(workshop)[0] == "RUNNING"
