"""What every page does alike."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web import links, search
from calf.web.app import make_app
from calf.web.shaping import ago, digits, lasted, rfc3339
from calf.web.upstream import Upstream
from calf.wire.messages import google, pfs, pps

DEFAULT = pfs.Project(name="default")


def make_repo(client: Client, name: str) -> str:
    """A repo with one commit, whose id it gives."""
    repo = pfs.Repo(name=name, type="user", project=DEFAULT)
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    branch = pfs.Branch(repo=repo, name="master")
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    return str(commit.id)


def test_what_is_asked_for_by_name_or_id_is_found(dashboard: TestClient, client: Client) -> None:
    commit = make_repo(client, "photos")

    def found(text: str) -> list[tuple[str, str]]:
        return [
            (each["kind"], each["link"])
            for each in dashboard.get(f"/p/default/search.json?q={text}").json()["found"]
        ]

    assert found("hoto") == [("repo", links.repo("default", "photos"))]
    assert found("photos@master") == [("commit", links.commit("default", "photos", commit))]
    assert found("photos@master:/a b") == [("file", links.files("default", "photos", commit, "/a b"))]
    assert found(commit[:6]) == [
        ("commit set", links.dag("default", commit=commit)),
        ("jobs", links.job_set("default", commit)),
    ]
    for nothing in ("photos@gone", "gone@master", "<b>", "", "@"):
        assert found(nothing) == []


def test_a_whole_id_is_found_however_old_and_wherever(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_repo(client, "photos")
    make_repo(client, "later")
    monkeypatch.setattr(search, "_SETS", 1)
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=pfs.Project(name="cats")))
    for project in ("default", "cats"):
        data = dashboard.get(f"/p/{project}/search.json?q={old}").json()
        assert [each["link"] for each in data["found"]] == [
            links.dag("default", commit=old),
            links.job_set("default", old),
        ]
        assert not data["more"]
    begun = dashboard.get(f"/p/default/search.json?q={old[:8]}").json()
    assert (begun["found"], begun["more"]) == ([], True)
    assert "None of the newest commits" in dashboard.get(f"/p/default/search?q={old[:8]}").text
    assert dashboard.get(f"/p/default/search.json?q={'0' * 32}").json()["found"] == []


def test_what_is_left_out_of_a_list_is_said(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_repo(client, f"photos{number}")
    assert "may be more" not in dashboard.get("/p/default/search?q=photos").text
    monkeypatch.setattr(search, "_MOST", 2)
    assert "may be more" in dashboard.get("/p/default/search?q=photos").text


def test_the_one_that_is_meant_is_gone_to(dashboard: TestClient, client: Client) -> None:
    commit = make_repo(client, "photos")
    answer = dashboard.get("/p/default/search?q=photos@master", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        links.commit("default", "photos", commit),
    )
    several = dashboard.get("/p/default/search?q=<i>photo")
    assert several.status_code == 200
    assert "&lt;i&gt;photo" in several.text


def test_a_name_of_a_repo_and_a_pipeline_offers_both(dashboard: TestClient, client: Client) -> None:
    make_repo(client, "data")
    client.pps.CreatePipeline(
        pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(project=DEFAULT, name="tune"),
            transform=pps.Transform(image="host", cmd=["true"]),
            input=pps.Input(pfs=pps.PFSInput(repo="data", project="default", glob="/*")),
        )
    )
    found = dashboard.get("/p/default/search?q=tune", follow_redirects=False)
    assert found.status_code == 200
    for link in (links.pipeline("default", "tune"), links.repo("default", "tune")):
        assert f'href="{link}"' in found.text
    alone = dashboard.get("/p/default/search?q=data", follow_redirects=False)
    assert alone.headers["location"] == links.repo("default", "data")


def test_while_one_types_the_first_are_suggested(dashboard: TestClient, client: Client) -> None:
    for number in range(10):
        make_repo(client, f"photos{number}")
    typing = {"hx-request": "true", "hx-trigger": "search"}
    some = dashboard.get("/p/default/search?q=photos", headers=typing).text
    assert "<html" not in some
    assert some.count("<li>") == 8
    assert "all 10" in some
    assert links.repo("default", "photos0") in some
    assert "repo@branch:/path" in dashboard.get("/p/default/search?q=zzz", headers=typing).text
    assert dashboard.get("/p/default/search?q=", headers=typing).text.strip() == ""
    one = dashboard.get("/p/default/search?q=photos3", headers=typing, follow_redirects=False)
    assert (one.status_code, one.text.count("<li>")) == (200, 1)


def test_a_time_of_the_first_year_is_one_too() -> None:
    zero_of_go = google.Timestamp(seconds=-62135596800)
    assert rfc3339(zero_of_go) == "0001-01-01T00:00:00Z"
    assert ago(rfc3339(zero_of_go)).endswith("years ago")
    assert rfc3339(google.Timestamp(seconds=1, nanos=5)) == "1970-01-01T00:00:01Z"


def test_long_numbers_are_short_to_look_at_and_whole_to_copy() -> None:
    assert digits("0.8051234567890123") == ("0.80512", "34567890123", "")
    assert digits("-1.2345678901e-05") == ("-1.23456", "78901", "e-05")
    assert digits("0.000012345678") == ("0.000012345", "678", "")
    for whole in ("0.1234567", "12345678901234", "1.5", "1.0.12345678901", "v1.23456789012", ""):
        assert digits(whole) == (whole, "", "")


def test_what_is_nearly_named_is_offered(dashboard: TestClient, client: Client) -> None:
    make_repo(client, "photos")
    for asked, meant in (
        (links.repo("default", "fotos"), links.repo("default", "photos")),
        (links.repo("default", "photo.spec"), links.repo("default", "photos")),
        (links.repo("defalt", "photos"), links.dag("default")),
    ):
        lost = dashboard.get(asked)
        assert lost.status_code == 404
        assert f'<li><a href="{meant}">' in lost.text
    assert "<li>" not in dashboard.get(links.repo("default", "zzzzzz")).text


def test_a_server_that_does_not_answer_is_said_with_what_to_do() -> None:
    upstream = Upstream("grpc://127.0.0.1:9", timeout=0.5)
    with TestClient(make_app(upstream, ["127.0.0.1:4000"]), base_url="http://127.0.0.1:4000") as dashboard:
        page, twin = dashboard.get("/"), dashboard.get("/index.json")
    assert (page.status_code, twin.status_code) == (502, 502)
    assert "calf up" in page.text
    assert "data-live" in page.text  # it asks again by itself
    assert twin.json()["error"] == "unreachable"


@pytest.mark.parametrize("path", ["/", "/p/default/search?q=zzz"])
def test_a_page_names_its_twin(dashboard: TestClient, path: str) -> None:
    page = dashboard.get(path)
    twin = page.text.split('rel="alternate" type="application/json" href="')[1].split('"')[0]
    assert dashboard.get(twin.replace("&amp;", "&")).headers["content-type"] == "application/json"


def test_times_below_a_tenth_of_a_second_are_told_in_one_way() -> None:
    told = [lasted(seconds) for seconds in (0.0, 0.0004, 0.002, 0.1, 12.3)]
    assert told == ["0 ms", "1 ms", "2 ms", "0.1 s", "12 s"]
