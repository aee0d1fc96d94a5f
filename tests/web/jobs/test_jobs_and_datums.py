from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web import links
from calf.web.jobs.culprits import blamed
from calf.web.jobs.job_set import ticks
from calf.wire.messages import pfs, pps
from tests.web import runs
from tests.web.jobs.conftest import Past

JOBS = "/p/default/pipelines/copy/jobs"


def test_sets_are_listed_newest_first_with_their_jobs(web: TestClient, past: Past) -> None:
    sets = web.get("/p/default/jobs.json").json()["sets"]
    assert [each["id"] for each in sets[:3]] == [past.failed, past.second, past.first]
    assert [each["state"] for each in sets[:3]] == ["failure", "success", "success"]
    assert sets[1]["counts"] == {"processed": 2, "skipped": 1, "recovered": 0, "failed": 0, "total": 3}
    page = web.get("/p/default/jobs").text
    assert links.job("default", "copy", past.failed) in page


def test_sets_can_be_had_by_state_and_page(web: TestClient, past: Past, monkeypatch: Any) -> None:
    failed = web.get("/p/default/jobs.json?state=failure").json()["sets"]
    assert [each["id"] for each in failed] == [past.failed]
    assert web.get("/p/default/jobs?state=odd").status_code == 400
    monkeypatch.setattr("calf.web.jobs.listing.SETS", 1)
    seen, link = [], "/p/default/jobs"
    while link:
        page = web.get(link.replace("jobs", "jobs.json")).json()
        seen += [each["id"] for each in page["sets"]]
        link = page["next"]
    assert seen[:3] == [past.failed, past.second, past.first]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("few", [1, 2, 3])
def test_sets_of_several_jobs_are_all_listed_over_the_pages(
    dashboard: TestClient, client: Client, monkeypatch: Any, few: int
) -> None:
    monkeypatch.setattr("calf.web.jobs.listing._FEW", few)
    for name in ("copy", "other"):
        runs.create(client, name, ["true"], glob="/")
    made = [runs.put(client, {f"/{name}": b"1"}) for name in "abcd"]
    monkeypatch.setattr("calf.web.jobs.listing.SETS", 2)
    seen, link = [], "/p/default/jobs"
    while link:
        page = dashboard.get(link.replace("jobs", "jobs.json")).json()
        seen.append([each["id"] for each in page["sets"]])
        link = page["next"]
    assert seen[:2] == [made[:1:-1], made[1::-1]]


def test_a_project_that_is_not_there_has_no_lists_of_jobs(dashboard: TestClient) -> None:
    for page in ("jobs", "pipelines", "replays"):
        assert dashboard.get(f"/p/nowhere/{page}").status_code == 404


def test_a_set_shows_what_ran_when_and_why_it_began(web: TestClient, past: Past) -> None:
    data = web.get(links.job_set("default", past.second) + ".json").json()
    (job,) = data["jobs"]
    assert (job["pipeline"], job["state"]) == ("copy", "success")
    assert 0 <= job["waits_from"] <= job["runs_from"] <= job["runs_from"] + job["ran"] <= data["whole"] + 0.01
    assert [cause["repo"] for cause in data["causes"]] == ["in"]
    assert '<svg class="when"' in web.get(links.job_set("default", past.second)).text
    assert web.get(links.job_set("default", "0" * 32)).status_code == 404


def test_a_set_of_many_jobs_is_paged(dashboard: TestClient, client: Client, monkeypatch: Any) -> None:
    runs.create(client, "copy", ["true"], glob="/")
    runs.create(client, "other", ["true"], glob="/")
    both = runs.put(client, {"/d": b"5"})
    monkeypatch.setattr("calf.web.jobs.job_set._ROWS", 1)
    first = dashboard.get(links.job_set("default", both) + ".json").json()
    second = dashboard.get(first["next"].replace("?", ".json?")).json()
    assert first["set"]["number"] == 2
    assert {each["jobs"][0]["pipeline"] for each in (first, second)} == {"copy", "other"}
    assert second["next"] == ""


def test_each_job_that_could_not_run_names_the_ones_that_failed_before_it(
    dashboard: TestClient, client: Client
) -> None:
    for name in ("a", "b", "c"):
        runs.create(client, name, ["exit 1"], glob="/")
    for name, reads in (("of-a", ["a"]), ("of-both", ["of-a", "b"]), ("of-all", ["a", "b", "c"])):
        cross = [{"pfs": {"repo": each, "glob": "/"}} for each in reads]
        runs.create(client, name, ["true"], input={"cross": cross} if len(cross) > 1 else cross[0])
    job = runs.put(client, {"/x": b"1"})
    told = {
        each["pipeline"]: each["fault"]
        for each in dashboard.get(f"/p/default/jobs/{job}.json").json()["jobs"]
    }
    assert told["of-a"] == "a failed"
    assert told["of-both"] == "b, a failed"
    assert told["of-all"] == "a, b, c failed"
    assert blamed(list("vwxyz")) == "v, w, x and 2 more failed"


def test_a_set_without_jobs_says_so(web: TestClient, past: Past) -> None:
    past.client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("alone"), update=True))
    branch = pfs.Branch(repo=runs.repo("alone"), name="master")
    commit = past.client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
    past.client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    assert "No job belongs to this commit set." in web.get(links.job_set("default", commit.id)).text


def test_a_failed_job_begins_with_what_failed_and_the_end_of_its_log(web: TestClient, past: Past) -> None:
    data = web.get(f"{JOBS}/{past.failed}.json").json()
    (datum,) = data["failed"]
    assert datum["reason"] == "exit code 3"
    assert [each["path"] for each in datum["inputs"]] == ["/bad"]
    assert "Traceback: it is bad" in [line["text"] for line in datum["log"]]
    assert data["made_in"] is None
    page = web.get(f"{JOBS}/{past.failed}").text
    assert page.index("What failed") < page.index("How it went")


def test_a_failed_commit_names_the_last_good_one_and_not_another_failed_one(
    dashboard: TestClient, client: Client
) -> None:
    runs.create(client, "copy", runs.COPY)
    good = runs.put(client, {"/a": b"1"})
    runs.put(client, {"/bad": b"1"})
    again = runs.put(client, {"/bad": b"2"})
    for path in (f"repos/copy/commit?commit={again}", f"pipelines/copy/jobs/{again}"):
        page = dashboard.get(f"/p/default/{path}").text
        assert f'commit={good}">the last good commit, {good[:8]},</a> held' in page, path
    for commit, named in ((good, ""), (again, good)):
        assert dashboard.get(f"/p/default/repos/copy/commit.json?commit={commit}").json()["good"] == named


def test_a_good_job_tells_its_inputs_output_image_and_environment(web: TestClient, past: Past) -> None:
    data = web.get(f"{JOBS}/{past.second}.json").json()
    assert [(row["repo"], row["commit"]) for row in data["inputs"]] == [("in", past.second)]
    assert data["output"]["commit"] == past.second
    assert data["image"]["name"] == "host"
    assert data["isolation"]
    assert [each["name"] for each in data["held_to"]] == ["processes"]
    assert f"processes {data['held_to'][0]['value']}: " in web.get(f"{JOBS}/{past.second}").text
    assert data["made_in"]["environment"]["PPS_PIPELINE_NAME"] == "copy"
    assert re.fullmatch("[0-9a-f]{64}", data["made_in"]["statement"])
    assert data["before"] == past.first


def test_each_datum_says_why_it_ran_or_was_skipped(web: TestClient, past: Past) -> None:
    rows = web.get(f"{JOBS}/{past.second}/datums.json").json()["datums"]
    told = {row["inputs"][0]["path"]: (row["state"], row["why"], row["ran_in"]) for row in rows}
    assert told == {
        "/a": ("success", "in:/a changed", past.second),
        "/b": ("skipped", "the same inputs, code and parameters", past.first),
        "/c": ("success", "new: the job before had no such datum", past.second),
    }
    first = web.get(f"{JOBS}/{past.first}/datums.json").json()["datums"]
    assert {row["why"] for row in first} <= {
        "the pipeline's first job",
        "new: the job before had no such datum",
    }


def test_datums_can_be_had_by_state_and_page(web: TestClient, past: Past, monkeypatch: Any) -> None:
    failed = web.get(f"{JOBS}/{past.failed}/datums.json?state=failed").json()["datums"]
    assert [row["state"] for row in failed] == ["failed"]
    assert web.get(f"{JOBS}/{past.failed}/datums?state=odd").status_code == 400
    assert "No datum is recovered." in web.get(f"{JOBS}/{past.failed}/datums?state=recovered").text
    monkeypatch.setattr("calf.web.jobs.datums.ROWS", 2)
    page = web.get(f"{JOBS}/{past.second}/datums.json").json()
    rest = web.get(page["next"].replace("datums?", "datums.json?")).json()
    assert [len(page["datums"]), len(rest["datums"]), rest["next"]] == [2, 1, ""]


def test_a_datum_tells_its_inputs_and_what_it_printed(web: TestClient, past: Past) -> None:
    rows = web.get(f"{JOBS}/{past.second}/datums.json?state=skipped").json()["datums"]
    url = links.datum("default", "copy", past.second, rows[0]["id"])
    data = web.get(url + ".json").json()
    assert data["datum"]["ran_in"] == past.first
    assert "seen b" in [line["text"] for line in data["log"]]
    page = web.get(url).text
    assert f"in@{data['datum']['inputs'][0]['commit']}:/b" in page
    assert web.get(links.datum("default", "copy", past.second, "f" * 64)).status_code == 404


def test_two_jobs_are_compared(web: TestClient, past: Past) -> None:
    data = web.get(f"{JOBS}/{past.second}/compare.json").json()
    assert data["old"]["id"] == past.first
    assert {row["files"][0]: row["what"] for row in data["datums"]} == {
        "in:/a": "other inputs",
        "in:/c": "new",
    }
    assert data["inputs"][0]["old"] == past.first
    assert data["spec"] == []
    assert web.get(f"{JOBS}/{past.second}/compare").status_code == 200


def test_inputs_of_one_name_are_compared_each_with_its_own(dashboard: TestClient, client: Client) -> None:
    for name in ("in", "other"):
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo(name)))
    members = [{"pfs": {"repo": name, "name": "data", "glob": "/*"}} for name in ("in", "other")]
    runs.create(client, "copy", ["true"], input={"union": members})
    runs.put(client, {"/a": b"1"})
    new = runs.put(client, {"/a": b"2"})
    rows = dashboard.get(f"{JOBS}/{new}/compare.json").json()["inputs"]
    assert [(row["name"], row["same"]) for row in rows] == [("data", False), ("data", True)]


def test_of_two_long_lists_of_datums_only_what_both_were_read_for_is_compared(
    dashboard: TestClient, client: Client, monkeypatch: Any
) -> None:
    runs.create(client, "copy", ["true"])
    old = runs.put(client, {f"/{number}": b"1" for number in range(8)})
    new = runs.put(client, {f"/x{number}": b"1" for number in range(16)})
    monkeypatch.setattr("calf.web.jobs.comparing._LOOKED_AT", 7)
    rows = dashboard.get(f"{JOBS}/{new}/compare.json?old={old}").json()["datums"]
    assert {row["what"] for row in rows} == {"new"}


def test_the_datums_of_a_job_that_did_not_end_by_itself_are_not_compared(
    dashboard: TestClient, client: Client
) -> None:
    runs.create(client, "copy", ["if [ -e /pfs/in/slow ]; then sleep 60; fi"])
    runs.put(client, {"/a": b"1"})
    running = runs.put(client, {"/slow": b"1"}, waits=False)
    data = dashboard.get(f"{JOBS}/{running}/compare.json").json()
    assert (data["old"]["state"], data["datums"]) == ("success", None)
    assert "Not compared" in dashboard.get(f"{JOBS}/{running}/compare").text


def test_the_job_before_is_found_behind_any_number_that_were_killed(
    dashboard: TestClient, client: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("calf.web.jobs.neighbours._LOOKED_AT", 1)
    runs.create(client, "copy", ["if [ -e /pfs/in/slow ]; then sleep 60; fi"])
    first = runs.put(client, {"/a": b"1"})
    stopped = pps.Job(pipeline=runs.newest(client, "copy").job.pipeline)
    for text in (b"1", b"2"):
        stopped.id = runs.put(client, {"/slow": text}, waits=False)
        client.pps.StopJob(pps.StopJobRequest(job=stopped))
    assert dashboard.get(f"{JOBS}/{stopped.id}.json").json()["before"] == first


def test_a_pipelines_jobs_are_listed(web: TestClient, past: Past) -> None:
    jobs = web.get(f"{JOBS}.json").json()["jobs"]
    assert [job["id"] for job in jobs[:3]] == [past.failed, past.second, past.first]
    assert web.get(JOBS).status_code == 200
    assert web.get("/p/default/pipelines/none/jobs").status_code == 404
    assert web.get(f"{JOBS}?before=x").status_code == 400


def test_a_job_that_decided_says_what(client: Client, dashboard: TestClient) -> None:
    told = '{"accepted": false, "decision": "refused", "reasons": ["0.61 is below 0.7"]}'
    runs.create(client, "decide", [f"echo '{told}' > /pfs/out/decision.json"], glob="/")
    job = runs.put(client, {"/a": b"1"})
    data = dashboard.get(f"/p/default/pipelines/decide/jobs/{job}.json").json()
    assert data["job"]["state"] == "success"
    assert (data["decision"]["words"], data["decision"]["accepted"]) == ("refused", False)
    of_set = dashboard.get(f"/p/default/jobs/{job}.json").json()["jobs"]
    assert [each["decision"]["words"] for each in of_set] == ["refused"]
    for url in (f"/p/default/pipelines/decide/jobs/{job}", f"/p/default/jobs/{job}"):
        page = dashboard.get(url).text
        assert 'class="state bad linked"' in page
        assert "0.61 is below 0.7" in page


def test_ticks_are_round() -> None:
    assert ticks(253) == [0.0, 60.0, 120.0, 180.0, 240.0]
    assert ticks(0) == [0.0]
    assert all(2 <= len(ticks(seconds)) <= 7 for seconds in (0.9, 7, 61, 3000, 90000, 400_000, 10**7))
