"""python-pachyderm 7.6.0: putting, getting, listing, copying and deleting files."""

import io
import sys

import python_pachyderm
from failing import fails

host, port = sys.argv[1].rsplit(":", 1)
client = python_pachyderm.Client(host, int(port))
client.create_repo("r")
master = ("r", "master")

big = bytes(range(256)) * 4096 * 22
with client.commit("r", "master") as commit:
    with client.modify_file_client(commit) as files:
        files.put_file_from_bytes("/dir/one", b"1")
        files.put_file_from_bytes("/dir/two", b"22")
        files.put_file_from_fileobj("/empty", io.BytesIO(b""))
        files.put_file_from_fileobj("/big", io.BytesIO(big))
    client.put_file_bytes(commit, "/dir/one", b"+", append=True)

assert client.get_file(commit, "/dir/one").read() == b"1+"
assert client.get_file(commit, "/empty").read() == b""
assert client.get_file(commit, "/big").read() == big
assert client.get_file(commit, "/dir/two", offset=1).read() == b"2"
client.put_file_bytes(master, "/dir/one", b"new")
assert client.get_file(master, "/dir/one").read() == b"new"

assert sorted(info.file.path for info in client.list_file(master, "/")) == ["/big", "/dir/", "/empty"]
assert [info.file.path for info in client.walk_file(master, "/dir")] == ["/dir/", "/dir/one", "/dir/two"]
assert [info.file.path for info in client.glob_file(master, "/dir/*")] == ["/dir/one", "/dir/two"]
assert client.inspect_file(master, "/dir/one").size_bytes == 3
assert client.inspect_file(master, "/dir/one/").file.path == "/dir/one"
changes = list(client.diff_file(master, "/dir/one"))
assert any(change.new_file.file.path == "/dir/one" and change.new_file.size_bytes == 3 for change in changes)

for path, there in [("/", True), ("dir", True), ("dir/", True), ("dir/one/", True), ("dir/x", False)]:
    assert client.path_exists(master, path) is there, path
try:
    client.path_exists(("r", "nope"), "/")
    raise AssertionError("a missing branch must be a ValueError")
except ValueError:
    pass

client.copy_file(master, "/dir/two", master, "/three")
assert client.get_file(master, "/three").read() == b"22"
client.delete_file(master, "/three")
assert not client.path_exists(master, "/three")
client.delete_file(master, "/dir/")
assert not client.path_exists(master, "/dir")

with client.get_file_tar(master, "/empty") as archive:
    assert archive.getnames() == ["/empty"]
assert fails("relative file paths are not allowed", client.put_file_bytes, master, "/../x", b"")
print("ok")
