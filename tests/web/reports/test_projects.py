"""A run that reads from two projects, which may have repos of the same name."""

from __future__ import annotations

import json
from collections.abc import Iterator

from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web import links
from calf.web.reports.runs import GONE
from calf.wire.messages import Message, pfs, pps

LAB = pfs.Project(name="lab")
SCRIPT = """echo '{"mean_iou": 0.5}' > /pfs/out/metrics.json; echo "<h1>Report</h1>" > /pfs/out/Report.html"""


def params(project: str) -> Message:
    return pfs.Repo(name="params", type="user", project=pfs.Project(name=project))


def put(client: Client, project: str, text: str) -> str:
    branch = pfs.Branch(repo=params(project), name="master")
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))

    def requests() -> Iterator[tuple[Message, None]]:
        yield pfs.ModifyFileRequest(set_commit=commit), None
        file = pfs.AddFile(path="/a.yaml", raw={"value": text.encode()})
        yield pfs.ModifyFileRequest(add_file=file), None

    client.send("/pfs_v2.API/ModifyFile", requests())
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    whole = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=commit.id), wait=True)
    assert not [info.error for info in client.pfs.InspectCommitSet(whole) if info.error]
    return str(commit.id)


def test_repos_of_one_name_in_two_projects_are_told_apart(dashboard: TestClient, client: Client) -> None:
    client.pfs.CreateProject(pfs.CreateProjectRequest(project=LAB))
    sources = [
        {"pfs": {"project": project, "repo": "params", "name": project, "glob": "/a.yaml"}}
        for project in ("default", "lab")
    ]
    for project in ("default", "lab"):
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=params(project)))
        put(client, project, f"x: {project}\n")
    spec = {
        "pipeline": {"project": {"name": "lab"}, "name": "evaluate"},
        "transform": {"image": "host", "cmd": ["sh"], "stdin": [SCRIPT]},
        "input": {"cross": sources},
    }
    client.pps.CreatePipelineV2(pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec)))
    old, new = put(client, "default", "y: 1\n"), put(client, "default", "z: 2\n")
    data = dashboard.get("/p/lab/compare.json", params={"old": old, "new": new}).json()
    assert data["parameters"] == [{"file": "default/params:/a.yaml", "name": "z", "old": GONE, "new": 2}]
    assert ("params:/a.yaml", "lab") in [(each["file"], each["value"]) for each in data["same_parameters"]]
    assert [(each["project"], each["name"]) for each in data["data"]] == [("default", "default/params")]
    page = dashboard.get("/p/lab/compare", params={"old": old, "new": new}).text
    assert links.commit("default", "params", new) in page.replace("&amp;", "&")
    report = dashboard.get("/p/lab/reports/evaluate", params={"commit": new}).text.replace("&amp;", "&")
    for project in ("default", "lab"):
        assert f"/p/{project}/repos/params/files?" in report
