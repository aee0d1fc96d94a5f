"""Egress: a job's output is out before its commit is finished, however long that takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calf.model.refs import Pipeline
from calf.pps.explain.plan import plan_pipeline
from calf.pps.pipelines import inspect
from calf.pps.status import alerts
from calf.storage.remote import Remotes
from tests.pps.stages import Visit
from tests.pps.workshop import Open, Workshop


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the output goes; its folder must be opened by a test that wants success."""
    (tmp_path / "open").mkdir()
    return tmp_path / "open" / "place"


def _let_out(workshop: Workshop, folder: Path) -> None:
    object.__setattr__(workshop.pfs, "remotes", replace(workshop.pfs.remotes, folders=(folder,)))


def _files(place: Path) -> dict[str, str]:
    return {str(path.relative_to(place)): path.read_text() for path in place.rglob("*") if path.is_file()}


def test_a_job_copies_until_it_works_and_says_why_it_waits(workshop: Workshop, place: Path) -> None:
    assert isinstance(workshop.pfs.remotes, Remotes)
    _let_out(workshop, place.parent)
    place.touch()  # a file where a folder is needed
    workshop.put("in", {"/a": "1", "/b": "2"})
    job = workshop.pipeline("p", egress={"URL": f"file://{place}"})
    info = workshop.until_reason("p", job, "egress: may not open ", whole=False)
    with workshop.pfs.read() as tx:
        assert inspect(tx, Pipeline("default", "p")).reason.startswith("egress: may not open")
        [(_, told)] = alerts(tx, None, 0.0)
    assert told[0].startswith(f"job {job}: egress: may not open")
    place.unlink()
    assert workshop.wait("p", job).state.name == "SUCCESS"
    assert _files(place) == {"a": "1", "b": "2"}
    assert str(place) in info.reason


@pytest.mark.parametrize(
    ("egress", "told"),
    [
        ({"URL": "file:///var/elsewhere"}, "may not open file:///var/elsewhere"),
        ({"URL": "ftp://x/y"}, "cannot open ftp://x/y: unknown kind of URL"),
        ({"URL": "https://x/y"}, "cannot write to https://x/y"),
        ({"object_storage": {"url": "ftp://x"}}, "cannot open ftp://x"),
    ],
)
def test_a_plan_says_that_an_egress_can_never_succeed(
    workshop: Workshop, egress: dict[str, object], told: str
) -> None:
    workshop.pipeline("p", egress=egress)
    with workshop.pfs.read() as tx:
        found = plan_pipeline(workshop.pps, tx, Pipeline("default", "p"))
    assert f"egress: {told}" in found.unknown


def test_what_a_failed_job_made_stays_inside(open_workshop: Open, place: Path) -> None:
    def overlap(_visit: Visit) -> dict[str, bytes]:
        return {"/same": b""}

    workshop = open_workshop({"overlap": overlap})
    workshop.repo("in")
    _let_out(workshop, place.parent)
    workshop.put("in", {"/a": "1", "/b": "2"})
    for name, stage in (("p", "fail"), ("q", "overlap")):
        job = workshop.pipeline(name, stage=stage, egress={"object_storage": {"url": f"file://{place}"}})
        assert workshop.wait(name, job).state.name == "FAILURE"
    assert not place.exists()


def test_a_job_that_cannot_copy_is_stopped_and_goes_on_after_a_restart(
    open_workshop: Open, place: Path
) -> None:
    workshop = open_workshop()
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    _let_out(workshop, place.parent)
    place.touch()
    job = workshop.pipeline("p", egress={"URL": f"file://{place}"})
    workshop.until("p", job, "EGRESSING")
    workshop.close()
    again = open_workshop()
    again.until("p", job, "EGRESSING")
    again.stop_job("p", job)
    assert again.wait("p", job).state.name == "KILLED"
