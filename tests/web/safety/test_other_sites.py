"""What pages of other sites, open in the same browser, can make of a dashboard on this machine: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from calf.web.app import make_app
from calf.web.guard import HEADERS, POLICY, Guard
from calf.web.upstream import Upstream

HOST = "127.0.0.1:4000"
READ = ("/p/default/repos.json", "/events?project=default")
FOREIGN = ("evil.example", "evil.example:4000", "127.0.0.1.evil.example:4000", "localhost.evil.example")


@pytest.fixture
def asked() -> list[str]:
    """The paths that got as far as a page."""
    return []


@pytest.fixture
def guarded(asked: list[str]) -> TestClient:
    """A page of any URL behind the guard alone, so that no refusal can be anybody else's."""

    async def page(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await Response("here")(scope, receive, send)

    return TestClient(Guard(page, [HOST, "localhost:4000", "*.example.org"]), base_url=f"http://{HOST}")


@pytest.mark.parametrize(
    "host", [*FOREIGN, "", "127.0.0.1@evil.example", "127.0.0.1:4000/x", "[::1]:4000", "0.0.0.0:4000"]
)
@pytest.mark.parametrize("path", READ)
def test_a_name_of_somebody_elses_that_leads_here_is_refused(
    guarded: TestClient, asked: list[str], host: str, path: str
) -> None:
    assert guarded.get(path, headers={"host": host}).status_code == 403
    assert asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4000", "LocalHost:4000", "localhost:8022", "localhost", "a.example.org"]
)
def test_our_names_are_served_at_whatever_port_they_were_forwarded_to(guarded: TestClient, host: str) -> None:
    assert guarded.get("/", headers={"host": host}).status_code == 200


def test_below_a_name_for_all_is_one_level() -> None:
    guard = Guard(Response("here"), ["*.example.org"])
    found = {
        host: guard._is_ours(host) for host in ("a.example.org", "example.org", "a.b.example.org", "_.org")
    }
    assert found == {"a.example.org": True, "example.org": False, "a.b.example.org": False, "_.org": False}


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": f"{HOST}"},
        {"origin": "http://127.0.0.1:8888"},
        {"origin": "http://localhost:4000"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "embed"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "something new"},
    ],
    ids=str,
)
def test_no_other_site_reads_pages_data_or_events(
    guarded: TestClient, asked: list[str], path: str, headers: dict[str, str]
) -> None:
    assert guarded.get(path, headers=headers).status_code == 403
    assert asked == []


def test_a_link_elsewhere_leads_to_a_page(guarded: TestClient) -> None:
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert guarded.get("/p/default", headers=followed).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": f"http://{HOST}.evil.example"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
        {"content-type": "text/plain", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    ],
    ids=str,
)
def test_no_other_site_acts(guarded: TestClient, asked: list[str], headers: dict[str, str]) -> None:
    assert guarded.post("/p/default/pipelines/p/stop", headers=headers).status_code == 403
    assert asked == []


@pytest.mark.parametrize(
    "headers", [{"origin": f"http://{HOST}"}, {"sec-fetch-site": "same-origin"}], ids=str
)
def test_a_page_of_ours_acts(guarded: TestClient, headers: dict[str, str]) -> None:
    assert guarded.post("/p/default/pipelines/p/stop", headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND"])
def test_only_what_pages_need_is_done(guarded: TestClient, asked: list[str], method: str) -> None:
    refused = guarded.request(method, "/", headers={"origin": f"http://{HOST}", "x-canary": "echoed"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST")
    assert not any(name.startswith("access-control") for name in refused.headers)
    assert "echoed" not in refused.text
    assert asked == []


def test_no_preflight_is_granted(guarded: TestClient) -> None:
    asked = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    refused = guarded.options("/", headers=asked)
    assert refused.status_code in (403, 405)
    assert not any(name.startswith("access-control") for name in refused.headers)


def test_no_websocket_is_opened(guarded: TestClient, asked: list[str]) -> None:
    with pytest.raises(BaseException), guarded.websocket_connect("/events"):  # noqa: B017, PT011 - whatever it is
        pass
    assert asked == []


@pytest.fixture
def broken(server_address: str) -> Iterator[TestClient]:
    """A dashboard with a page that is a mistake of ours."""

    def fail(_request: Request) -> Response:
        raise ZeroDivisionError("canary-of-a-mistake")

    upstream = Upstream(server_address)
    app = make_app(upstream, [HOST])
    app.router.routes.insert(0, Route("/broken", fail))
    with TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False) as made:
        yield made
    upstream.close()


def test_every_answer_has_the_policy(broken: TestClient) -> None:
    asset = broken.get("/assets/calf.css")
    answers = {
        200: broken.get("/"),
        304: broken.get("/assets/calf.css", headers={"if-none-match": asset.headers["etag"]}),
        404: broken.get("/nothing"),
        403: broken.get("/", headers={"host": "evil.example"}),
        405: broken.post("/", headers={"origin": f"http://{HOST}"}),
        400: broken.get("/events/logs"),
        500: broken.get("/broken"),
    }
    assert {answer.status_code for answer in answers.values()} == set(answers)
    for answer in [*answers.values(), asset, broken.head("/"), broken.get("/index.json")]:
        assert answer.headers["content-security-policy"] == POLICY
        for name in HEADERS.keys() - {"cache-control"}:
            assert answer.headers[name] == HEADERS[name]


def test_a_mistake_of_ours_says_nothing_of_itself(broken: TestClient) -> None:
    assert "canary" not in broken.get("/broken").text


def test_the_policy_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert {"script-src", "style-src", "connect-src", "form-action"} <= rules.keys()
    assert {rules[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_who_only_wants_the_head_gets_no_body(broken: TestClient) -> None:
    head = broken.head("/")
    assert (head.status_code, head.content) == (200, b"")
