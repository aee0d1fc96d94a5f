from __future__ import annotations

import re

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web.app import make_app
from calf.web.upstream import Upstream
from calf.wire.messages import pfs
from tests.web.conftest import HOST


def test_a_page_and_its_twin_say_the_same(dashboard: TestClient, client: Client) -> None:
    client.pfs.CreateProject(
        pfs.CreateProjectRequest(project=pfs.Project(name="cats"), description="of <b>cats</b>")
    )
    page, twin = dashboard.get("/"), dashboard.get("/index.json")
    assert {project["name"] for project in twin.json()["projects"]} == {"cats", "default"}
    assert '<a href="/p/cats">cats</a>' in page.text
    assert "of &lt;b&gt;cats&lt;/b&gt;" in page.text


def test_one_begins_with_the_only_project_there_is(dashboard: TestClient, client: Client) -> None:
    gone_to = dashboard.get("/", follow_redirects=False)
    assert (gone_to.status_code, gone_to.headers["location"]) == (303, "/p/default")
    assert '<a href="/p/default">default</a>' in dashboard.get("/?all=1").text
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=pfs.Project(name="cats")))
    assert dashboard.get("/", follow_redirects=False).status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "²", "1000001", "0000000001" + "9" * 10, "9" * 5000])
def test_a_number_that_is_none_or_too_large_is_refused(dashboard: TestClient, number: str) -> None:
    assert dashboard.get("/p/default/pipelines", params={"page": "1"}).status_code == 200
    assert dashboard.get("/p/default/pipelines", params={"page": number}).status_code == 400


def test_forms_that_search_are_told_apart(dashboard: TestClient, client: Client) -> None:
    repo = pfs.Repo(name="in", type="user", project=pfs.Project(name="default"))
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    for path in ("", "/repos", "/pipelines"):
        forms = re.findall(
            r'<form[^>]* role="search"( aria-label="[^"]+")?', dashboard.get(f"/p/default{path}").text
        )
        assert len(forms) == 2
        assert len(set(forms) - {""}) == 2


def test_a_page_that_is_not_there_says_so(dashboard: TestClient) -> None:
    found = dashboard.get("/nothing")
    assert found.status_code == 404
    assert "there is no such page" in found.text
    assert dashboard.get("/p/default/nothing/x.json").json()["error"] == "not-found"


def test_a_mistake_of_ours_has_a_number_that_stands_in_the_log(server_address: str) -> None:
    raised: list[Exception] = []

    def break_(_request: Request) -> Response:
        raised.append(ValueError("oh"))
        raise raised[-1]

    app = make_app(Upstream(server_address), [HOST])
    app.router.routes[:0] = [Route("/p/{project}/broken", break_), Route("/p/{project}/broken.json", break_)]
    with TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False) as broken:
        page, twin = broken.get("/p/cats/broken"), broken.get("/p/cats/broken.json")
    assert (page.status_code, twin.status_code) == (500, 500)
    notes = [error.__notes__[0] for error in raised]
    number = notes[0].split()[1]
    assert notes[0] == f"error {number} of the dashboard, at GET '/p/cats/broken'"
    assert f"error {number}, at 20" in page.text
    assert "Try again" in page.text
    assert 'href="/p/cats/jobs"' in page.text
    assert twin.json()["number"] == notes[1].split()[1] != number
