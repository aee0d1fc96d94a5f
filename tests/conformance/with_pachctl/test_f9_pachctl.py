"""F9: pachctl, as a user types it."""

from __future__ import annotations


def test_105_list_repo_hides_the_repos_of_the_system(pachctl, project_name):
    pachctl("create", "project", project_name)
    pachctl("create", "repo", "data", "--project", project_name)
    lines = pachctl("list", "repo", "--project", project_name).splitlines()
    assert lines[0].split() == ["PROJECT", "NAME", "CREATED", "SIZE", "(MASTER)", "DESCRIPTION"]
    assert [line.split()[:2] for line in lines[1:]] == [[project_name, "data"]]
