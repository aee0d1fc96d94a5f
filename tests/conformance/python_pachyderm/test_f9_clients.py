"""F9: what python-pachyderm relies on."""

from __future__ import annotations

import pytest
from python_pachyderm.errors import AuthServiceNotActivated


def test_106_path_exists_tells_files_folders_and_missing_branches(client, project):
    client.create_repo("r", project_name=project)
    with client.commit("r", "master", project_name=project) as commit:
        client.put_file_bytes(commit, "/dir/file1", b"x")
    at = ("r", "master", None, None, project)
    assert client.path_exists(_commit(project), "/")
    for path in ("dir", "dir/", "dir/file1/"):
        assert client.path_exists(_commit(project), path), (path, at)
    assert not client.path_exists(_commit(project), "missing")
    with pytest.raises(ValueError, match="branch"):
        client.path_exists(_commit(project, "nope"), "dir")


def test_106_who_am_i_says_that_auth_is_off(client):
    with pytest.raises(AuthServiceNotActivated):
        client.who_am_i()


def _commit(project: str, branch: str = "master"):
    from python_pachyderm.service import pfs_proto

    repo = pfs_proto.Repo(name="r", type="user", project=pfs_proto.Project(name=project))
    return pfs_proto.Commit(branch=pfs_proto.Branch(repo=repo, name=branch))
