"""The graph of a project, as a browser and a program get it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web.dag import comparing
from calf.wire.messages import Message, pfs, pps

PROJECT = pfs.Project(name="cats")


def repo(name: str, project: Message = PROJECT) -> Message:
    return pfs.Repo(name=name, type="user", project=project)


def put(client: Client, name: str, **files: str) -> str:
    """One commit; its id, which is that of the commit set."""
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=pfs.Branch(repo=repo(name), name="master")))

    def requests() -> Iterator[tuple[Message, None]]:
        yield pfs.ModifyFileRequest(set_commit=commit), None
        for path, text in files.items():
            yield pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, raw={"value": text.encode()})), None

    client.send("/pfs_v2.API/ModifyFile", requests())
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    return str(commit.id)


def pipeline(
    client: Client, name: str, source: str, script: str = "cp /pfs/in/* /pfs/out/", **more: Any
) -> None:
    client.pps.CreatePipeline(
        pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(project=PROJECT, name=name),
            transform=pps.Transform(image="host", cmd=["sh", "-c", script]),
            input=pps.Input(pfs=pps.PFSInput(name="in", repo=source, project="cats", glob="/*")),
            datum_tries=1,
            **more,
        )
    )


@pytest.fixture
def cats(client: Client) -> str:
    """A project with `photos` -> `small` -> `count`, and a commit that went through; the id of its set."""
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=PROJECT))
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("photos")))
    pipeline(client, "small", "photos")
    pipeline(client, "count", "small")
    made = put(client, "photos", a="1", b="2")
    wait(client, made)
    return made


def wait(client: Client, set_id: str) -> None:
    wanted = pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id), wait=True)
    assert list(client.pps.InspectJobSet(wanted))


def newest_job(client: Client, name: str) -> str:
    """The id of a pipeline's newest job, ended."""
    mine = pps.ListJobRequest(pipeline=pps.Pipeline(name=name, project=PROJECT), number=1)
    (info,) = client.pps.ListJob(mine)
    wait(client, info.job.id)
    return str(info.job.id)


def boxes(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in data["figure"]["nodes"]}


def edges(data: dict[str, Any]) -> set[tuple[str, str]]:
    names = [node["name"] for node in data["figure"]["nodes"]]
    return {(names[edge["from"]], names[edge["to"]]) for edge in data["figure"]["edges"]}


def test_the_graph_says_how_each_pipeline_stands(dashboard: TestClient, cats: str) -> None:
    data = dashboard.get("/p/cats.json").json()
    found = boxes(data)
    assert edges(data) == {("photos", "small"), ("small", "count")}
    assert [found[name]["kind"] for name in ("photos", "small", "count")] == ["repo", "pipeline", "pipeline"]
    assert found["small"]["state"] == "success"
    assert found["small"]["job"] == cats
    assert found["small"]["counts"]["processed"] == found["small"]["counts"]["total"] == 2
    assert found["photos"]["size"] == 2
    assert data["totals"] == {"success": 2}
    newest = data["sets"][0]
    assert (newest["id"], newest["jobs"], newest["state"]) == (cats, 2, "success")
    page = dashboard.get("/p/cats").text
    assert 'id="n:cats/small"' in page
    assert 'href="/p/cats/pipelines/small"' in page
    assert 'href="/p/cats/repos/photos"' in page


def test_a_failed_pipeline_says_why(dashboard: TestClient, client: Client, cats: str) -> None:
    pipeline(client, "bad", "photos", "echo '<b>no</b>' >&2; exit 3")
    newest_job(client, "bad")
    pipeline(client, "behind", "bad")
    pipeline(client, "last", "behind")
    wait(client, again := put(client, "photos", c="3"))
    shown = boxes(dashboard.get("/p/cats.json").json())
    found = shown["bad"]
    assert (found["state"], found["counts"]["failed"]) == ("failure", 3)
    assert found["why"].endswith(": <b>no</b>")
    assert [shown[name]["why"] for name in ("behind", "last")] == ["bad failed"] * 2
    jobs = dashboard.get(f"/p/cats/jobs/{again}.json").json()["jobs"]
    faults = {job["pipeline"]: job["fault"] for job in jobs if job["fault"]}
    assert faults == {"bad": found["why"], "behind": "bad failed", "last": "bad failed"}
    pipeline(client, "python", "photos", "printf 'Traceback:\\n  x\\nValueError: 1\\nbye\\n'; exit 1")
    newest_job(client, "python")
    assert boxes(dashboard.get("/p/cats.json").json())["python"]["why"] == "ValueError: 1"
    page = dashboard.get("/p/cats?find=FAILURE").text
    assert 'class="box pipeline failure found"' in page
    assert "2 found" in page


def test_as_of_a_commit_set_what_was_no_part_of_it_is_faint(
    dashboard: TestClient, client: Client, cats: str
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("later")))
    pipeline(client, "newer", "later")
    wait(client, put(client, "photos", c="33"))
    data = dashboard.get("/p/cats.json", params={"commit": cats}).json()
    found = boxes(data)
    assert {name: node["part"] for name, node in found.items()} == {
        "photos": "own", "small": "own", "count": "own", "later": "not", "newer": "not",
    }  # fmt: skip
    assert (found["photos"]["size"], found["photos"]["commit"]) == (2, cats)
    assert ("later", "newer") in edges(data)
    assert data["began"] == ["photos"]


def test_two_commit_sets_are_compared(dashboard: TestClient, client: Client, cats: str) -> None:
    new = put(client, "photos", a="9", c="33")
    wait(client, new)
    data = dashboard.get("/p/cats.json", params={"commit": new, "against": cats}).json()
    rows = {row["label"]: row for row in data["changes"]}
    assert set(rows) == {"photos", "small", "count"}
    assert rows["photos"]["files"] == {"added": 1, "removed": 0, "changed": 1, "more": False}
    assert (rows["small"]["counts"]["processed"], rows["small"]["counts"]["skipped"]) == (2, 1)
    assert rows["small"]["words"] == []
    assert data["totals"] == {"changed": 3}
    page = dashboard.get("/p/cats", params={"commit": new, "against": cats}).text
    assert f"/p/cats/repos/photos/diff?old={cats}&amp;new={new}" in page


def test_what_is_merely_no_part_of_a_set_is_neither_new_nor_gone(
    dashboard: TestClient, client: Client, cats: str
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("other")))
    other, again = put(client, "other", a="1"), put(client, "photos", a="3")
    wait(client, again)
    late = {"commit": other, "against": again}
    data = dashboard.get("/p/cats.json", params=late).json()
    assert {name: node["change"] for name, node in boxes(data).items()} == dict.fromkeys(
        ("photos", "small", "count", "other"), ""
    )
    assert (data["changes"], data["changed"], data["totals"]) == ([], 0, {})
    page = dashboard.get("/p/cats", params=late).text
    assert page.count("<span>not in this set</span>") == 3
    assert f"<span>not in <code>{again[:8]}</code></span>" in page
    first = dashboard.get("/p/cats.json", params={"commit": other, "against": cats}).json()
    assert boxes(first)["other"]["change"] == "new"
    back = dashboard.get("/p/cats.json", params={"commit": cats, "against": other}).json()
    assert (boxes(back)["other"]["change"], boxes(back)["small"]["change"]) == ("gone", "")


def test_a_pipeline_that_was_deleted_is_gone(dashboard: TestClient, client: Client, cats: str) -> None:
    count = pps.Pipeline(name="count", project=PROJECT)
    client.pps.DeletePipeline(pps.DeletePipelineRequest(pipeline=count, keep_repo=True))
    new = put(client, "photos", c="33")
    wait(client, new)
    found = boxes(dashboard.get("/p/cats.json", params={"commit": new, "against": cats}).json())
    assert (found["count"]["change"], found["small"]["change"]) == ("gone", "changed")


def test_a_new_commit_with_the_same_bytes_is_no_change(
    dashboard: TestClient, client: Client, cats: str
) -> None:
    new = put(client, "photos")
    wait(client, new)
    where = {"commit": new, "against": cats}
    data = dashboard.get("/p/cats.json", params=where).json()
    assert {row["label"]: row["change"] for row in data["changes"]} == dict.fromkeys(
        ("photos", "small", "count"), "same bytes"
    )
    assert data["changed"] == 0
    page = dashboard.get("/p/cats", params=where).text
    assert "0 of 3 changed in bytes or code; 3 have new commits of the same bytes." in page


def test_files_of_many_repos_are_counted_by_a_page_of_their_own(
    dashboard: TestClient, client: Client, cats: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "_AT_ONCE", 2)
    new = put(client, "photos", c="33")
    wait(client, new)
    page = dashboard.get("/p/cats", params={"commit": new, "against": cats})
    assert "3 of 3 have another commit" in page.text
    (link,) = re.findall(r'data-later href="([^"]+)"', page.text)
    whole = dashboard.get(html.unescape(link))
    assert "data-later" not in whole.text
    assert 'title="1 added"' in whole.text
    assert 'title="1 added"' not in page.text
    rows = dashboard.get(html.unescape(link).replace("/p/cats?", "/p/cats.json?")).json()["changes"]
    assert {row["label"]: row["files"]["added"] for row in rows} == {"photos": 1, "small": 1, "count": 1}


def test_a_set_that_is_over_is_read_once_and_gone_when_it_is_deleted(
    dashboard: TestClient, client: Client, cats: str
) -> None:
    wait(client, put(client, "photos", c="3"))
    where = {"commit": cats}
    first, again = (dashboard.get("/p/cats.json", params=where).json() for _ in range(2))
    assert first["figure"] == again["figure"]
    client.pfs.SquashCommitSet(pfs.SquashCommitSetRequest(commit_set=pfs.CommitSet(id=cats)))
    assert dashboard.get("/p/cats.json", params=where).status_code == 404
    assert cats not in [each["id"] for each in dashboard.get("/p/cats.json").json()["sets"]]


def test_the_picture_of_a_commit_set_has_its_states(dashboard: TestClient, client: Client, cats: str) -> None:
    pipeline(client, "later", "photos", "exit 3")
    newest_job(client, "later")
    picture = dashboard.get("/p/cats/dag.svg", params={"commit": cats}).text
    assert picture.count(">success</text>") == 2
    assert ">failure</text>" not in picture


def test_another_code_is_told(dashboard: TestClient, client: Client, cats: str) -> None:
    pipeline(client, "small", "photos", "cat /pfs/in/* > /pfs/out/all", update=True)
    new = newest_job(client, "small")
    data = dashboard.get("/p/cats.json", params={"commit": new, "against": cats}).json()
    rows = {row["label"]: row for row in data["changes"]}
    assert rows["small"]["words"] == ["version 1 → 2", "spec: transform.cmd[2]"]
    assert "photos" not in rows
    assert boxes(data)["photos"]["change"] == "same"


def test_the_panel_of_a_box(dashboard: TestClient, cats: str) -> None:
    panel = dashboard.get("/p/cats", params={"panel": "cats/small"}).text
    assert "<html" not in panel
    for link in ("/p/cats/pipelines/small", "/p/cats/repos/photos", f"/p/cats/pipelines/small/jobs/{cats}"):
        assert f'href="{link}"' in panel
    assert "2 processed" in panel
    data = dashboard.get("/p/cats.json", params={"panel": "cats/photos"}).json()["panel"]
    assert data["repo"]["branches"] == [{"name": "master", "head": cats}]
    whole = dashboard.get("/p/cats", params={"node": "cats/small"}).text
    assert "2 processed" in whole
    assert 'class="box pipeline success chosen"' in whole
    assert dashboard.get("/p/cats", params={"node": "cats/gone"}).status_code == 200
    assert dashboard.get("/p/cats", params={"panel": "cats/gone"}).status_code == 404


def test_the_bar_has_pages(
    dashboard: TestClient, client: Client, cats: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calf.web.dag.sets.PAGE", 1)
    newest = put(client, "photos", c="3")
    first = dashboard.get("/p/cats.json").json()
    second = dashboard.get("/p/cats.json", params={"after": first["after"]}).json()
    assert [each["id"] for each in first["sets"]] == [newest]
    assert [each["id"] for each in second["sets"]] == [cats]
    chosen = dashboard.get("/p/cats.json", params={"after": first["after"], "commit": newest}).json()
    assert [each["id"] for each in chosen["sets"]] == [newest, cats]


def test_the_same_as_a_table_and_as_a_picture(dashboard: TestClient, cats: str) -> None:
    table = dashboard.get("/p/cats?show=table").text
    assert '<tr id="row-cats/small">' in table
    assert "foreignObject" not in table
    picture = dashboard.get("/p/cats/dag.svg")
    assert picture.headers["content-disposition"] == 'attachment; filename="cats-dag.svg"'
    assert ">small</text>" in picture.text
    assert cats  # its jobs are over


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("commit=x", 400),
        ("after=1", 400),
        ("after=1.x", 400),
        ("panel=x", 400),
        ("commit=" + "0" * 12 + "4" + "0" * 19, 404),
    ],
)
def test_a_wrong_query_is_told(dashboard: TestClient, query: str, status: int) -> None:
    assert dashboard.get(f"/p/default?{query}").status_code == status


def test_a_project_without_anything_says_what_to_do(dashboard: TestClient) -> None:
    assert "pachctl create repo" in dashboard.get("/p/default").text
    assert dashboard.get("/p/nowhere").status_code == 404
