"""What pages about origins say where jobs, files or whole answers are missing, or names are the same."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client, connect
from calf.web.lineage.pages import show_lineage
from calf.web.pages import Ask
from calf.wire.messages import google, pfs, pps
from tests.web.lineage.test_lineage import Foreign
from tests.web.runs import create, newest, put, repo

COPY = ["cp /pfs/in/* /pfs/out/"]


def lineage(web: TestClient, commit: str, path: str, name: str = "in", project: str = "default") -> Any:
    asked = {"commit": commit, "path": path}
    page = web.get(f"/p/{project}/repos/{name}/lineage", params=asked)
    assert page.status_code == 200, page.text
    return web.get(f"/p/{project}/repos/{name}/lineage.json", params=asked).json()


def test_a_job_that_is_no_longer_on_record_is_not_said_to_run(client: Client, dashboard: TestClient) -> None:
    create(client, "copy", COPY)
    commit = put(client, {"/a": b"1"})
    client.pps.DeleteJob(pps.DeleteJobRequest(job=newest(client, "copy").job))
    data = lineage(dashboard, commit, "/a")
    assert [(use["pipeline"], use["state"]) for use in data["uses"]["jobs"]] == [("copy", "")]
    assert {node["repo"]: node["kind"] for node in data["chain"]["nodes"]} == {"in": "put", "copy": "made"}
    page = dashboard.get("/p/default/repos/in/lineage", params={"commit": commit, "path": "/a"}).text
    assert "no longer on record" in page
    assert "state running" not in page
    with Foreign(client.target) as other:
        ask = Ask(other, {"project": "default", "name": "copy"}, {"commit": commit, "path": "/a"})
        assert show_lineage(ask).data["origins"]["runs"] == [], (
            "nobody knows, least of all that people put it"
        )


def test_a_commit_that_holds_nothing_has_a_lineage(client: Client, dashboard: TestClient) -> None:
    create(client, "nothing", ["true"])
    commit = put(client, {"/a": b"1"})
    data = lineage(dashboard, commit, "/", "nothing")
    assert (data["files"]["paths"], data["origins"]["runs"]) == ([], [])
    assert {node["repo"] for node in data["chain"]["nodes"]} == {"in", "nothing"}


def test_a_commit_of_which_each_stage_read_another_file_leads_to_all_of_them(
    client: Client, dashboard: TestClient
) -> None:
    create(client, "first", ["cp /pfs/in/* /pfs/out/"], "/a.yaml")
    cross = [{"pfs": {"repo": name, "glob": glob}} for name, glob in (("in", "/b.yaml"), ("first", "/"))]
    create(client, "second", ["cp /pfs/first/* /pfs/out/"], input={"cross": cross})
    commit = put(client, {"/a.yaml": b"a: 1", "/b.yaml": b"b: 2"})

    def settings(name: str) -> Any:
        nodes = lineage(dashboard, commit, "/a.yaml", name)["chain"]["nodes"]
        return next(node for node in nodes if node["repo"] == "in")

    assert (settings("second")["path"], sorted(settings("second")["read"])) == ("/", ["/a.yaml", "/b.yaml"])
    assert (settings("first")["path"], settings("first")["read"]) == ("/a.yaml", [])
    page = dashboard.get("/p/default/repos/second/lineage", params={"commit": commit, "path": "/a.yaml"})
    assert ">2 files</text>" in page.text


def test_a_repo_that_nobody_has_filled_is_not_said_to_be_the_work_of_a_job(
    client: Client, dashboard: TestClient
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("idle")))
    cross = [{"pfs": {"repo": name, "glob": "/"}} for name in ("in", "idle")]
    create(client, "both", ["cp /pfs/in/* /pfs/out/"], input={"cross": cross})
    commit = put(client, {"/a": b"1"})
    nodes = {node["repo"]: node for node in lineage(dashboard, commit, "/", "both")["chain"]["nodes"]}
    assert {name: node["kind"] for name, node in nodes.items()} == {
        "in": "put",
        "idle": "put",
        "both": "made",
    }
    page = dashboard.get("/p/default/repos/idle/lineage", params={"commit": "master", "path": "/"}).text
    assert "Nothing: it is empty." in page


def test_repos_of_one_name_in_two_projects_are_told_apart(client: Client, dashboard: TestClient) -> None:
    other = pfs.Project(name="other")
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=other))
    theirs = pfs.Repo(name="in", type="user", project=other)
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=theirs))
    union = [{"pfs": {"repo": "in", "glob": "/*"}}, {"pfs": {"repo": "in", "project": "other", "glob": "/*"}}]
    named = [
        {"pfs": {**each["pfs"], "name": name}} for each, name in zip(union, ("ours", "theirs"), strict=True)
    ]
    create(client, "both", ["ls -R /pfs > /pfs/out/$(ls /pfs | grep s$)"], input={"union": named})
    branch = pfs.Branch(repo=theirs, name="master")
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
    add = pfs.AddFile(path="/x", raw=google.BytesValue(value=b"theirs"))
    requests = [pfs.ModifyFileRequest(set_commit=commit), pfs.ModifyFileRequest(add_file=add)]
    client.send("/pfs_v2.API/ModifyFile", iter([(each, None) for each in requests]))
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    ours = put(client, {"/x": b"ours"})
    datums = {
        project: next(use["datum"] for use in lineage(dashboard, at, "/x", "in", project)["uses"]["jobs"])
        for project, at in (("default", ours), ("other", commit.id))
    }
    assert datums["default"] != datums["other"]
    nodes = lineage(dashboard, ours, "/theirs", "both")["chain"]["nodes"]
    paths = {node["project"]: node["path"] for node in nodes if node["repo"] == "in"}
    assert paths == {"other": "/x", "default": "/"}


@pytest.mark.parametrize("foreign", [False, True])
def test_settings_are_shown_as_far_as_they_are_short_and_harmless(
    client: Client, dashboard: TestClient, foreign: bool
) -> None:
    for name, path in (("small", "/small.yaml"), ("large", "/large.yaml")):
        create(client, name, ["cp -r /pfs/in/* /pfs/out/"], path)
    commit = put(client, {"/small.yaml": "a: \u202e1".encode(), "/large.yaml": b"# x\n" * 5000})
    with Foreign(client.target) if foreign else connect(client.target) as asked:
        shown = {}
        for name in ("small", "large"):
            where = {"project": "default", "name": name}
            ask = Ask(asked, where, {"commit": commit, "path": f"/{name}.yaml"})
            (run,) = show_lineage(ask).data["origins"]["runs"]
            shown[name] = run["inputs"][0]["settings"]
    assert shown == {"small": ["a: \\u202e1"], "large": []}


def test_a_commit_that_is_open_stands_in_its_graph(client: Client, dashboard: TestClient) -> None:
    create(client, "copy", COPY)
    branch = pfs.Branch(repo=repo("in"), name="master")
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
    add = pfs.AddFile(path="/so-far", raw=google.BytesValue(value=b"1"))
    requests = [pfs.ModifyFileRequest(set_commit=commit), pfs.ModifyFileRequest(add_file=add)]
    client.send("/pfs_v2.API/ModifyFile", iter([(each, None) for each in requests]))
    nodes = lineage(dashboard, commit.id, "/so-far")["chain"]["nodes"]
    assert [(node["repo"], node["kind"]) for node in nodes if node["here"]] == [("in", "running")]
