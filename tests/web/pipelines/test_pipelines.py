from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client, connect
from calf.model.spec.parts import Transform
from calf.model.spec.pipeline import PipelineSpec
from calf.views.spec_docs import doc_of
from calf.web import links
from calf.web.app import make_app
from calf.web.pipelines.spec import fields_of
from calf.web.pipelines.version_changes import changes_between
from calf.web.upstream import Upstream
from calf.wire.messages import pps
from tests.conftest import serving
from tests.web import runs

HOST = "127.0.0.1:4000"
COPY = "/p/default/pipelines/copy"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server with a pipeline in its second version, which has run, and one whose image is not there."""
    with serving(tmp_path_factory.mktemp("web") / "home") as server, connect(server.address) as client:
        runs.create(client, "copy", runs.COPY)
        runs.put(client, {"/a": b"1", "/b": b"2"})
        changed = {"image": "host", "cmd": ["sh"], "stdin": ["cp /pfs/in/a /pfs/out/ || true"]}
        runs.create(client, "copy", [], transform=changed, description="copies <i>all</i>")
        runs.newest(client, "copy")
        runs.create(client, "lost", [], transform={"image": "no/such", "cmd": ["sh"]})
        yield client


@pytest.fixture(scope="module")
def web(shared: Client) -> Iterator[TestClient]:
    """The dashboard of that server."""
    with TestClient(make_app(Upstream(shared.target), [HOST]), base_url=f"http://{HOST}") as made:
        yield made


def test_pipelines_are_listed_with_why_they_are_in_their_state(web: TestClient) -> None:
    listed = web.get("/p/default/pipelines.json").json()["pipelines"]
    told = {each["name"]: each for each in listed}
    assert told["copy"]["last_job"]["state"] == "success"
    assert told["copy"]["reads"] == ["in"]
    assert told["copy"]["idle"]
    assert told["lost"]["state"] == "crashing"
    assert not told["lost"]["idle"]
    assert "no/such" in told["lost"]["reason"]
    page = web.get("/p/default/pipelines").text
    assert "copies &lt;i&gt;all&lt;/i&gt;" in page
    assert ">idle</span>" in page


def test_pipelines_can_be_had_by_state_name_and_page(web: TestClient, monkeypatch: Any) -> None:
    def names(query: str) -> list[str]:
        return [each["name"] for each in web.get(f"/p/default/pipelines.json{query}").json()["pipelines"]]

    assert names("?state=crashing") == ["lost"]
    assert names("?find=op") == ["copy"]
    assert names('?find=%22)%20or%20(%22"') == []
    assert "No pipeline is like that." in web.get("/p/default/pipelines?find=none").text
    assert web.get("/p/default/pipelines?state=odd").status_code == 400
    monkeypatch.setattr("calf.web.pipelines.listing.ROWS", 1)
    first = web.get("/p/default/pipelines.json").json()
    assert [names(""), names("?page=2")] == [["lost"], ["copy"]]
    assert first["next"] == links.pipelines("default", at=2)


def test_behind_the_last_page_of_pipelines_are_no_more(web: TestClient) -> None:
    page = web.get("/p/default/pipelines?page=9").text
    assert "There are no more pipelines." in page
    assert 'href="/p/default/pipelines"' in page


def test_a_project_without_pipelines_says_what_to_do(dashboard: TestClient) -> None:
    assert "pachctl create pipeline" in dashboard.get("/p/default/pipelines").text
    assert dashboard.get("/p/default/pipelines/none").status_code == 404


def test_a_pipeline_shows_inputs_jobs_and_former_versions(web: TestClient) -> None:
    data = web.get(f"{COPY}.json").json()
    assert [(row["repo"], row["glob"]) for row in data["inputs"]] == [("in", "/*")]
    assert {job["version"] for job in data["jobs"]} == {2, 1}
    assert data["jobs"][0]["version"] == 2
    assert (data["pipeline"]["version"], data["newest_version"]) == (2, 2)
    old = web.get(f"{COPY}.json?version=1").json()
    assert (old["pipeline"]["version"], old["pipeline"]["description"]) == (1, "")
    assert "This is version 1." in web.get(f"{COPY}?version=1").text
    assert web.get(f"{COPY}?version=9").status_code == 404


def test_a_spec_tells_what_was_given_from_what_was_filled_in(web: TestClient) -> None:
    fields = {each["path"]: each for each in web.get(f"{COPY}/spec.json").json()["fields"]}
    assert fields["transform.cmd"] | {"doc": ""} == {
        "path": "transform.cmd", "value": '["sh"]', "given": True, "doc": "",
    }  # fmt: skip
    assert fields["reprocess_spec"]["given"] is False
    assert '"repo_type": "user"' in fields["input"]["value"]
    assert all(each["doc"] for each in fields.values())
    assert web.get(f"{COPY}/spec").status_code == 200


def test_versions_tell_what_each_changed(web: TestClient, monkeypatch: Any) -> None:
    versions = web.get(f"{COPY}/versions.json").json()["versions"]
    assert [each["version"] for each in versions] == [2, 1]
    changed = {each["path"]: each["new"] for each in versions[0]["changes"]}
    assert changed["description"] == '"copies <i>all</i>"'
    assert changed["transform.stdin[0]"] == '"cp /pfs/in/a /pfs/out/ || true"'
    assert versions[1]["first"]
    assert "copies &lt;i&gt;" in web.get(f"{COPY}/versions").text
    monkeypatch.setattr("calf.web.pipelines.versions.ROWS", 1)
    page = web.get(f"{COPY}/versions.json").json()
    assert page["versions"][0]["changes"]
    rest = web.get(page["next"].replace("versions?", "versions.json?")).json()
    assert ([each["version"] for each in rest["versions"]], rest["next"]) == ([1], "")


def test_a_plan_tells_that_nothing_would_run(web: TestClient) -> None:
    plan = web.get(f"{COPY}/plan.json").json()["plan"]
    assert (plan["total"], plan["run"], plan["skip"]) == (2, 0, 2)
    assert "Nothing would run" in web.get(f"{COPY}/plan").text


def test_a_plan_names_the_datums_that_would_run_and_why(web: TestClient, shared: Client) -> None:
    runs.create(shared, "asleep", runs.COPY)
    runs.newest(shared, "asleep")
    pipeline = runs.newest(shared, "asleep").job.pipeline
    shared.pps.StopPipeline(pps.StopPipelineRequest(pipeline=pipeline))
    runs.put(shared, {"/later": b"3"}, waits=False)
    plan = web.get("/p/default/pipelines/asleep/plan.json").json()["plan"]
    assert [(each["inputs"], each["why"]) for each in plan["datums"]] == [(["in:/later"], ["new"])]
    assert "in:/later" in web.get("/p/default/pipelines/asleep/plan").text


def test_a_server_that_makes_no_plans_is_no_error(web: TestClient, shared: Client, monkeypatch: Any) -> None:
    from calf.model.errors import Unimplemented

    call = Client.call

    def asked(self: Client, path: str, request: Any) -> Any:
        if path.startswith("/calf_pps_v1.API/"):
            raise Unimplemented("unknown service")
        return call(self, path, request)

    monkeypatch.setattr(Client, "call", asked)
    assert "This server makes no plans." in web.get(f"{COPY}/plan").text


def test_fields_of_a_cluster_have_their_parts_on_lines_of_their_own() -> None:
    effective = {"resource_limits": {"memory": "1Gi", "cpu": 0.5}, "salt": "x"}
    found = {each["path"]: each for each in fields_of(effective, {"resource_limits": {"memory": "1Gi"}})}
    assert found["resource_limits.memory"]["given"]
    assert not found["resource_limits.cpu"]["given"]
    assert found["resource_limits.cpu"]["value"] == "0.5"


def test_another_salt_is_no_change_of_the_spec() -> None:
    assert changes_between({"salt": "a", "x": [1, 2]}, {"salt": "b", "x": [1]}) == [
        {"path": "x[1]", "old": "2", "new": ""}
    ]


def test_every_field_of_a_spec_is_described() -> None:
    for field in fields(PipelineSpec):
        assert doc_of(field.name), field.name
    for field in fields(Transform):
        assert doc_of(f"transform.{field.name}"), field.name
