"""Logs, as users ask for them (spec C8)."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import InvalidArgument, NotFound
from calf.model.refs import Job, Pipeline
from calf.pps.jobs.logs import LogQuery, read_logs
from tests.pps.stages import StageFailed, Visit
from tests.pps.workshop import Open, Workshop, job

P = Pipeline("default", "p")


def talk(visit: Visit) -> dict[str, bytes]:
    visit.say(f"reading {visit.env['in']}")
    if visit.env["in"].endswith("bad"):
        raise StageFailed("exit code 3")
    return {}


@pytest.fixture
def talking(open_workshop: Open) -> Workshop:
    workshop = open_workshop({"talk": talk})
    workshop.repo("in")
    workshop.put("in", {"/a": "1", "/bad": "2"})
    return workshop


def read(workshop: Workshop, **query: Any) -> list[str]:
    return [line.log.message for line in read_logs(workshop.pps, LogQuery(**query), CancelToken())]


def test_a_job_gives_the_lines_of_its_datums_and_who_said_them(talking: Workshop) -> None:
    talking.wait("p", creation := talking.pipeline("p", stage="talk", datum_tries=1))
    lines = list(read_logs(talking.pps, LogQuery(job=job("p", creation)), CancelToken()))
    said = {(line.log.message, line.log.user) for line in lines if line.log.datum}
    assert said == {
        ("reading /pfs/in/a", True),
        ("reading /pfs/in/bad", True),
        ("errored running user code after 0s: exit code 3", False),
    }
    assert {line.inputs[0].path for line in lines if line.log.datum} == {"/a", "/bad"}
    assert [line.log.message for line in lines if not line.log.datum] == ["datums in this job: 2"]


@pytest.mark.parametrize(("image", "told"), [("ubuntu:20.04", True), ("calf/talk", False), ("host", False)])
def test_a_job_says_when_the_machine_stands_in_for_its_image(
    talking: Workshop, image: str, told: bool
) -> None:
    talking.images.stand_ins.add("ubuntu:20.04")
    talking.wait("p", creation := talking.pipeline("p", stage="talk", transform={"image": image}))
    line = f"image {image} was not built here: this machine's own system stands in for it"
    assert (line in read(talking, job=job("p", creation), master=True)) is told


def test_a_running_datum_is_found_by_what_it_reads(open_workshop: Open) -> None:
    gate, told = CancelToken(), Event()

    def wait(visit: Visit) -> dict[str, bytes]:
        visit.say(f"reading {visit.env['in']}")
        told.set()
        visit.wait_for(gate)
        return {}

    workshop = open_workshop({"wait": wait})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="wait")
    assert told.wait(20)
    assert read(workshop, job=job("p", creation), filters=("/a",)) == ["reading /pfs/in/a"]
    assert read(workshop, job=job("p", creation), filters=("/b",)) == []
    gate.cancel()
    workshop.wait("p", creation)


def test_lines_are_picked_by_datum_by_file_and_by_hash(talking: Workshop) -> None:
    talking.wait("p", creation := talking.pipeline("p", stage="talk", datum_tries=1))
    (good,) = (info for info in talking.datums("p", creation) if info.inputs[0].path == "/a")
    wanted = job("p", creation)
    for query in (
        {"datum": good.datum.id},
        {"filters": ("/a",)},
        {"filters": (good.inputs[0].hash.hex(), "/a")},
    ):
        assert read(talking, job=wanted, **query) == ["reading /pfs/in/a"]
    assert read(talking, job=wanted, filters=("/a", "/bad")) == []
    assert read(talking, job=wanted, datum="*") == []


def test_a_pipeline_gives_the_lines_of_all_its_jobs_oldest_first(talking: Workshop) -> None:
    talking.wait("p", talking.pipeline("p", stage="talk", datum_tries=1))
    talking.wait("p", talking.put("in", {"/c": "3"}, delete=["/bad"]))
    lines = read(talking, pipeline=P)
    assert lines[-1] == "reading /pfs/in/c"
    assert read(talking, pipeline=P, tail=1) == lines[-1:]
    assert read(talking, pipeline=P, since=0.0) == []


def test_the_engines_own_words_about_jobs_can_be_read_alone(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", creation := workshop.pipeline("p"))
    workshop.wait("p", workshop.put("in"))
    skipping = f"datums skipped, being as they were in job {creation}: 1"
    assert read(workshop, pipeline=P, master=True) == [
        "datums in this job: 1",
        "datums in this job: 1",
        skipping,
    ]


def test_asking_without_a_job_or_a_pipeline_is_refused(talking: Workshop) -> None:
    with pytest.raises(InvalidArgument, match="must specify the Job or Pipeline that the datum is from"):
        read(talking, datum="x")
    with pytest.raises(InvalidArgument, match="must specify the Job or Pipeline"):
        read(talking)
    assert read(talking, master=True) == []
    with pytest.raises(NotFound, match='pipeline "default/p" not found'):
        read(talking, pipeline=P)
    with pytest.raises(NotFound, match="job default/p@0 not found"):
        read(talking, job=Job(P, "0"))


def test_following_a_job_ends_with_the_job(open_workshop: Open) -> None:
    gate, said = CancelToken(), Event()

    def slow(visit: Visit) -> dict[str, bytes]:
        visit.say("begun")
        said.set()
        visit.wait_for(gate)
        visit.say("ended")
        return {}

    workshop = open_workshop({"slow": slow})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="slow")
    assert said.wait(10)
    lines = []
    for line in read_logs(workshop.pps, LogQuery(job=job("p", creation), follow=True), CancelToken()):
        if line.log.user:
            lines.append(line.log.message)
            gate.cancel()
    assert lines == ["begun", "ended"]
