"""python-pachyderm 7.6.0: repos, branches, commits, commit sets."""

import sys

import grpc
import python_pachyderm
from failing import fails, failure
from python_pachyderm.service import pfs_proto

host, port = sys.argv[1].rsplit(":", 1)
client = python_pachyderm.Client(host, int(port))

assert client.get_remote_version().major == 2
assert client.inspect_cluster().deployment_id

client.create_repo("images", "photos")
assert failure(client.create_repo, "images") == (
    grpc.StatusCode.ALREADY_EXISTS,
    "repo default/images already exists",
)
client.create_repo("images", "better photos", update=True)
assert [info.repo.name for info in client.list_repo()] == ["images"]
assert client.inspect_repo("images").description == "better photos"
assert failure(client.inspect_repo, "nope") == (grpc.StatusCode.NOT_FOUND, "repo default/nope not found")

first = client.start_commit("images", "master", description="one")
assert (first.branch.repo.name, first.branch.name) == ("images", "master")
client.put_file_bytes(first, "/a.txt", b"hello")
client.finish_commit(first)
assert client.wait_commit(first)[0].finished.seconds
with client.commit("images", "master") as second:
    client.put_file_bytes(second, "/b.txt", b"world")
(info,) = client.inspect_commit(second)
assert info.parent_commit.id == first.id
assert (info.commit.branch.repo.name, info.commit.branch.name) == ("images", "master")
assert info.origin.kind == pfs_proto.USER
assert [each.commit.id for each in client.list_commit("images")] == [second.id, first.id]
assert len(list(client.list_commit())) == 2
(ancestor,) = client.inspect_commit(("images", "master^"))
assert ancestor.commit.id == first.id

client.create_branch("images", "old", head_commit=first)
assert client.inspect_branch("images", "old").head.id == first.id
assert {each.branch.name for each in client.list_branch("images")} == {"master", "old"}
assert fails('branch "x" not found in repo default/images', client.inspect_branch, "images", "x")
client.delete_branch("images", "old")

updates = client.subscribe_commit("images", "master", state=pfs_proto.FINISHED)
assert [next(updates).commit.id, next(updates).commit.id] == [first.id, second.id]
assert list(client.fsck()) == []

client.create_project("other")
client.create_repo("images", project_name="other")
assert {each.project.name for each in client.list_project()} == {"default", "other"}
assert fails("cannot delete project other: repo", client.delete_project, "other")
client.delete_repo("images", project_name="other")
client.delete_project("other")
client.delete_repo("images")
client.delete_repo("images")
assert list(client.list_repo()) == []
client.delete_all()
print("ok")
