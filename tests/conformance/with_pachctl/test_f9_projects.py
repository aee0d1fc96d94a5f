"""F9, 107: projects from the command line."""

from __future__ import annotations


def test_107_a_project_with_repos_goes_only_with_a_yes_or_by_force(pachctl, project_name):
    for name in (project_name, f"{project_name}b"):
        pachctl("create", "project", name)
        pachctl("create", "repo", "data", "--project", name)
    assert project_name in pachctl("list", "repo", "-A")
    assert "Nothing was deleted." in pachctl("delete", "project", project_name, stdin="n\n", code=1)
    assert "data" in pachctl("list", "repo", "--project", project_name)
    pachctl("delete", "project", project_name, stdin="y\n" * 10)
    pachctl("delete", "project", f"{project_name}b", "--force")
    assert project_name not in pachctl("list", "project")


def test_107_repos_of_one_name_in_two_projects_know_nothing_of_each_other(pachctl, project_name):
    other = f"{project_name}b"
    for name in (project_name, other):
        pachctl("create", "project", name)
        pachctl("create", "repo", "data", "--project", name)
        pachctl("put", "file", "data@master:/a", "--project", name, stdin=name)
    assert pachctl("get", "file", "data@master:/a", "--project", other) == other
    pachctl("delete", "repo", "data", "--project", other)
    assert pachctl("get", "file", "data@master:/a", "--project", project_name) == project_name
