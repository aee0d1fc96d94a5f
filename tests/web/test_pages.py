from __future__ import annotations

from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.wire.messages import pfs


def test_a_page_and_its_twin_say_the_same(dashboard: TestClient, client: Client) -> None:
    client.pfs.CreateProject(
        pfs.CreateProjectRequest(project=pfs.Project(name="cats"), description="of <b>cats</b>")
    )
    page, twin = dashboard.get("/"), dashboard.get("/index.json")
    assert {project["name"] for project in twin.json()["projects"]} == {"cats", "default"}
    assert '<a href="/p/cats">cats</a>' in page.text
    assert "of &lt;b&gt;cats&lt;/b&gt;" in page.text


def test_a_page_that_is_not_there_says_so(dashboard: TestClient) -> None:
    found = dashboard.get("/nothing")
    assert found.status_code == 404
    assert "there is no such page" in found.text
