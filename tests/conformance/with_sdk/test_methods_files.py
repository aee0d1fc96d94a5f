"""Methods of pachyderm-sdk for files, as its docstrings call them."""

from __future__ import annotations

import io
import os
import tarfile

import grpc
import pytest
from betterproto.lib.google.protobuf import Any
from pachyderm_sdk.api import pfs, storage

ABSENT = "0" * 12 + "4" + "0" * 19


def test_an_open_commit_takes_files_in_every_way_and_a_closed_one_none(world, tmp_path):
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "deep" / "leaf").write_text("leaf")
    world.create_repo("r")
    with world.client.pfs.commit(branch=world.branch("r"), description="all ways") as commit:
        commit.put_file_from_bytes("/bytes", b"1")
        commit.put_file_from_bytes("/bytes", b"2", append=True)
        stream = commit.put_file_from_file(path="/stream", file=io.BytesIO(b"3"))
        commit.put_files(source=tmp_path / "tree", path="/tree")
        commit.copy_file(src=stream, dst="/copy")
        commit.delete_file(path="/stream")
        with pytest.raises(TypeError, match="bytes"):
            commit.put_file_from_file(path="/text", file=io.StringIO("no"))
    assert commit.wait().description == "all ways"
    assert [info.commit.id for info in commit.wait_all()] == [commit.id]
    assert world.files("r") == {"/bytes": "12", "/copy": "3", "/tree/deep/leaf": "leaf"}
    with pytest.raises(grpc.RpcError, match="has already finished"):
        world.client.pfs.put_file_from_bytes(commit=commit, path="/late", data=b"")


def test_files_written_to_a_branch_are_commits_of_their_own(world, open_folder, tmp_path):
    open_folder.joinpath("page").write_text("page")
    (tmp_path / "leaf").write_text("leaf")
    world.create_repo("r")
    head = pfs.Commit(branch=world.branch("r"))
    world.client.pfs.put_file_from_bytes(commit=head, path="/a", data=b"a")
    world.client.pfs.put_file_from_file(commit=head, path="/b", file=io.BytesIO(b"b"))
    world.client.pfs.put_file_from_url(commit=head, path="/page", url=f"file://{open_folder}/page")
    world.client.pfs.put_files(commit=head, source=tmp_path, path="/")
    world.client.pfs.copy_file(commit=head, src=world.file("r", "/a"), dst="/b", append=True)
    world.client.pfs.delete_file(commit=head, path="/a")
    assert world.files("r") == {"/b": "ba", "/leaf": "leaf", "/page": "page"}
    assert len(list(world.client.pfs.list_commit(repo=world.repo("r")))) == 6


def test_files_are_read_as_streams_and_tars(world, tmp_path):
    world.create_repo("r")
    data = os.urandom(5 << 20)
    with world.client.pfs.commit(branch=world.branch("r")) as commit:
        big = commit.put_file_from_bytes("/dir/big", data)
        commit.put_file_from_bytes("/lines", b"one\ntwo\n")
    with world.client.pfs.pfs_file(big) as stream:
        assert len(stream._buffer) < len(data)
        assert (stream.read(), stream.read()) == (data, b"")
    with world.client.pfs.pfs_file(world.file("r", "/lines")) as stream:
        assert (stream.peek(3), list(stream)) == (b"one", [b"one\n", b"two\n"])
    rest = world.client.pfs.get_file(file=big, offset=len(data) - 4)
    assert b"".join(message.value for message in rest) == data[-4:]
    with world.client.pfs.pfs_tar_file(world.file("r", "/")) as tar:
        tar.extractall(tmp_path, filter="data")
    assert (tmp_path / "dir" / "big").read_bytes() == data
    raw = b"".join(message.value for message in world.client.pfs.get_file_tar(file=world.file("r", "/lines")))
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        assert tar.getnames() == ["/lines"]
    with pytest.raises(ValueError, match="PFSFile"):
        world.client.pfs.pfs_file(world.file("r", "/none"))


def test_what_exists_is_told_from_what_does_not(world):
    world.create_repo("r")
    world.put("r", {"/dir/a": "a"})
    assert world.client.pfs.project_exists(world.project)
    assert not world.client.pfs.project_exists(pfs.Project(name="nobody"))
    assert world.client.pfs.commit_exists(world.commit("r", "master"))
    assert not world.client.pfs.commit_exists(world.commit("r", ABSENT))
    assert not world.client.pfs.commit_exists(world.commit("none", "master"))
    assert not world.client.pfs.branch_exists(world.branch("none"))
    assert [world.client.pfs.path_exists(world.file("r", path)) for path in ("/dir", "dir/a", "/b")] == [
        True,
        True,
        False,
    ]
    with pytest.raises(ValueError, match="commit does not exist"):
        world.client.pfs.path_exists(world.file("none", "/a"))


def test_an_open_commit_can_be_cleared(world):
    world.create_repo("r")
    commit = world.client.pfs.start_commit(branch=world.branch("r"))
    world.client.pfs.put_file_from_bytes(commit=commit, path="/a", data=b"a")
    world.client.pfs.clear_commit(commit=commit)
    world.client.pfs.finish_commit(commit=commit)
    assert world.files("r") == {}


def test_egress_goes_where_the_server_may_write_and_nowhere_else(world, fails, open_folder, tmp_path):
    world.create_repo("r")
    commit = world.commit("r", world.put("r", {"/a": "text"}))
    target = open_folder / world.project.name
    target.mkdir()
    done = world.client.pfs.egress(
        commit=commit, object_storage=pfs.ObjectStorageEgress(url=f"file://{target}")
    )
    assert (done.object_storage.bytes_written, (target / "a").read_text()) == (4, "text")
    closed = pfs.ObjectStorageEgress(url=f"file://{tmp_path}")
    code, _text = fails(world.client.pfs.egress, commit=commit, object_storage=closed)
    assert code is grpc.StatusCode.PERMISSION_DENIED


def append(path: str, data: bytes) -> storage.CreateFilesetRequest:
    return storage.CreateFilesetRequest(append_file=storage.AppendFile(path=path, data=data))


def test_filesets_of_the_storage_service(world):
    made = world.client.storage.create_fileset(iter([append("/a", b"1"), append("/b/c", b"2")])).fileset_id

    def read(id_: str, *filters: storage.FileFilter, **more: bool) -> dict[str, bytes | None]:
        return {
            it.path: it.data
            for it in world.client.storage.read_fileset(fileset_id=id_, filters=[*filters], **more)
        }

    assert read(made) == {"/a": b"1", "/b/c": b"2"}
    assert read(made, storage.FileFilter(path_regex="^/b")) == {"/b/c": b"2"}
    upto = storage.PathRange(lower="/a", upper="/b")
    assert read(made, storage.FileFilter(path_range=upto)) == {"/a": b"1"}
    assert not any(read(made, empty_files=True).values())
    world.client.storage.renew_fileset(fileset_id=made, ttl_seconds=60)
    copy = storage.CopyFile(fileset_id=made, src="/a", dst="/x")
    delete = storage.DeleteFile(path="/y")
    requests = [storage.CreateFilesetRequest(copy_file=copy), append("/y", b"y")]
    requests.append(storage.CreateFilesetRequest(delete_file=delete))
    other = world.client.storage.create_fileset(iter(requests)).fileset_id
    both = world.client.storage.compose_fileset(fileset_ids=[made, other], ttl_seconds=60).fileset_id
    assert read(both) == {"/a": b"1", "/b/c": b"2", "/x": b"1"}
    assert len(world.client.storage.shard_fileset(fileset_id=made, num_files=1).shards) == 2
    with pytest.raises(grpc.RpcError) as refused:
        list(world.client.storage.read_fileset_cdr(fileset_id=made))
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_the_servers_cache_keeps_values_by_key_until_their_tag_is_cleared(client, project_name, fails):
    value = Any(type_url="example/text", value=b"1")
    client.pfs.put_cache(key=project_name, value=value, tag=project_name)
    assert client.pfs.get_cache(key=project_name).value.value == b"1"
    client.pfs.clear_cache(tag_prefix=project_name)
    assert fails(client.pfs.get_cache, key=project_name)[0] is grpc.StatusCode.NOT_FOUND


def test_stored_chunks_can_be_checked_and_no_task_is_ever_left(world):
    world.create_repo("r")
    world.put("r", {"/a": "a"})
    assert world.client.pfs.check_storage(read_chunk_data=True).chunk_object_count > 0
    assert list(world.client.pfs.list_task()) == []
    assert list(world.client.pfs.fsck(fix=True, zombie_all=True)) == []
