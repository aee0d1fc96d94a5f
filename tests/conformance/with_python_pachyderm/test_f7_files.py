"""F7: the files API, every call of python-pachyderm that has to do with files."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import python_pachyderm
from python_pachyderm import RpcError
from python_pachyderm.pfs import Commit


class _Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


@pytest.fixture
def page():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/page"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def head(client, project):
    client.create_repo("in", project_name=project)
    return Commit("in", "master", project=project)


def _read(client, commit, path):
    with client.get_file(commit, path) as file:
        return file.read()


def _paths(infos):
    return [info.file.path for info in infos]


def test_079_put_overwrites_append_appends(client, head, project, tmp_path):
    with client.commit("in", "master", project_name=project) as commit:
        client.put_file_bytes(commit, "/a", b"one")
        client.put_file_bytes(commit, "/a", io.BytesIO(b"two"))
        client.put_file_bytes(commit, "/a", b"!", append=True)
        client.put_file_bytes(commit, "/empty", b"")
    assert _read(client, head, "/a") == b"two!"
    assert _read(client, head, "/empty") == b""
    (tmp_path / "sub").mkdir()
    (tmp_path / "lines").write_bytes(b"1\n2\n3\n")
    (tmp_path / "sub" / "x").write_bytes(b"x")
    python_pachyderm.put_files(client, str(tmp_path), head, "/")
    python_pachyderm.put_files(client, str(tmp_path / "lines"), head, "/lines2")
    assert _paths(client.walk_file(head, "/")) == [
        *("/", "/a", "/empty", "/lines", "/lines2", "/sub/", "/sub/x"),
    ]
    assert _read(client, head, "/lines2") == b"1\n2\n3\n"


def test_079_a_file_comes_from_a_url(client, head, page):
    client.put_file_url(head, "/page", page)
    client.put_file_url(head, "/page", page, append=True)
    assert _read(client, head, "/page") == b"hellohello"
    client.put_file_url(head, "/page", page, recursive=True, concurrency=3)
    assert _read(client, head, "/page") == b"hello"
    with pytest.raises(RpcError, match='error retrieving content from "ftp://x/y": '):
        client.put_file_url(head, "/other", "ftp://x/y")


def _replace_by_a_bad_name(client, head):
    with client.modify_file_client(head) as modify:
        modify.delete_file("/a")
        modify.put_file_from_bytes("/c*", b"3")


def test_080_a_stream_does_all_or_nothing(client, head):
    with client.modify_file_client(head) as modify:
        modify.put_file_from_bytes("/a", b"1")
        modify.put_file_from_fileobj("/b", io.BytesIO(b"2"), append=True)
        modify.delete_file("/nothing")
    with pytest.raises(RpcError, match="globbing character"):
        _replace_by_a_bad_name(client, head)
    with client.modify_file_client(head):
        pass
    assert _paths(client.list_file(head, "/")) == ["/a", "/b"]
    assert len(list(client.list_commit("in", project_name=head.project))) == 2


def _three_puts_and(client, commit, failing):
    with client.modify_file_client(commit) as modify:
        modify.delete_file("/before")
        for name in ("/a", "/b", "/open"):
            modify.put_file_from_bytes(name, b"1", append=True)
        failing(modify)


@pytest.mark.parametrize("last", ["a name", "a source", "a url"])
def test_080_a_stream_that_fails_leaves_an_open_commit_as_it_was(client, head, project, last):
    failing = {
        "a name": lambda modify: modify.put_file_from_bytes("/d?", b"4"),
        "a source": lambda modify: modify.copy_file(head, "/nothing", "/d"),
        "a url": lambda modify: modify.put_file_from_url("/d", "ftp://x/y"),
    }
    client.put_file_bytes(head, "/before", b"0")
    with client.commit("in", "master", project_name=project) as commit:
        client.put_file_bytes(commit, "/open", b"0")
        with pytest.raises(RpcError):
            _three_puts_and(client, commit, failing[last])
    assert _paths(client.list_file(head, "/")) == ["/before", "/open"]
    assert _read(client, head, "/open") == b"0"


def test_082_copies_and_deletes(client, head, project):
    client.put_file_bytes(head, "/d/a", b"1")
    client.create_repo("other", project_name=project)
    other = Commit("other", "master", project=project)
    client.copy_file(head, "/d", other, "/e")
    client.copy_file(head, "/d/a", other, "/e/a", append=True)
    assert _read(client, other, "/e/a") == b"11"
    client.delete_file(other, "/e/")
    assert list(client.list_file(other, "/")) == []


def test_083_listings(client, head):
    with client.modify_file_client(head) as modify:
        for name in "abc":
            modify.put_file_from_bytes(f"/d/{name}", b"")
    assert _paths(client.list_file(head, "/d")) == ["/d/a", "/d/b", "/d/c"]
    assert _paths(client.list_file(head, "/d", number=1, reverse=True)) == ["/d/c"]
    assert _paths(client.list_file(head, "/d", pagination_marker=client.inspect_file(head, "/d/a").file)) == [
        "/d/b",
        "/d/c",
    ]
    assert _paths(client.walk_file(head, "/", number=2)) == ["/", "/d/"]
    assert _paths(client.glob_file(head, "/d/[bc]")) == ["/d/b", "/d/c"]
    assert client.inspect_file(head, "/d").file.path == "/d/"


def test_084_diffs(client, head):
    client.put_file_bytes(head, "/a", b"1")
    client.put_file_bytes(head, "/a", b"2")
    before = Commit("in", "master^", project=head.project)
    for found in (list(client.diff_file(head, "/a")), list(client.diff_file(head, "/a", before, "/a"))):
        assert [(each.new_file.file.path, each.old_file.file.path) for each in found] == [("/a", "/a")]


def test_086_archives_and_large_files(client, head):
    data = bytes(range(256)) * (20 << 12) + b"end"
    client.put_file_bytes(head, "/d/large", data)
    client.put_file_bytes(head, "/d/empty", b"")
    assert _read(client, head, "/d/large") == data
    with client.get_file(head, "/d/large", offset=len(data) - 3) as file:
        assert file.read(2) == b"en"
        assert file.read() == b"d"
    with client.get_file_tar(head, "/d/") as archive:
        found = {member.path: archive.extractfile(member).read() for member in archive if member.isreg()}
    assert found == {"d/empty": b"", "d/large": data}
    with pytest.raises(ConnectionError):
        client.get_file(head, "/d")


def test_106_which_paths_exist(client, head):
    client.put_file_bytes(head, "/dir/file1", b"")
    for path in ("/", "dir", "dir/", "dir/file1", "dir/file1/"):
        assert client.path_exists(head, path), path
    for path in ("dir2", "dir/file2", "file1"):
        assert not client.path_exists(head, path), path
    for missing in (("in", "no"), ("no", "master")):
        with pytest.raises(ValueError, match="nonexistent commit"):
            client.path_exists(Commit(*missing, project=head.project), "/x")
