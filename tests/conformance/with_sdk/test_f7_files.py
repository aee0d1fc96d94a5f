"""F7: the files API; and what F2 says of copying."""

from __future__ import annotations

import time

import grpc
import pytest
from pachyderm_sdk.api import pfs, pps

PRINTABLE = "only printable ASCII characters allowed"


def _add(path, data=b"", datum=""):
    return pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, raw=data, datum=datum))


def _delete(path, datum=""):
    return pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path, datum=datum))


def _modify(world, *requests, repo="in", at="master"):
    first = pfs.ModifyFileRequest(set_commit=world.commit(repo, at))
    return world.client.pfs.modify_file(iter([first, *requests]))


def _paths(infos):
    return [info.file.path for info in infos]


def _walk(world, path="/", at="master"):
    return _paths(world.client.pfs.walk_file(file=world.file("in", path, at)))


def _sides(world, new, old=None):
    found = list(world.client.pfs.diff_file(new_file=new, old_file=old))
    return (
        [each.new_file.file.path for each in found if each.new_file.file.path],
        [each.old_file.file.path for each in found if each.old_file.file.path],
    )


def test_023_copying_an_output_back_into_an_input_keeps_its_hash(world):
    world.create_repo("in")
    world.shell("cp", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    done = world.put("in", {"/file": "foo"})
    world.wait("cp", done)
    with world.client.pfs.commit(branch=world.branch("in", "other")) as commit:
        commit.copy_file(src=world.file("cp", "/file"), dst="/deep/file2")
    source = world.client.pfs.inspect_file(file=world.file("cp", "/file", done))
    copied = world.client.pfs.inspect_file(file=world.file("in", "/deep/file2", "other"))
    assert source.hash
    assert (copied.hash, copied.size_bytes) == (source.hash, 3)
    assert world.read("in", "/deep/file2", "other") == "foo"


def test_024_cp_r_keeps_the_tree(world):
    world.create_repo("in")
    world.shell("cp", world.pfs_input("in", "/"), "cp -r /pfs/in /pfs/out")
    files = {f"/d{n // 3}/e/{n}": str(n) for n in range(9)}
    done = world.put("in", files)
    assert world.wait("cp", done).state == pps.JobState.JOB_SUCCESS
    assert world.files("cp", done) == {f"/in{path}": text for path, text in files.items()}


def test_079_put_overwrites_append_appends(world):
    world.create_repo("in")
    put = world.client.pfs.put_file_from_bytes
    with world.client.pfs.commit(branch=world.branch("in")) as commit:
        put(commit=commit, path="foo", data=b"one\n")
        put(commit=commit, path="foo", data=b"two\n")
    assert world.read("in", "/foo") == "two\n"
    with world.client.pfs.commit(branch=world.branch("in")) as commit:
        put(commit=commit, path="foo", data=b"three\n", append=True)
        put(commit=commit, path="foo", data=b"four\n", append=True)
    assert world.read("in", "/foo") == "two\nthree\nfour\n"


def test_079_the_order_of_appends_is_kept_across_calls(world):
    world.create_repo("in")
    commit = world.client.pfs.start_commit(branch=world.branch("in"))
    for number in range(20):
        _modify(world, _add("/f", b"%02d," % number), at=commit.id)
    world.client.pfs.finish_commit(commit=commit)
    assert world.read("in", "/f") == "".join(f"{number:02}," for number in range(20))


def test_080_a_stream_with_a_failing_operation_applies_nothing(world, fails):
    world.create_repo("in")
    world.put("in", {"/before": ""})
    ops = [_add("/a", b"1"), _add("/b", b"2"), _add("/c", b"3"), _add("/d*", b"4")]
    assert "globbing character" in fails(_modify, world, *ops)[1]
    assert _walk(world) == ["/", "/before"]
    assert len(list(world.client.pfs.list_commit(repo=world.repo("in")))) == 1


def test_080_an_empty_stream_on_a_branch_makes_an_empty_commit(world):
    world.create_repo("in")
    first = world.put("in", {"/a": ""})
    _modify(world)
    head = world.client.pfs.inspect_branch(branch=world.branch("in")).head
    assert head.id != first
    assert _walk(world) == ["/", "/a"]


def test_080_a_stream_begins_with_its_commit(world, fails):
    world.create_repo("in")
    modify = world.client.pfs.modify_file
    assert fails(modify, iter([_add("/a")]))[1] == "first message must be a commit"


def test_081_which_paths_are_valid(world, fails):
    world.create_repo("in")
    for path, text in (
        ("/\xe9", PRINTABLE),
        ("/a\nb", PRINTABLE),
        ("/\x7f", PRINTABLE),
        *((f"/a{c}b", f"globbing character ({c}) not allowed in path") for c in "*?[]{}!()@+^"),
        ("/../x", "relative file paths are not allowed"),
        ("../x", "relative file paths are not allowed"),
        ("/a/./x", "relative file paths are not allowed"),
    ):
        assert fails(_modify, world, _add(path))[1] == f"path ({path}) invalid: {text}"
    assert list(world.client.pfs.list_commit(repo=world.repo("in"))) == []
    _modify(world, _add("/with a space & ~other~ #$%,;='`|<>\"\\ signs"), _add("/.hidden"))
    assert len(_walk(world)) == 3


def test_082_a_slash_deletes_the_folder_and_none_the_file(world):
    world.create_repo("in")
    world.put("in", {"/dir/a": "", "/dir/b/c": "", "/dir2": "", "/f": ""})
    _modify(world, _delete("/dir"))
    assert _walk(world) == ["/", "/dir/", "/dir/a", "/dir/b/", "/dir/b/c", "/dir2", "/f"]
    _modify(world, _delete("/f/"), _delete("/nothing"))
    assert "/f" in _walk(world)
    _modify(world, _delete("/dir/"))
    assert _walk(world) == ["/", "/dir2", "/f"]
    _modify(world, _delete("/dir2"), _delete("/"))
    assert list(world.client.pfs.list_file(file=world.file("in", "/"))) == []


def test_082_what_was_deleted_can_be_added_again_in_the_same_commit(world):
    world.create_repo("in")
    world.put("in", {"/dir/a": "old", "/dir/b": "old"})
    with world.client.pfs.commit(branch=world.branch("in")) as commit:
        commit.delete_file(path="/dir/")
        commit.put_file_from_bytes(path="/dir/a", data=b"new")
    assert world.files("in") == {"/dir/a": "new"}


def test_083_list_walk_and_inspect(world, fails):
    world.create_repo("in")
    world.put("in", {"/a/b/f3": "3", "/a/f2": "2"})
    inspect, ls = world.client.pfs.inspect_file, world.client.pfs.list_file
    assert _paths(ls(file=world.file("in", "/"))) == ["/a/"]
    assert _paths(ls(file=world.file("in", ""))) == ["/a/"]
    assert _paths(ls(file=world.file("in", "/a/f2"))) == ["/a/f2"]
    assert _walk(world, "/a") == ["/a/", "/a/b/", "/a/b/f3", "/a/f2"]
    info = inspect(file=world.file("in", "/a/b/f3/"))
    assert (info.file.path, info.file_type, info.size_bytes) == ("/a/b/f3", pfs.FileType.FILE, 1)
    info = inspect(file=world.file("in", "a"))
    assert (info.file.path, info.file_type, info.size_bytes) == ("/a/", pfs.FileType.DIR, 2)
    assert list(ls(file=world.file("in", "/missing"))) == []
    commit = world.client.pfs.inspect_branch(branch=world.branch("in")).head.id
    code, text = fails(world.client.pfs.walk_file, file=world.file("in", "/missing"))
    assert code is grpc.StatusCode.NOT_FOUND
    assert text == f"commit/{commit} does not contain item: (/missing)"
    code, text = fails(inspect, file=world.file("in", "/missing"))
    assert code is grpc.StatusCode.NOT_FOUND
    assert text == f"file /missing not found in repo {world.project.name}/in at commit {commit}"


def test_083_an_empty_commit_lists_nothing(world):
    world.create_repo("in")
    world.put("in", {})
    assert list(world.client.pfs.list_file(file=world.file("in", "/"))) == []
    assert _walk(world) == []
    assert not world.client.pfs.path_exists(world.file("in", "/x"))


def test_083_pages_go_forward_and_back(world, fails):
    world.create_repo("in")
    world.put("in", {f"/{name}/x": "" for name in "abcde"})

    def page(marker="", **options):
        marked = world.file("in", marker) if marker else None
        return _paths(
            world.client.pfs.list_file(file=world.file("in", "/"), pagination_marker=marked, **options)
        )

    assert page(number=2) == ["/a/", "/b/"]
    assert page("/b/", number=2) == ["/c/", "/d/"]
    assert page("/d/") == ["/e/"]
    assert page(number=2, reverse=True) == ["/e/", "/d/"]
    assert page("/d/", number=2, reverse=True) == ["/c/", "/b/"]
    assert fails(page, reverse=True)[1] == "number must be > 0 when reverse is true"


def test_083_globs_match_files_and_folders(world):
    world.create_repo("in")
    world.put(
        "in", {f"{folder}/{n}.{end}": "" for folder in ("", "/d1", "/d2") for n in range(3) for end in "ab"}
    )

    def glob(pattern, **options):
        return _paths(
            world.client.pfs.glob_file(commit=world.commit("in", "master"), pattern=pattern, **options)
        )

    assert len(glob("*")) == 8
    assert len(glob("/*/*")) == 12
    assert len(glob("**")) == 20
    assert glob("/") == ["/"]
    assert glob("/d?") == ["/d1/", "/d2/"]
    assert glob("/d1/{0,2}.a") == ["/d1/0.a", "/d1/2.a"]
    assert glob("/d[!1]/@(1|2).b") == ["/d2/1.b", "/d2/2.b"]
    assert glob("/**.a", path_range=pfs.PathRange(lower="/d1/1", upper="/d2/")) == ["/d1/1.a", "/d1/2.a"]


def test_084_diffs(world):
    world.create_repo("in")
    first = world.put("in", {"/foo": "1"})
    assert _sides(world, world.file("in", "/")) == (["/", "/foo"], [])
    world.put("in", {"/foo": "2"})
    assert _sides(world, world.file("in", "/")) == (["/", "/foo"], ["/", "/foo"])
    assert _sides(world, world.file("in", "/foo")) == (["/foo"], ["/foo"])
    world.put("in", {"/foo": None})
    assert _sides(world, world.file("in", "/")) == ([], ["/", "/foo"])
    again = world.put("in", {"/foo": "1"})
    assert _sides(world, world.file("in", "/", again), world.file("in", "/", first)) == ([], [])


def test_084_a_diff_names_folders_that_changed_and_no_others(world):
    world.create_repo("in")
    world.put("in", {"/a/x": "1", "/b/y": "1"})
    world.put("in", {"/a/x": "2", "/a/z": ""})
    assert _sides(world, world.file("in", "/")) == (["/", "/a/", "/a/x", "/a/z"], ["/", "/a/", "/a/x"])
    assert _sides(world, world.file("in", "/b")) == ([], [])


def test_085_a_file_that_is_also_a_folder_fails_the_commit(world):
    world.create_repo("in")
    commit = world.client.pfs.start_commit(branch=world.branch("in"))
    _modify(world, _add("/a", b"x"), _add("/a/b", b"y"), at=commit.id)
    world.client.pfs.finish_commit(commit=commit)
    info = world.client.pfs.wait_commit(commit)
    assert info.error == "file / directory path collision (/a)"
    assert world.put("in", {"/c": ""})
    assert _walk(world) == ["/", "/c"]


def test_085_two_owners_of_a_path_fail_the_commit(world):
    world.create_repo("in")
    world.put("in", {"/a": "mine"})
    _modify(world, _add("/a", b"yours", datum="other"))
    head = world.client.pfs.inspect_branch(branch=world.branch("in")).head
    error = world.client.pfs.wait_commit(world.commit("in", head.id)).error
    assert error == "duplicate path output by different datums (/a from default and /a from other)"


def test_085_a_delete_is_of_one_owner_only(world):
    world.create_repo("in")
    _modify(world, _add("/a", b"theirs", datum="other"), _add("/d/b", b"theirs", datum="other"))
    _modify(world, _delete("/a"), _delete("/d/"))
    assert world.files("in") == {"/a": "theirs", "/d/b": "theirs"}
    _modify(world, _delete("/a", datum="other"), _delete("/d/", datum="other"))
    assert _walk(world) == []


def test_086_what_get_file_cannot_give(world, fails):
    world.create_repo("in")
    world.put("in", {"/dir/a": "1", "/dir/b": "2", "/ten": "0123456789"})

    def get(path, **options):
        found = world.client.pfs.get_file(file=world.file("in", path), **options)
        return b"".join(message.value for message in found)

    assert get("/dir/*a") == b"1"
    assert fails(get, "/dir")[1] == "cannot get directory or non-regular file. Use GetFileTAR instead"
    assert fails(get, "/dir/*")[1] == "matched multiple files. Use GetFileTAR instead"
    assert fails(get, "/nothing")[0] is grpc.StatusCode.NOT_FOUND
    assert get("/ten", offset=7) == b"789"
    assert get("/ten", offset=10) == get("/ten", offset=100) == b""


def test_086_a_large_file_comes_in_pieces_and_an_empty_one_comes(world):
    world.create_repo("in")
    data = bytes(range(256)) * (22 << 12)
    with world.client.pfs.commit(branch=world.branch("in")) as commit:
        commit.put_file_from_bytes(path="/large", data=data)
        commit.put_file_from_bytes(path="/empty", data=b"")
    pieces = [message.value for message in world.client.pfs.get_file(file=world.file("in", "/large"))]
    assert b"".join(pieces) == data
    assert len(pieces) > 1
    assert max(map(len, pieces)) < 20 << 20
    assert [message.value for message in world.client.pfs.get_file(file=world.file("in", "/empty"))] == [b""]


def test_086_an_archive_holds_all_that_matches_and_what_is_in_it(world):
    world.create_repo("in")
    world.put("in", {"/dir/a": "1", "/dir/sub/b": "2", "/c": "3", "/d": "4"})
    with world.client.pfs.pfs_tar_file(world.file("in", "/{dir,c}")) as archive:
        found = {member.path: archive.extractfile(member).read() for member in archive if member.isreg()}
    assert found == {"dir/a": b"1", "dir/sub/b": b"2", "c": b"3"}


def test_087_find_the_commits_that_touched_a_path(world, fails):
    world.create_repo("in")
    ids = [
        world.put("in", files)
        for files in ({"/foo": "1"}, {"/bar": "1"}, {"/foo": "2", "/x": ""}, {"/foo": None}, {"/y": ""})
    ]
    found = list(world.client.pfs.find_commits(start=world.commit("in", ids[4]), file_path="/foo"))
    assert [each.found_commit.id for each in found if each.found_commit.id] == [ids[3], ids[2], ids[0]]
    assert found[-1].last_searched_commit.id == ids[0]
    assert found[-1].commits_searched == 5
    found = list(world.client.pfs.find_commits(start=world.commit("in", ids[4]), file_path="/foo", limit=2))
    assert [each.found_commit.id for each in found if each.found_commit.id] == ids[3:1:-1]
    commit = world.client.pfs.start_commit(branch=world.branch("in"))
    code, text = fails(world.client.pfs.find_commits, start=commit, file_path="/foo")
    assert code is grpc.StatusCode.UNAVAILABLE
    assert text == f"commit {world.project.name}/in@{commit.id} not finished"
    world.client.pfs.finish_commit(commit=commit)


def test_088_a_fileset_is_laid_on_an_open_commit(world):
    world.create_repo("in")
    world.put("in", {"/a": "old", "/b": "old"})
    made = world.client.pfs.create_file_set(iter([_delete("/a"), _add("/a", b"new"), _add("/b", b"+")]))
    commit = world.client.pfs.start_commit(branch=world.branch("in"))
    world.client.pfs.add_file_set(commit=commit, file_set_id=made.file_set_id)
    assert world.read("in", "/a", commit.id) == "new"
    world.client.pfs.finish_commit(commit=commit)
    assert world.files("in") == {"/a": "new", "/b": "old+"}


def test_088_a_fileset_of_a_commit_is_composed_with_others_and_read(world, fails):
    world.create_repo("in")
    world.put("in", {"/a": "1"})
    head = world.put("in", {"/b": "2"})
    kinds = pfs.GetFileSetRequestFileSetType
    whole, change = (
        world.client.pfs.get_file_set(commit=world.commit("in", head), type=kind).file_set_id
        for kind in (kinds.TOTAL, kinds.DIFF)
    )
    more = world.client.pfs.create_file_set(iter([_add("/c", b"3")])).file_set_id
    both = world.client.pfs.compose_file_set(file_set_ids=[change, more], ttl_seconds=60).file_set_id

    def held(id_):
        commit = pfs.Commit(repo=pfs.Repo(name="__filesets__", type="user"), id=id_)
        return _paths(world.client.pfs.glob_file(commit=commit, pattern="/**"))

    assert held(whole) == ["/a", "/b"]
    assert held(both) == ["/b", "/c"]
    shards = world.client.pfs.shard_file_set(file_set_id=both, num_files=1).shards
    assert [(shard.lower, shard.upper) for shard in shards] == [("", "/c"), ("/c", "")]
    add = world.client.pfs.add_file_set
    _, text = fails(add, commit=world.commit("in", head), file_set_id=both)
    assert text == f"commit {world.project.name}/in@{head} has already finished"


def test_088_filesets_live_for_minutes_at_most(world, fails):
    made = world.client.pfs.create_file_set(iter([_add("/a", b"x")])).file_set_id
    renew = world.client.pfs.renew_file_set
    assert fails(renew, file_set_id=made, ttl_seconds=1801)[1] == "ttl (1801) exceeds max ttl (1800)"
    assert fails(renew, file_set_id=made, ttl_seconds=0)[1] == "ttl (0) must be at least one second"
    renew(file_set_id=made, ttl_seconds=1)
    time.sleep(1.05)
    code, text = fails(renew, file_set_id=made, ttl_seconds=60)
    assert (code, text) == (grpc.StatusCode.NOT_FOUND, f"file set {made} not found")


def test_088_a_fileset_has_no_commit(world, fails):
    requests = [pfs.ModifyFileRequest(set_commit=pfs.Commit(id="x")), _add("/a")]
    assert fails(world.client.pfs.create_file_set, iter(requests))[1] == "cannot set commit"


@pytest.mark.parametrize("method", ["read", "readline", "iterate"])
def test_106_a_file_of_pfs_is_a_file_of_python(world, method):
    world.create_repo("in")
    text = "".join(f"line {n}\n" for n in range(1000))
    world.put("in", {"/lines": text})
    with world.client.pfs.pfs_file(world.file("in", "/lines")) as stream:
        if method == "read":
            assert stream.read(4) == b"line"
            assert b"line" + stream.read() == text.encode()
        elif method == "readline":
            assert stream.readline() == b"line 0\n"
        else:
            assert b"".join(stream) == text.encode()
