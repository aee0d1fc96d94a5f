"""Tokens: who needs one, how it is given and kept, what guessing comes to, and where it must never stand."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from calf.kit.guessing import AT_ONCE
from calf.web.app import make_app
from calf.web.keeper import Keeper
from calf.web.login import _safe
from calf.web.upstream import Upstream

HOST = "127.0.0.1:4000"
COOKIE = f"calf-token-{HOST.partition(':')[2]}"
TOKEN = "canary-token-" + "t" * 40
SAME = {"origin": f"http://{HOST}"}
PAGE = {"accept": "text/html,*/*"}


def keeper() -> Keeper:
    return Keeper(tokens=(hashlib.sha256(b"another").hexdigest(), hashlib.sha256(TOKEN.encode()).hexdigest()))


@pytest.fixture
def dashboard(server_address: str) -> Iterator[TestClient]:
    """One that asks for a token."""
    app = make_app(Upstream(server_address), [HOST], keeper(), ("/metrics",))
    with TestClient(app, base_url=f"http://{HOST}", follow_redirects=False) as made:
        yield made


def sign_in(dashboard: TestClient, token: str = TOKEN, onward: str = "") -> int:
    form = {"token": token, "next": onward}
    return dashboard.post("/login", data=form, headers=SAME).status_code


def test_nothing_is_shown_without_a_token(dashboard: TestClient) -> None:
    sent = dashboard.get("/p/default/jobs?after=x", headers=PAGE)
    assert (sent.status_code, sent.headers["location"]) == (
        303,
        "/login?next=%2Fp%2Fdefault%2Fjobs%3Fafter%3Dx",
    )
    for path in (
        "/index.json",
        "/p/default.json",
        "/events?project=default",
        "/events/logs?pipeline=p",
        "/x",
    ):
        assert dashboard.get(path).status_code == 401
    assert dashboard.post("/p/default/pipelines/p/stop", headers=SAME).status_code == 401
    assert dashboard.get("/", headers={**PAGE, "hx-request": "true"}).status_code == 401
    assert dashboard.get("/login").status_code == 200


@pytest.mark.parametrize(
    "path", ["/login/../p/default", "//login", "/loginx", "/LOGIN/", "/login.json", "/logout/x"]
)
def test_no_path_is_taken_for_one_that_needs_none(dashboard: TestClient, path: str) -> None:
    assert dashboard.get(path).status_code in (401, 404)


def test_a_token_is_kept_where_no_script_reads_it_and_leads_on(dashboard: TestClient) -> None:
    form = {"token": f" {TOKEN}\n", "next": "/p/default/repos?show=system"}
    kept = dashboard.post("/login", data=form, headers=SAME)
    assert (kept.status_code, kept.headers["location"]) == (303, "/p/default/repos?show=system")
    rules = {rule.strip().lower() for rule in kept.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= rules
    assert "secure" not in rules
    assert dashboard.get("/index.json").status_code == 200
    assert 'action="/logout"' in dashboard.get("/p/default/repos", headers=PAGE).text
    left = dashboard.post("/logout", headers=SAME)
    assert left.headers["location"] == "/login"
    assert dashboard.get("/index.json").status_code == 401


def test_over_tls_it_goes_by_tls_alone(server_address: str) -> None:
    app = make_app(Upstream(server_address), [HOST], keeper())
    with TestClient(app, base_url=f"https://{HOST}", follow_redirects=False) as dashboard:
        kept = dashboard.post("/login", data={"token": TOKEN}, headers={"origin": f"https://{HOST}"})
    assert "; Secure" in kept.headers["set-cookie"]


def test_a_program_shows_it_in_a_header(dashboard: TestClient) -> None:
    assert dashboard.get("/index.json", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert dashboard.get("/index.json", headers={"authorization": "Bearer x"}).status_code == 401
    assert dashboard.get("/index.json", headers={"authorization": f"Basic {TOKEN}"}).status_code == 401


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "t", "\0", "é" * 40, "x" * 9000])
def test_a_wrong_one_is_refused_and_not_shown(dashboard: TestClient, token: str) -> None:
    refused = dashboard.post("/login", data={"token": token}, headers=SAME)
    assert refused.status_code in (400, 401)
    assert "set-cookie" not in refused.headers
    assert len(token) < 3 or token not in refused.text


def test_what_is_not_the_form_is_refused(dashboard: TestClient) -> None:
    assert dashboard.post("/login", content="token=x&" * 20, headers=SAME).status_code == 400


def test_a_token_in_a_url_is_none(dashboard: TestClient) -> None:
    assert dashboard.get(f"/index.json?token={TOKEN}&{COOKIE}={TOKEN}").status_code == 401
    assert dashboard.post(f"/login?token={TOKEN}", headers=SAME).status_code == 400


def test_another_site_signs_nobody_in(dashboard: TestClient) -> None:
    for headers in ({}, {"origin": "http://evil.example"}, {"origin": "null"}):
        assert dashboard.post("/login", data={"token": TOKEN}, headers=headers).status_code == 403


def test_guessing_ends_in_being_told_nothing(dashboard: TestClient) -> None:
    statuses = [sign_in(dashboard, f"guess {number}") for number in range(AT_ONCE + 5)]
    assert statuses[:AT_ONCE] == [401] * AT_ONCE
    assert statuses[-1] == 429
    assert sign_in(dashboard) == 429
    refused = dashboard.get("/index.json", headers={"cookie": f"{COOKIE}={TOKEN}"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")


def test_who_was_let_in_over_a_connection_goes_on_while_others_guess(dashboard: TestClient) -> None:
    assert sign_in(dashboard) == 303
    kept = dashboard.cookies[COOKIE]
    dashboard.cookies.clear()
    for number in range(AT_ONCE + 5):
        sign_in(dashboard, f"guess {number}")
    assert dashboard.get("/index.json", headers={"cookie": f"{COOKIE}={kept}"}).status_code == 200


def test_one_browser_is_signed_in_at_several_ports_of_a_host(server_address: str) -> None:
    here, other, bare = HOST, "127.0.0.1:4002", "127.0.0.1"
    app = make_app(Upstream(server_address), [HOST], keeper())
    with TestClient(app, base_url=f"http://{here}") as browser:
        for host in (here, other, bare):
            headers = {"host": host, "origin": f"http://{host}"}
            token = "another" if host == other else TOKEN
            browser.post("/login", data={"token": token}, headers=headers, follow_redirects=False)
        kept = dict(browser.cookies)
        assert kept == {COOKIE: TOKEN, "calf-token-4002": "another", "calf-token": TOKEN}
        browser.post("/logout", headers={"host": other, "origin": f"http://{other}"}, follow_redirects=False)
        statuses = [browser.get("/index.json", headers={"host": host}).status_code for host in (here, other)]
    assert statuses == [200, 401]


def test_an_old_cookie_counts_once_and_is_taken_away(dashboard: TestClient) -> None:
    sent = dashboard.get("/", headers={**PAGE, "cookie": f"{COOKIE}=old"})
    assert sent.status_code == 303
    assert f'{COOKIE}=""; ' in sent.headers["set-cookie"]
    assert "Max-Age=0" in sent.headers["set-cookie"]


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example",
        "/\\evil.example",
        "http://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\r\nset-cookie: x=y",
        "\t//evil.example",
        "/\t/evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(dashboard: TestClient, onward: str) -> None:
    kept = dashboard.post("/login", data={"token": TOKEN, "next": onward}, headers=SAME)
    assert (kept.status_code, kept.headers["location"]) == (303, "/")
    shown = dashboard.get("/login", params={"next": onward}, headers={"sec-fetch-site": "none"})
    assert "javascript:" not in shown.text
    assert "evil" not in shown.text


def test_a_page_of_ours_is_led_to_as_it_was() -> None:
    for path in ("/p/caf%C3%A9/repos", "/p/default/jobs?after=a%26b&x=1", "/p/a%2Fb"):
        assert _safe(path) == path


def test_what_is_typed_into_the_page_is_text(dashboard: TestClient) -> None:
    shown = dashboard.get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>alert" not in shown.text


def test_no_log_line_and_no_answer_has_it(dashboard: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert sign_in(dashboard) == 303
    answers = [dashboard.get(path) for path in ("/", "/index.json", "/nothing", "/events/logs", "/login")]
    sign_in(dashboard, TOKEN + "x")
    assert not [answer.url for answer in answers if TOKEN in answer.text or TOKEN in str(answer.headers)]
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(keeper())


def test_a_private_one_is_for_its_user_alone(server_address: str) -> None:
    app = make_app(Upstream(server_address), [HOST], Keeper(is_private=True, own=TOKEN))
    with TestClient(app, base_url=f"http://{HOST}") as dashboard:  # its connection is no socket of anybody's
        refused = dashboard.get("/index.json")
        assert (refused.status_code, refused.json()["error"]) == (403, "denied")
        assert TOKEN not in refused.text
