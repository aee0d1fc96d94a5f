from __future__ import annotations

import json
import re

from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.views.names import repo_called
from calf.web.files.repo import ROWS
from calf.wire.messages import Message, google, pfs, pps
from tests.web import runs
from tests.web.files.conftest import REPO, Put, repo


def test_repos_are_listed_with_their_heads_and_who_writes_them(
    web: TestClient, shared: Client, put: Put
) -> None:
    shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("empty"), description="<b>none</b>"))
    head = put({"/a": b"abc"})
    found = {each["name"]: each for each in web.get("/p/default/repos.json").json()["repos"]}
    assert found["data"]["head"]["id"] == head
    assert found["data"]["size"] == 3
    assert found["empty"]["head"] is None
    assert found["data"]["pipeline"] == ""
    page = web.get("/p/default/repos").text
    assert "&lt;b&gt;none&lt;/b&gt;" in page
    assert head[:8] in page


def test_a_search_finds_repos_by_a_part_of_their_name(web: TestClient, shared: Client) -> None:
    assert [each["name"] for each in web.get("/p/default/repos.json?find=dat").json()["repos"]] == ["data"]
    assert "No repo is called that." in web.get("/p/default/repos?find=xyz").text


def test_commits_are_paged_and_none_is_shown_twice(web: TestClient, put: Put, shared: Client) -> None:
    shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("many")))
    made = [put({"/n": str(number).encode()}, name="many") for number in range(ROWS + 3)]
    first = web.get("/p/default/repos/many.json").json()
    assert len(first["commits"]) == ROWS
    second = web.get(f"/p/default/repos/many.json?branch=master&after={first['more']}").json()
    ids = [each["id"] for each in (*first["commits"], *second["commits"])]
    assert ids == made[::-1]
    assert second["more"] == ""


def test_a_repo_without_commits_says_what_to_do(web: TestClient, shared: Client) -> None:
    shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("fresh")))
    page = web.get("/p/default/repos/fresh")
    assert page.status_code == 200
    assert "pachctl put file fresh@master" in page.text
    assert "/p/default/repos/fresh/upload" in page.text


def test_a_number_of_changes_that_was_not_counted_to_its_end_is_said_to_be_the_least(
    web: TestClient, put: Put
) -> None:
    put({f"/{number:03}": b"1" for number in range(210)}, branch="much")
    page = web.get(REPO, params={"branch": "much"}).text
    assert re.search(r'at least</span>\s+<span class="plus" title="200 added">', page)
    assert "and more" not in page


def test_a_commit_tells_what_changed_and_what_it_holds(web: TestClient, put: Put) -> None:
    old = put({"/c/kept": b"1", "/c/gone": b"22", "/c/other": b"333"}, branch="c")
    new = put({"/c/gone": None, "/c/other": b"4444", "/c/new": b"5"}, branch="c")
    row = web.get(f"{REPO}.json?branch=c").json()["commits"][0]
    assert row["changes"] == {"counts": {"added": 1, "removed": 1, "changed": 1}, "complete": True}
    data = web.get(f"{REPO}/commit.json?commit={new}").json()
    assert data["commit"]["parent"] == old
    assert data["commit"]["state"] == "finished"
    assert data["difference"]["counts"] == {"added": 1, "removed": 1, "changed": 1}
    assert {each["path"]: each["how"] for each in data["difference"]["changes"]} == {
        "/c/gone": "removed",
        "/c/new": "added",
        "/c/other": "changed",
    }
    assert data["files"][0]["path"] == "/c"
    assert data["job"] is None
    assert f"pachctl inspect commit data@{new}" in web.get(f"{REPO}/commit?commit={new}").text


def test_an_open_commit_says_so(web: TestClient, shared: Client) -> None:
    branch = pfs.Branch(repo=repo(), name="o")
    commit = shared.pfs.StartCommit(pfs.StartCommitRequest(branch=branch, description="under way"))
    page = web.get(f"{REPO}/commit?commit={commit.id}")
    assert 'class="state open"' in page.text
    assert "under way" in page.text
    assert web.get(f"{REPO}/files?commit={commit.id}").status_code == 200
    shared.send("/pfs_v2.API/ModifyFile", iter([(each, None) for each in _adding(commit)]))
    assert web.get(f"{REPO}/raw?commit={commit.id}&path=/so-far").headers["cache-control"] == "no-store"
    assert web.get(f"{REPO}?branch=o").status_code == 200


def _adding(commit: Message) -> list[Message]:
    add = pfs.AddFile(path="/so-far", raw=google.BytesValue(value=b"1"))
    return [pfs.ModifyFileRequest(set_commit=commit), pfs.ModifyFileRequest(add_file=add)]


def test_what_is_not_there_is_a_page_that_says_so(web: TestClient) -> None:
    for place in ("commit?commit=nothing", "files?commit=master&path=/nothing", "diff?new=nothing"):
        found = web.get(f"{REPO}/{place}")
        assert found.status_code == 404, place
        assert 'role="alert"' in found.text
    assert web.get("/p/default/repos/nothing").status_code == 404
    assert web.get(f"{REPO}/files").status_code == 400


def test_a_folder_is_paged_and_filtered(web: TestClient, put: Put) -> None:
    commit = put({f"/f/{number:04d}.{'csv' if number % 2 else 'txt'}": b"x" for number in range(230)}, "f")
    for query, number in (("path=/f", 230), ("path=/f&glob=*.csv", 115)):
        seen = pages(web, f"{REPO}/files.json?commit={commit}&{query}")
        assert len(seen) == len(set(seen)) == number
    assert web.get(f"{REPO}/files.json?commit={commit}&path=/f&glob=[").status_code == 400


def test_no_page_ends_between_names_that_others_would_order_otherwise(web: TestClient, put: Put) -> None:
    names = [
        f"{start}{end}"
        for start in "abcdefghijklmnopqrstuvwxyz"
        for end in ("/x", ".b", "-b", " b", "0", "/y/z", "_")
    ]
    commit = put({f"/o/{name}": b"x" for name in names}, "o1")
    below = {f"/o/{name}" for name in names}
    for query, wanted in (
        ("path=/", {"/o"}),
        ("path=/o", {f"/o/{name.split('/')[0]}" for name in names}),
        ("path=/&glob=**", {"/o", *below, *(f"/o/{start}" for start in "abcdefghijklmnopqrstuvwxyz")}),
    ):
        rest = f"commit={commit}&{query}"
        seen = pages(web, f"{REPO}/files.json?{rest}")
        assert len(seen) == len(set(seen)), query
        assert wanted <= set(seen), query
    changed: list[str] = []
    after = ""
    while True:
        data = web.get(f"{REPO}/diff.json", params={"new": commit, "after": after}).json()
        changed += [each["path"] for each in data["changes"]]
        if not (after := data["more"]):
            break
    assert sorted(changed) == sorted(below)


def pages(web: TestClient, link: str) -> list[str]:
    """The paths of all pages of a folder."""
    seen: list[str] = []
    while link:
        page = web.get(link).json()
        seen += [each["path"] for each in page["files"]]
        link = page["more"].replace("/files?", "/files.json?")
    return seen


def test_a_file_leads_to_those_beside_it(web: TestClient, put: Put) -> None:
    put({"/beside/a": b"1", "/beside/b<i>": b"1", "/beside/c": b"1", "/z": b"1"}, "b")
    data = web.get(f"{REPO}/files.json?commit=b&path=/beside/b<i>").json()
    assert data["beside"] == {"previous": "/beside/a", "next": "/beside/c"}
    page = web.get(f"{REPO}/files?commit=b&path=/beside/a").text
    assert 'rel="next"' in page
    assert "b&lt;i&gt; →" in page
    assert 'rel="prev"' not in page


def test_the_history_of_a_path_names_the_commits_that_changed_it(web: TestClient, put: Put) -> None:
    ids = [
        put({path: content}, "h")
        for path, content in [("/h/a", b"1"), ("/h/b", b"1"), ("/h/a", b"2"), ("/h/a", None), ("/h/c", b"1")]
    ]
    data = web.get(f"{REPO}/history.json?commit={ids[-1]}&path=/h/a").json()
    assert [(each["commit"]["id"], each["how"]) for each in data["changes"]] == [
        (ids[3], "removed"),
        (ids[2], "changed"),
        (ids[0], "added"),
    ]
    assert data["looked_at"] == 5
    assert "difference" in web.get(f"{REPO}/history?commit={ids[-1]}&path=/h/a").text


def test_commands_are_quoted_whatever_a_link_names(web: TestClient) -> None:
    for page in ("in/upload", "in"):
        shown = web.get(f"/p/default/repos/{page.replace('in', 'data', 1)}?branch=x;evil $(y)").text
        assert "pachctl put file &#39;data@x;evil $(y):/&#39; -r -f FOLDER --project default" in shown


def test_a_project_that_is_not_there_is_not_an_empty_one(web: TestClient) -> None:
    assert web.get("/p/nowhere/repos").status_code == 404


def test_records_of_pipelines_are_paged_and_none_is_left_out(web: TestClient, shared: Client) -> None:
    shared.pfs.CreateProject(pfs.CreateProjectRequest(project=pfs.Project(name="paged")))
    names = ["a", "a.meta", "a.spec", "a-b", *(f"_{number}" for number in range(98))]
    for name in names:
        made = repo_called(name, "paged")
        shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=made))
    first = web.get("/p/paged/repos.json?show=system").json()
    rest = web.get(f"/p/paged/repos.json?show=system&after={first['more']}").json()
    assert sorted(each["name"] for each in (*first["repos"], *rest["repos"])) == sorted(names)


def test_commits_whose_branch_is_gone_are_listed(web: TestClient, shared: Client, put: Put) -> None:
    shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("lone")))
    commit = put({"/a": b"1"}, name="lone")
    branch = pfs.Branch(repo=repo("lone"), name="master")
    shared.pfs.DeleteBranch(pfs.DeleteBranchRequest(branch=branch, force=True))
    assert [each["id"] for each in web.get("/p/default/repos/lone.json").json()["commits"]] == [commit]
    assert f"commit={commit}&amp;path=%2F" in web.get("/p/default/repos/lone").text


def test_more_branches_than_are_shown_are_counted(web: TestClient, shared: Client) -> None:
    shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("wide")))
    for number in range(102):
        branch = pfs.Branch(repo=repo("wide"), name=f"b{number}" if number else "master")
        shared.pfs.CreateBranch(pfs.CreateBranchRequest(branch=branch))
    data = web.get("/p/default/repos/wide.json").json()
    assert (len(data["branches"]), data["more_branches"], data["branch"]) == (100, 2, "master")
    assert "and 2 more branches" in web.get("/p/default/repos/wide").text


def test_a_folder_whose_name_is_like_a_pattern_is_filtered(web: TestClient, put: Put) -> None:
    put({"/a\\b/x": b"1", "/a\\b/y": b"1", "/ab/z": b"1"}, "slashed")
    found = web.get(f"{REPO}/files.json", params={"commit": "slashed", "path": "/a\\b", "glob": "*"}).json()
    assert [each["path"] for each in found["files"]] == ["/a\\b/x", "/a\\b/y"]


def test_folders_between_two_files_are_no_end(web: TestClient, put: Put) -> None:
    put({"/between/a": b"1", "/between/b/x": b"1", "/between/c": b"1"}, "between")
    data = web.get(f"{REPO}/files.json?commit=between&path=/between/a").json()
    assert data["beside"] == {"previous": "", "next": "/between/c"}


def test_nobody_is_told_to_put_files_into_what_is_made(web: TestClient, shared: Client, put: Put) -> None:
    put({"/a": b"1"}, "source")
    shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("made")))
    made = pfs.Branch(repo=repo("made"), name="master")
    source = pfs.Branch(repo=repo(), name="source")
    shared.pfs.CreateBranch(pfs.CreateBranchRequest(branch=made, provenance=[source]))
    page = web.get("/p/default/repos/made/files?commit=master").text
    assert "There are no files here" in page
    assert "pachctl put file" not in page
    assert "Download all" not in page, "there is nothing to be had"


def test_what_was_made_from_nothing_was_not_put_by_people(web: TestClient, shared: Client) -> None:
    transform = {"image": "host", "cmd": ["sh"], "stdin": ["sleep 100"]}
    spec = json.dumps({"pipeline": {"name": "spout"}, "transform": transform, "spout": {}})
    shared.pps.CreatePipelineV2(pps.CreatePipelineV2Request(create_pipeline_request_json=spec))
    page = web.get("/p/default/repos/spout/commit?commit=master").text
    assert "nothing</span>" in page
    assert "data that people put" not in page


def test_the_choice_of_commits_says_which_one_is_shown(web: TestClient, put: Put) -> None:
    put({"/a": b"1"}, "chosen")
    put({"/a": b"2"}, "chosen")
    assert '<option value="chosen^" selected>chosen^</option>' in web.get(f"{REPO}/files?commit=chosen^").text
    assert '<option value="chosen" selected>' in web.get(f"{REPO}/files?commit=chosen").text


def test_a_commit_of_which_much_came_counts_what_it_leaves_out(
    web: TestClient, shared: Client, put: Put
) -> None:
    put({"/a": b"1"}, "spread")
    for number in range(42):
        reader = repo(f"reader-{number}")
        shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=reader))
        branch, source = pfs.Branch(repo=reader, name="master"), pfs.Branch(repo=repo(), name="spread")
        shared.pfs.CreateBranch(pfs.CreateBranchRequest(branch=branch, provenance=[source]))
    commit = put({"/a": b"2"}, "spread")
    data = web.get(f"{REPO}/commit.json?commit={commit}").json()
    assert (len(data["subvenance"]), data["more_subvenance"]) == (40, 2)
    assert "and 2 more" in web.get(f"{REPO}/commit?commit={commit}").text


def test_the_first_commit_of_a_pipeline_that_failed_leads_to_none_before_it(
    client: Client, dashboard: TestClient
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("in")))
    runs.put(client, {"/a": b"1"})
    runs.create(client, "fails", ["exit 1"])
    commit = runs.newest(client, "fails").job.id
    page = dashboard.get("/p/default/repos/fails/commit", params={"commit": commit}).text
    assert "Its job did not succeed. There is no good commit before it." in page
    assert 'href="/p/default/repos/fails/commit"' not in page


def test_a_commit_that_is_open_is_not_said_to_be_the_same_as_the_one_before(
    web: TestClient, shared: Client, put: Put
) -> None:
    put({"/a": b"1"}, "still")
    branch = pfs.Branch(repo=repo(), name="still")
    commit = shared.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
    page = web.get(f"{REPO}/commit?commit={commit.id}").text
    assert "The same files as" not in page
    assert "Nothing so far" in page
    assert "So far: those of the commit before" in page
    assert "so far: the new one is not finished" in web.get(f"{REPO}/diff?new={commit.id}").text


def test_what_was_put_wrongly_can_be_taken_out_by_a_command_of_its_page(web: TestClient, put: Put) -> None:
    commit = put({"/wrong/a": b"1", "/right": b"2"}, branch="undo")
    folder = web.get(f"{REPO}/files", params={"commit": "undo", "path": "/wrong"}).text
    assert "pachctl delete file -r data@undo:/wrong --project default" in folder
    file = web.get(f"{REPO}/files", params={"commit": "undo", "path": "/right"}).text
    assert "pachctl delete file data@undo:/right --project default" in file
    for where in ({"commit": commit, "path": "/wrong"}, {"commit": "undo", "path": "/"}):
        assert "delete file" not in web.get(f"{REPO}/files", params=where).text, where
