from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web import links, search
from calf.wire.messages import pfs, pps
from tests.web import runs
from tests.web.reports.world import World, evaluated_twice

TYPING = {"hx-request": "true", "hx-trigger": "search"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server with two evaluations; tests may only look."""
    with evaluated_twice(tmp_path_factory.mktemp("evaluated") / "home") as made:
        yield made


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much as a machine under load needs."""
    for name in ("_VALUES", "_FILES", "_LINES"):
        monkeypatch.setattr(search, name, 30.0)
    monkeypatch.setattr("calf.web.searching.found._SOON", 30.0)
    monkeypatch.setattr("calf.web.searching.files._LOOKS", 30.0)
    monkeypatch.setattr("calf.web.searching.lines._LOOKS", 30.0)


def rows(web: TestClient, text: str, kind: str) -> list[tuple[str, str]]:
    told: dict[str, Any] = web.get("/p/default/search.json", params={"q": text}).json()
    assert told["left_out"] == []
    return [(each["name"], each["about"]) for each in told["found"] if each["kind"] == kind]


def test_a_sample_is_found_by_a_part_of_its_name_in_either_case_wherever_it_is(world: World) -> None:
    names = [name for name, _ in rows(world.dashboard, "DOG", "file")]
    assert names == ["pets:/dog.png", "ingest:/samples/dog.png"]
    (first, *_) = world.twin("/p/default/search", q="dog.p")["found"]
    assert world.dashboard.get(first["link"]).status_code == 200
    assert [name for name, _ in rows(world.dashboard, "samples/dog", "file")] == ["ingest:/samples/dog.png"]
    assert [name for name, _ in rows(world.dashboard, "figures", "file")] == ["evaluate:/figures/"]


def test_a_parameter_is_found_by_its_name_or_by_a_word_that_it_has_given_and_chosen(world: World) -> None:
    assert rows(world.dashboard, "score", "parameter") == [("params:/evaluate.yaml", "limits.score = 0.5")]
    assert rows(world.dashboard, "seed", "parameter") == [
        ("params:/evaluate.yaml", "seed = 1"),
        ("evaluate:/best.json", "parameters.seed = 4"),
    ]


def test_a_metric_is_found_by_its_name_with_its_newest_value(world: World) -> None:
    ((name, about),) = rows(world.dashboard, "mean_iou", "metric")
    assert name == "evaluate:/metrics.json"
    assert about.startswith("mean_iou = 0.5, ")
    assert about.endswith(" more")
    (row,) = (
        each for each in world.twin("/p/default/search", q="mean_iou")["found"] if each["kind"] == "metric"
    )
    assert row["link"] == links.metrics("default", "evaluate", find="mean_iou")


def test_characters_of_patterns_in_what_is_looked_for_mean_themselves(
    dashboard: TestClient, client: Client
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    runs.put(client, {"/a-1.txt": b"1", "/a11.txt": b"2"}, waits=False)
    assert [name for name, _ in rows(dashboard, "A-1", "file")] == ["in:/a-1.txt"]
    for pattern in ("a*1", "a[1-9]", "a??", "{a,b}", "@(a)", "a[", "\\"):
        assert rows(dashboard, pattern, "file") == [], pattern


def test_words_of_logs_are_found_by_enter_and_not_while_one_types(
    dashboard: TestClient, client: Client
) -> None:
    runs.create(client, "copy", runs.COPY)
    job = runs.put(client, {"/bad": b"1"})
    assert rows(dashboard, "it is bad", "log") == [(f"copy@{job[:8]}", "Traceback: it is bad")]
    page = dashboard.get("/p/default/search", params={"q": "it is bad"}).text
    assert f'href="{links.logs("default", "copy", job, find="it is bad").replace("&", "&amp;")}"' in page
    some = dashboard.get("/p/default/search", params={"q": "it is bad"}, headers=TYPING).text
    assert "copy@" not in some
    assert "Enter looks in logs" in some


def test_what_was_not_looked_at_for_want_of_time_is_said(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.create(client, "copy", runs.COPY)
    runs.put(client, {"/photo1": b"1"})
    for name in ("_VALUES", "_FILES", "_LINES"):
        monkeypatch.setattr(search, name, -1.0)
    told = dashboard.get("/p/default/search.json?q=photo").json()
    assert told["left_out"] == ["parameters and metrics of in, copy", "files of in, copy", "logs of copy"]
    assert "</a> in parameters and metrics of in, copy; files of in, copy; logs of copy." in (
        dashboard.get("/p/default/search?q=photo").text
    )
    assert "time was up" in dashboard.get("/p/default/search?q=photo", headers=TYPING).text


def test_a_repo_that_takes_long_leaves_the_others_their_time(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    runs.put(client, {"/photo1": b"1"}, waits=False)
    monkeypatch.setattr("calf.web.searching.files._LOOKS", 1e-9)
    assert dashboard.get("/p/default/search.json?q=photo").json()["left_out"] == ["files of in"]


def test_the_rest_is_looked_for_with_more_patience(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    runs.put(client, {"/photo1": b"1"}, waits=False)
    for name in ("_VALUES", "_FILES", "_LINES"):
        monkeypatch.setattr(search, name, 1e-6)
    monkeypatch.setattr(search, "_PATIENCE", 30e6)
    monkeypatch.setattr("calf.web.searching.found._SOON", 1e-6)
    monkeypatch.setattr("calf.web.searching.files._LOOKS", 1e-6)
    soon = dashboard.get("/p/default/search.json?q=photo1").json()
    assert soon["found"] == []
    page = dashboard.get("/p/default/search?q=photo1").text
    assert f'data-later href="{soon["rest"].replace("&", "&amp;")}"' in page
    told = dashboard.get(soon["rest"].replace("?", ".json?")).json()
    assert [each["name"] for each in told["found"]] == ["in:/photo1"]
    assert (told["left_out"], told["rest"]) == ([], "")


def test_a_name_that_many_files_have_says_that_there_are_more_and_nothing_of_time(
    dashboard: TestClient, client: Client
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    runs.put(client, {f"/photo{number}": b"1" for number in range(6)}, waits=False)
    told = dashboard.get("/p/default/search.json?q=photo").json()
    assert len(told["found"]) == 5
    assert (told["more"], told["left_out"], told["rest"]) == (True, [], "")
    typed = dashboard.get("/p/default/search?q=photo", headers=TYPING).text
    assert "There may be more: a longer name finds them." in typed
    assert dashboard.get("/p/default/search.json?q=photo1").json()["more"] is False


def test_a_path_may_begin_as_paths_do(dashboard: TestClient, client: Client) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    runs.put(client, {"/cats/1.jpg": b"1"}, waits=False)
    for text in ("/cats/1", "/1.jpg"):
        assert [name for name, _ in rows(dashboard, text, "file")] == ["in:/cats/1.jpg"], text


def test_a_repo_without_a_master_is_looked_through_as_well(dashboard: TestClient, client: Client) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    runs.put(client, {"/photo.yaml": b"seed: 3"}, waits=False, branch="dev")
    assert [name for name, _ in rows(dashboard, "photo", "file")] == ["in:/photo.yaml"]
    assert rows(dashboard, "seed", "parameter") == [("in:/photo.yaml", "seed = 3")]


def test_a_file_of_settings_is_found_among_many_files(dashboard: TestClient, client: Client) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    files = {f"/a{number}": b"1" for number in range(50)}
    runs.put(client, {**files, "/z.yaml": b"seed: 3"}, waits=False)
    assert rows(dashboard, "seed", "parameter") == [("in:/z.yaml", "seed = 3")]


def test_words_with_an_at_sign_that_name_no_commit_are_looked_for_like_others(
    dashboard: TestClient, client: Client
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("in")))
    runs.put(client, {"/owner.yaml": b"mail: ann@example.org"}, waits=False)
    assert rows(dashboard, "ann@example", "parameter") == [("in:/owner.yaml", "mail = ann@example.org")]


def test_logs_of_pipelines_that_have_no_job_among_the_newest_are_looked_through(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calf.web.searching.lines._JOBS", 2)
    runs.create(client, "early", runs.COPY)
    first = runs.put(client, {"/bad": b"1"})
    client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=pps.Pipeline(name="early")))
    runs.create(client, "later", ["true"])
    for number in range(2):
        runs.put(client, {f"/{number}": b"1"})
    assert rows(dashboard, "it is bad", "log") == [(f"early@{first[:8]}", "Traceback: it is bad")]


def test_of_a_whole_id_nothing_else_is_looked_for(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.create(client, "copy", runs.COPY)
    commit = runs.put(client, {"/a": b"1"})
    monkeypatch.setattr(search, "_FILES", -1.0)
    assert rows(dashboard, commit, "file") == []
    assert rows(dashboard, commit, "commit set") != []


def test_a_log_that_takes_long_is_left_out(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.create(client, "copy", runs.COPY)
    runs.put(client, {"/a": b"1"})
    monkeypatch.setattr("calf.web.searching.lines._LOOKS", 1e-9)
    assert dashboard.get("/p/default/search.json?q=seen").json()["left_out"] == ["logs of copy"]


def test_a_long_list_of_repos_says_how_many_are_not_named(dashboard: TestClient, client: Client) -> None:
    for number in range(8):
        runs.create(client, f"copy{number}", ["true"])
    commit = runs.put(client, {"/a": b"1"})
    found = dashboard.get(f"/p/default/search.json?q={commit}").json()["found"]
    assert {each["about"].rpartition(" and ")[2] for each in found} == {"3 more"}
