"""What a new version of a pipeline does to datums and to jobs under way."""

from __future__ import annotations

from calf.kit.cancel import CancelToken
from tests.pps.stages import Stage, Visit, fail
from tests.pps.workshop import Open, Workshop, counts


def writing(text: str) -> Stage:
    def write(visit: Visit) -> dict[str, bytes]:
        return {path.removeprefix("/in"): text.encode() for path in visit.files}

    return write


WORDS = {word: writing(word) for word in ("foo", "bar", "buzz")}


def test_with_pachyderms_identity_new_code_runs_on_new_datums_only(open_workshop: Open) -> None:
    workshop = open_workshop(WORDS)
    workshop.repo("in")
    workshop.put("in", {"/1": ""})
    workshop.wait("p", workshop.pipeline("p", stage="foo"))
    assert counts(workshop.wait("p", workshop.pipeline("p", stage="bar", update=True))) == {"skipped": 1}
    assert workshop.files("p") == {"/1": "foo"}
    workshop.wait("p", workshop.put("in", {"/2": ""}))
    assert workshop.files("p") == {"/1": "foo", "/2": "bar"}
    workshop.wait("p", workshop.pipeline("p", stage="buzz", update=True, reprocess=True))
    assert workshop.files("p") == {"/1": "buzz", "/2": "buzz"}


def test_with_our_identity_new_code_runs_on_everything(open_workshop: Open) -> None:
    workshop = open_workshop(WORDS, datum_identity="calf")
    workshop.repo("in")
    workshop.put("in", {"/1": ""})
    workshop.wait("p", workshop.pipeline("p", stage="foo"))
    assert counts(workshop.wait("p", workshop.pipeline("p", stage="foo", update=True))) == {"skipped": 1}
    assert counts(workshop.wait("p", workshop.pipeline("p", stage="bar", update=True))) == {"processed": 1}
    assert workshop.files("p") == {"/1": "bar"}


def test_running_the_same_version_again_retries_nothing_that_was_good(workshop: Workshop) -> None:
    workshop.put("in", {"/1": ""})
    workshop.wait("p", workshop.pipeline("p"))
    again = workshop.wait("p", workshop.pipeline("p", update=True))
    anew = workshop.wait("p", workshop.pipeline("p", update=True, reprocess=True))
    assert (again.pipeline_version, counts(again)) == (2, {"skipped": 1})
    assert (anew.pipeline_version, counts(anew)) == (3, {"processed": 1})


def test_a_failed_job_is_no_base_and_recovered_datums_are_tried_again(open_workshop: Open) -> None:
    def picky(visit: Visit) -> dict[str, bytes]:
        return {} if visit.env["in"] == "/pfs/in/1" else fail(visit)

    def rescue(visit: Visit) -> dict[str, bytes]:
        return {} if visit.env["in"] == "/pfs/in/3" else fail(visit)

    workshop = open_workshop({"picky": picky, "rescue": rescue})
    workshop.repo("in")
    workshop.put("in", {"/1": "", "/2": "", "/3": ""})
    failed = workshop.wait("p", workshop.pipeline("p", stage="picky", transform={"err_cmd": ["rescue"]}))
    assert (failed.state.name, counts(failed)) == ("FAILURE", {"processed": 1, "failed": 1, "recovered": 1})
    good = workshop.wait(
        "p", workshop.pipeline("p", stage="picky", transform={"err_cmd": ["nothing"]}, update=True)
    )
    assert (good.state.name, counts(good)) == ("SUCCESS", {"processed": 1, "recovered": 2})
    again = workshop.wait("p", workshop.put("in"))
    assert counts(again) == {"skipped": 1, "recovered": 2}


def test_a_job_of_recovered_datums_succeeds_and_good_code_mends_it(workshop: Workshop) -> None:
    workshop.put("in", {"/1": "x"})
    recovered = workshop.wait("p", workshop.pipeline("p", stage="fail", transform={"err_cmd": ["nothing"]}))
    assert (recovered.state.name, counts(recovered)) == ("SUCCESS", {"recovered": 1})
    assert workshop.files("p") == {}
    mended = workshop.wait("p", workshop.pipeline("p", update=True))
    assert counts(mended) == {"processed": 1}
    assert workshop.files("p") == {"/1": "x"}


def test_an_update_kills_the_jobs_of_the_old_version(open_workshop: Open) -> None:
    gate = CancelToken()

    def wait(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return {}

    workshop = open_workshop({"wait": wait})
    workshop.repo("in")
    creation = workshop.pipeline("p", stage="wait")
    workshop.wait("p", creation)
    running = [workshop.put("in", {f"/{n}": ""}) for n in range(2)]
    workshop.until("p", running[0], "RUNNING")
    updated = workshop.pipeline("p", stage="nothing", update=True)
    workshop.wait("p", updated)
    assert workshop.states("p") == ["SUCCESS", "KILLED", "KILLED", "SUCCESS"]
    killed = workshop.wait("p", running[0])
    assert killed.reason == "all jobs killed because pipeline was updated for user unknown_username"
    assert workshop.commit_error(killed.output_commit) == killed.reason
