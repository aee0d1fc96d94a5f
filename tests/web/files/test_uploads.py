from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

import anyio
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.client.get import get_file
from calf.model.errors import InvalidArgument
from calf.web.files.receiving import Incoming, read_list
from calf.web.files.upload import Uploads
from calf.wire.messages import pfs, pps
from tests.web.files.conftest import HOST, REPO, Put, repo

REPO_READ = "read-in-part"
FROM_HERE = {"origin": f"http://{HOST}"}


def upload(
    web: TestClient, content: bytes | Iterator[bytes], branch: str = "up", name: str = REPO
) -> dict[str, str]:
    found = web.post(f"{name}/upload?branch={branch}", content=content, headers=FROM_HERE)
    answer: dict[str, str] = found.json()
    return {**answer, "status": str(found.status_code)}


def stream(files: Iterable[tuple[str, bytes]], message: str = "") -> bytes:
    files = list(files)
    said = {"message": message, "files": [{"path": path, "size": len(content)} for path, content in files]}
    return json.dumps(said).encode() + b"\n" + b"".join(content for _, content in files)


def read(client: Client, branch: str, path: str) -> bytes:
    commit = pfs.Commit(repo=repo(), branch=pfs.Branch(repo=repo(), name=branch))
    return b"".join(get_file(client, pfs.File(commit=commit, path=path)))


def commits(client: Client, branch: str) -> int:
    commit = pfs.Commit(repo=repo(), branch=pfs.Branch(repo=repo(), name=branch))
    return len(list(client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo(), to=commit, all=True))))


def test_files_become_one_commit_with_a_message(web: TestClient, shared: Client) -> None:
    large = bytes(range(256)) * 9000
    answer = upload(web, stream([("/a/one", b"1"), ("/a/large", large), ("/none", b"")], "the first"))
    assert answer["status"] == "200", answer
    assert read(shared, "up", "/a/one") == b"1"
    assert read(shared, "up", "/a/large") == large
    assert read(shared, "up", "/none") == b""
    data = web.get(answer["link"].replace("/commit?", "/commit.json?")).json()
    assert data["commit"]["id"] == answer["commit"]
    assert data["commit"]["message"] == "the first"
    assert data["commit"]["state"] == "finished"


def test_a_file_that_is_there_is_replaced_and_others_stay(web: TestClient, shared: Client, put: Put) -> None:
    put({"/x": b"old, and longer", "/y": b"y"}, "replaced")
    upload(web, stream([("/x", b"new")]), "replaced")
    assert read(shared, "replaced", "/x") == b"new"
    assert read(shared, "replaced", "/y") == b"y"


def test_an_upload_that_breaks_off_puts_nothing(web: TestClient, shared: Client, put: Put) -> None:
    put({"/x": b"old"}, "broken")
    answer = upload(web, stream([("/x", b"new"), ("/y", b"0123456789")])[:-4], "broken")
    assert answer["status"] == "400"
    assert "broke off" in answer["message"]
    assert read(shared, "broken", "/x") == b"old"
    assert commits(shared, "broken") == 1


def test_bytes_may_come_in_any_pieces(web: TestClient, shared: Client) -> None:
    content = stream([("/p/a", b"abc"), ("/p/b", b"defg")])
    pieces = (content[at : at + 3] for at in range(0, len(content), 3))
    assert upload(web, pieces, "pieces")["status"] == "200"
    assert read(shared, "pieces", "/p/a") + read(shared, "pieces", "/p/b") == b"abcdefg"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "begins with the list"),
        (b"[]\n", "list of files is none"),
        (b'{"files": []}\n', "no file"),
        (b'{"files": [{"path": "/a", "size": -1}]}\n', "list of files is none"),
        (stream([("/a", b"1")]) + b"more", "longer than"),
        (stream([("/a", b"1"), ("a", b"2")]), "same path"),
        (stream([("/../a", b"1")]), "relative file paths"),
        (stream([("/a*", b"1")]), "globbing character"),
        (stream([("/\u202e", b"1")]), "printable ASCII"),
    ],
)
def test_what_cannot_be_put_is_refused_whole(web: TestClient, content: bytes, words: str) -> None:
    answer = upload(web, content, "refused")
    assert answer["status"] == "400"
    assert words in answer["message"]
    assert web.get(f"{REPO}/files?commit=refused").status_code == 404


def test_nobody_else_uploads(web: TestClient) -> None:
    content = stream([("/a", b"1")])
    assert web.post(f"{REPO}/upload", content=content).status_code == 403
    other = {"origin": "http://example.org"}
    assert web.post(f"{REPO}/upload", content=content, headers=other).status_code == 403
    assert upload(web, content, name="/p/default/repos/data.meta")["status"] == "400"
    assert upload(web, content, name="/p/default/repos/nothing")["status"] == "404"


def test_the_page_says_where_the_files_go(web: TestClient) -> None:
    page = web.get(f"{REPO}/upload?branch=up").text
    assert 'value="up"' in page
    assert "upload.js" in page
    assert "pachctl put file data@up:/" in page


def test_where_a_repo_holds_folders_only_one_of_them_has_to_be_named(web: TestClient, put: Put) -> None:
    def offered(branch: str, **more: str) -> tuple[str, list[str]]:
        data = web.get(f"{REPO}/upload.json", params={"branch": branch, **more}).json()
        return data["into"], data["folders"]

    put({"/images/a.jpg": b"1", "/annotations/trimaps/a.png": b"2"}, branch="folders")
    assert offered("folders") == ("", ["/annotations/trimaps/", "/images/"])
    assert offered("folders", into="/images")[0] == "/images"
    put({"/only/a": b"1"}, branch="one-folder")
    assert offered("one-folder")[0] == "/only/"
    put({"/only/a": b"1", "/b": b"2"}, branch="mixed")
    assert (offered("mixed")[0], offered("not-yet")[0]) == ("/", "/")
    page = web.get(f"{REPO}/files", params={"commit": "folders", "path": "/images"}).text
    assert f'href="{REPO}/upload?branch=folders&amp;into=%2Fimages"' in page


def test_the_page_knows_where_pipelines_look(web: TestClient, shared: Client) -> None:
    leaves = [
        pps.Input(pfs=pps.PFSInput(name="a", repo=REPO_READ, branch="master", glob="/images/(*).jpg")),
        pps.Input(pfs=pps.PFSInput(name="b", repo=REPO_READ, branch="master", glob="/settings.yaml")),
    ]
    shared.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo(REPO_READ)))
    name = pps.Pipeline(project=pfs.Project(name="default"), name="reader")
    made = pps.CreatePipelineRequest(
        pipeline=name, input=pps.Input(cross=leaves), transform=pps.Transform(cmd=["true"], image="debian")
    )
    shared.pps.CreatePipeline(made)
    try:
        found = web.get(f"/p/default/repos/{REPO_READ}/upload.json").json()["reads"]
        assert found == {"master": ["/images", "/settings.yaml"]}
        assert web.get(f"{REPO}/upload.json").json()["reads"] == {}
    finally:
        shared.pps.DeletePipeline(pps.DeletePipelineRequest(pipeline=name))


def test_a_list_without_an_end_is_not_gathered_for_ever() -> None:
    with pytest.raises(InvalidArgument):
        Incoming(lambda: b"x" * 100).line(1000)
    with pytest.raises(InvalidArgument):
        read_list(b"[" * 100_000)


def test_a_message_that_cannot_be_sent_is_refused(web: TestClient) -> None:
    content = b'{"message": "\\ud800", "files": [{"path": "/a", "size": 0}]}\n'
    assert upload(web, content, "refused")["status"] == "400"


def test_many_uploads_at_once_do_not_wait_for_each_other_for_ever(web: TestClient) -> None:
    content = stream([("/a", bytes(100_000))])
    uploads, answers = Uploads(), []

    async def one(number: int) -> None:
        pieces = [content[at : at + 5000] for at in range(0, len(content), 5000)]
        coming = iter([{"type": "http.request", "body": piece, "more_body": True} for piece in pieces])

        async def receive() -> MutableMapping[str, Any]:
            return next(coming, {"type": "http.request", "body": b"", "more_body": False})

        where = {"project": "default", "name": "data"}
        scope = {"type": "http", "method": "POST", "headers": [], "app": web.app, "path_params": where}
        scope["query_string"] = f"branch=many-{number}".encode()
        answers.append((await uploads.put(Request(scope, receive))).status_code)

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            for number in range(48):
                group.start_soon(one, number)

    thread = threading.Thread(target=anyio.run, args=(all_of_them,), daemon=True)
    thread.start()
    thread.join(60)
    assert answers == [200] * 48
