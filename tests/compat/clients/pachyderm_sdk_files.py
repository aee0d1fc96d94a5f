"""pachyderm-sdk 2.12.2: putting, getting, listing, copying and deleting files."""

import io
import sys
import tempfile
from pathlib import Path

from failing import fails
from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs

client = Client.from_pachd_address(sys.argv[1])
repo = pfs.Repo(name="r", type="user")
branch = pfs.Branch(repo=repo, name="master")
client.pfs.create_repo(repo=repo)
big = bytes(range(256)) * 4096 * 22
with client.pfs.commit(branch=branch) as commit:
    commit.put_file_from_bytes("/dir/one", b"1")
    commit.put_file_from_bytes("/dir/one", b"+", append=True)
    commit.put_file_from_bytes("/dir/two", b"22")
    commit.put_file_from_bytes("/empty", b"")
    big_file = commit.put_file_from_file(path="/big", file=io.BytesIO(big))
commit.wait()


def file(path):
    return pfs.File(commit=pfs.Commit(repo=repo, id=commit.id), path=path)


with client.pfs.pfs_file(file("/dir/one")) as stream:
    assert stream.read() == b"1+"
with client.pfs.pfs_file(file("/empty")) as stream:
    assert stream.read() == b""
with client.pfs.pfs_file(file("/big")) as stream:
    assert stream.read() == big
assert sorted(info.file.path for info in client.pfs.list_file(file=file("/"))) == ["/big", "/dir/", "/empty"]
assert [info.file.path for info in client.pfs.walk_file(file=file("/dir"))] == [
    "/dir/",
    "/dir/one",
    "/dir/two",
]
globbed = client.pfs.glob_file(commit=pfs.Commit(repo=repo, id=commit.id), pattern="/dir/*")
assert [info.file.path for info in globbed] == ["/dir/one", "/dir/two"]
assert client.pfs.inspect_file(file=file("/dir/two")).size_bytes == 2
assert client.pfs.path_exists(file("/dir"))
assert not client.pfs.path_exists(file("/nope"))

with tempfile.TemporaryDirectory() as folder:
    with client.pfs.pfs_tar_file(file("/dir")) as tar:
        tar.extractall(folder)
    assert Path(folder, "dir", "two").read_bytes() == b"22"
    source = Path(folder, "source")
    source.mkdir()
    (source / "x").write_text("x")
    with client.pfs.commit(branch=branch) as second:
        second.put_files(source=source, path="/more")
        second.copy_file(src=file("/dir/two"), dst="/copy")
        second.delete_file(path="/dir/one")
second.wait()
changed = {
    (
        info.new_file.file.path if info.new_file.file else "",
        info.old_file.file.path if info.old_file.file else "",
    )
    for info in client.pfs.diff_file(new_file=pfs.File(commit=second, path="/"))
}
paths = {path for pair in changed for path in pair}
assert {"/copy", "/more/x", "/dir/one"} <= paths, changed
assert "/big" not in paths
head = pfs.Commit(branch=branch, repo=repo)
put = client.pfs.put_file_from_bytes
assert fails(r"globbing character \(\*\) not allowed in path", put, commit=head, path="/a*b", data=b"")
print("ok")
