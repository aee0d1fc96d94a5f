"""pachyderm-sdk 2.12.2: repos, branches, commits, commit sets."""

import sys

import grpc
from failing import failure
from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs

client = Client.from_pachd_address(sys.argv[1])
version = client.get_version()
assert (version.major, version.minor) == (2, 12)

repo = pfs.Repo(name="images", type="user")
branch = pfs.Branch(repo=repo, name="master")
assert not client.pfs.repo_exists(repo)
client.pfs.create_repo(repo=repo, description="photos")
assert client.pfs.repo_exists(repo)
assert [info.repo.name for info in client.pfs.list_repo()] == ["images"]
assert not client.pfs.branch_exists(branch)

with client.pfs.commit(branch=branch) as first:
    first.put_file_from_bytes("/a.txt", b"hello")
info = first.wait()
assert info.finished
assert info.error == ""
assert info.commit.branch is None or info.commit.branch.name == ""
with client.pfs.commit(branch=branch) as second:
    second.put_file_from_bytes("/b.txt", b"world")
assert second.wait().parent_commit.id == first.id
assert [each.commit.id for each in client.pfs.list_commit(repo=repo)] == [second.id, first.id]
assert client.pfs.commit_exists(pfs.Commit(repo=repo, id=first.id))
assert not client.pfs.commit_exists(pfs.Commit(repo=repo, id="0" * 12 + "4" + "0" * 19))
assert client.pfs.inspect_commit(commit=pfs.Commit.from_uri("images@master^")).commit.id == first.id
assert [each.commit_set.id for each in client.pfs.list_commit_set(project=pfs.Project(name="default"))]
(whole,) = client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=second.id))
assert whole.commit.id == second.id

old = pfs.Branch(repo=repo, name="old")
client.pfs.create_branch(branch=old, head=first)
assert client.pfs.inspect_branch(branch=old).head.id == first.id
assert {each.branch.name for each in client.pfs.list_branch(repo=repo)} == {"master", "old"}
client.pfs.delete_branch(branch=old)
assert not client.pfs.branch_exists(old)

assert client.pfs.project_exists(pfs.Project(name="default"))
client.pfs.create_project(project=pfs.Project(name="other"))
missing = pfs.Repo(name="nope", type="user")
assert failure(client.pfs.inspect_repo, repo=missing) == (
    grpc.StatusCode.NOT_FOUND,
    "repo default/nope not found",
)
client.pfs.delete_project(project=pfs.Project(name="other"))
assert client.pfs.delete_repo(repo=repo).deleted
assert not client.pfs.delete_repo(repo=repo).deleted
print("ok")
