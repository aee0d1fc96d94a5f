"""Calls about files, beyond their scenarios: types, fields, defaults, and the client's own tools."""

from __future__ import annotations

import io
import shutil

import pytest
import python_pachyderm
from python_pachyderm import RpcError
from python_pachyderm.pfs import Commit
from python_pachyderm.proto.v2.pfs import pfs_pb2


@pytest.fixture
def head(client, project):
    client.create_repo("in", project_name=project)
    return Commit("in", "master", project=project)


def _paths(infos):
    return [info.file.path for info in infos]


def test_records_of_files(scene):
    found = scene.client.inspect_file((scene.repo, "master"), "file.dat")
    assert (found.file.path, found.size_bytes, found.file_type) == ("/file.dat", 4, pfs_pb2.FileType.FILE)
    assert (found.file.commit.id, found.file.commit.branch.name) == (scene.commit.id, "master")
    assert found.hash
    assert found.committed.seconds
    assert scene.client.inspect_file((scene.repo, "master"), "/file.dat/") == found
    assert list(scene.client.list_file(scene.commit, "/")) == [found]
    assert list(scene.client.list_file((scene.repo, scene.commit.id), "")) == [found]
    assert list(scene.client.glob_file(scene.commit, "/*.dat")) == [found]
    assert _paths(scene.client.glob_file(scene.commit, "*", pfs_pb2.PathRange(upper="/a"))) == []
    assert _paths(scene.client.walk_file(scene.commit, "/")) == ["/", "/file.dat"]
    assert scene.client.path_exists(scene.commit, "/file.dat")


def test_get_file_is_read_as_a_file(scene, tmp_path):
    with scene.client.get_file(scene.commit, "file.dat") as file:
        assert (file.read(1), file.read(0), file.read(), file.read()) == (b"D", b"", b"ATA", b"")
    file = scene.client.get_file((scene.repo, "master"), "/file.dat", offset=2)
    with (tmp_path / "copy").open("wb") as copy:
        shutil.copyfileobj(file, copy)
    file.close()
    assert (tmp_path / "copy").read_bytes() == b"TA"
    with pytest.raises(ConnectionError):
        scene.client.get_file(scene.commit, "/nope")


def test_get_file_tar_is_unpacked(scene, tmp_path):
    with scene.client.get_file_tar(scene.commit, "/") as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / "file.dat").read_bytes() == b"DATA"
    with scene.client.get_file_tar(scene.commit, "/file.dat") as archive:
        assert archive.getnames() == ["/file.dat"]


def test_get_file_and_get_file_tar_write_to_a_url(scene, open_folder):
    scene.client.get_file(scene.commit, "/file.dat", URL=f"file://{open_folder}/one").read()
    with scene.client.get_file_tar(scene.commit, "/", URL=f"file://{open_folder}/all") as archive:
        assert archive.getnames() == []
    assert (open_folder / "all" / "file.dat").read_bytes() == b"DATA"


def test_modify_file_client(client, head, tmp_path, open_folder):
    (tmp_path / "local").write_bytes(b"one\ntwo\n")
    (open_folder / "page").write_bytes(b"page")
    client.put_file_bytes(head, "/old", b"old")
    commit = client.start_commit("in", "master", project_name=head.project)
    with client.modify_file_client(commit) as modify:
        modify.put_file_from_filepath("/local", str(tmp_path / "local"))
        modify.put_file_from_fileobj("/object", io.BytesIO(b"object"))
        modify.put_file_from_bytes("/bytes", b"bytes")
        modify.put_file_from_url("/page", f"file://{open_folder}/page", recursive=False, concurrency=2)
        modify.copy_file(head, "/old", "/copy")
        modify.delete_file("/old")
    client.finish_commit(commit)
    assert _paths(client.list_file(commit, "/")) == ["/bytes", "/copy", "/local", "/object", "/page"]
    assert client.get_file(commit, "/local").read() == b"one\ntwo\n"


def test_put_file_url_and_copy_file_and_delete_file(client, head, open_folder):
    (open_folder / "data").write_bytes(b"data")
    client.put_file_url(head, "/a", f"file://{open_folder}/data")
    client.copy_file(head, "/a", head, "/b")
    client.copy_file(head, "/a", head, "/b", append=True)
    client.delete_file(head, "/a")
    assert [(info.file.path, info.size_bytes) for info in client.list_file(head, "/")] == [("/b", 8)]


def test_tags_of_files(client, head):
    with client.commit("in", "master", project_name=head.project) as commit:
        client.put_file_bytes(commit, "/a", b"1", datum="one")
        client.put_file_bytes(commit, "/b", b"2", datum="two")
    assert client.get_file(commit, "/a", datum="one").read() == b"1"
    assert client.inspect_file(commit, "/a", datum="one").file.datum == "one"


def test_diff_file(client, head):
    client.put_file_bytes(head, "/a", b"old")
    client.put_file_bytes(head, "/a", b"newer")
    before = Commit("in", "master~1", project=head.project)
    (found,) = client.diff_file(head, "/a", before, "/a", shallow=True)
    assert (found.new_file.size_bytes, found.old_file.size_bytes) == (5, 3)
    assert found.new_file.file.commit.branch.name == "master"
    assert [each.new_file.file.path for each in client.diff_file(head, "/")] == ["/", "/a"]


def test_find_commits_asks_for_another_method(client, head):
    """The client calls FinishCommit with it; what it says is what that says."""
    with client.commit("in", "master", project_name=head.project) as commit:
        pass
    with pytest.raises(RpcError, match="has already finished"):
        next(client.find_commits(commit, "/a"))


def test_put_files(client, head, tmp_path):
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "f.txt").write_text(str(number))
    with client.commit("in", "master", project_name=head.project) as commit:
        python_pachyderm.put_files(client, str(tmp_path), commit, "/sub/")
        python_pachyderm.put_files(client, str(tmp_path / "0" / "f.txt"), commit, "/one.txt", append=True)
    files = [
        info.file.path for info in client.walk_file(commit, "/") if info.file_type == pfs_pb2.FileType.FILE
    ]
    assert files == ["/one.txt", *(f"/sub/{number}/f.txt" for number in range(3))]
