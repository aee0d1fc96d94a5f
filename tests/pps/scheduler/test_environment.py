"""What a stage finds in its environment (spec C4)."""

from __future__ import annotations

from tests.pps.stages import Visit
from tests.pps.workshop import Open, Workshop


def environments(
    open_workshop: Open, reads: str, files: dict[str, str], **more: object
) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def look(visit: Visit) -> dict[str, bytes]:
        found.append(visit.env)
        return {}

    workshop: Workshop = open_workshop({"look": look})
    workshop.repo("in", "other")
    workshop.put("in", files)
    workshop.put("other", {"/o": "1"})
    workshop.wait("p", workshop.pipeline("p", reads, "look", **more))
    return found


def test_a_datum_is_told_who_it_is_and_what_it_reads(open_workshop: Open) -> None:
    (env,) = environments(open_workshop, "in:/* other:/", {"/d/a": "1"})
    assert env["in"] == "/pfs/in/d"
    assert env["other"] == "/pfs/other"
    assert env["PACH_JOB_ID"] == env["PACH_OUTPUT_COMMIT_ID"]
    assert len(env["PACH_DATUM_ID"]) == 64
    assert len(env["in_COMMIT"]) == len(env["PPS_SPEC_COMMIT"]) == 32
    assert (env["PPS_PIPELINE_NAME"], env["PPS_PROJECT_NAME"]) == ("p", "default")
    assert (env["PPS_POD_NAME"], env["PPS_WORKER_IP"]) == ("default-p-v1", "127.0.0.1")


def test_nothing_of_the_server_is_in_it(open_workshop: Open) -> None:
    (env,) = environments(open_workshop, "in:/", {"/a": "1"})
    pachyderms = {"PACH_IN_WORKER", "PACH_NAMESPACE", "PACH_DATUM_ID", "PACH_JOB_ID", "PACH_OUTPUT_COMMIT_ID"}
    pachyderms |= {"PPS_PIPELINE_NAME", "PPS_PROJECT_NAME", "PPS_SPEC_COMMIT", "in", "in_COMMIT"}
    pachyderms |= {"PPS_POD_NAME", "PPS_WORKER_IP"}
    assert set(env) == pachyderms | {"LANG", "PYTHONHASHSEED", "SOURCE_DATE_EPOCH", "TZ"}
    assert (env["PYTHONHASHSEED"], env["TZ"], env["LANG"]) == ("0", "UTC", "C.UTF-8")


def test_a_spec_adds_and_overrides_but_not_who_the_datum_is(open_workshop: Open) -> None:
    wanted = {"MODE": "fast", "TZ": "Europe/Berlin", "PACH_JOB_ID": "forged"}
    (env,) = environments(open_workshop, "in:/", {"/a": "1"}, transform={"env": wanted})
    assert (env["MODE"], env["TZ"]) == ("fast", "Europe/Berlin")
    assert env["PACH_JOB_ID"] != "forged"
